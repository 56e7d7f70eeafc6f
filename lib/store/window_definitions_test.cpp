// SPDX-License-Identifier: GPL-3.0-or-later
// A window gets the definitions of its series as they are now, packed before or not.
#include "lib/store/window_definitions.hpp"

#include <gtest/gtest.h>

namespace outstation::store {
namespace {

wire::SeriesDef def_of(std::uint32_t number) {
    return {number, "device", "metric_" + std::to_string(number), {}, SeriesKind::gauge, "1.3", 1.0};
}

std::vector<wire::SeriesDef> packed(WindowDefinitions& definitions, const Dictionary& dictionary,
                                    const std::vector<std::uint32_t>& series) {
    std::vector<wire::SeriesDef> out;
    const auto chunks = definitions.pack(dictionary, series);
    if (!chunks) return out;
    for (const ChunkRow& chunk : **chunks) {
        const auto defs = unpack_definitions(chunk).value();
        out.insert(out.end(), defs.begin(), defs.end());
    }
    return out;
}

TEST(WindowDefinitionsTest, FollowTheSeriesAndTheirChanges) {
    Dictionary dictionary;
    std::vector<wire::SeriesDef> defs;
    std::vector<std::uint32_t> series;
    for (std::uint32_t number = 1; number <= kMaxChunkItems + 2; ++number) {
        defs.push_back(def_of(number));
        series.push_back(dictionary.define(defs.back()).value());
    }
    WindowDefinitions definitions;
    EXPECT_EQ(packed(definitions, dictionary, series), defs);
    EXPECT_EQ(packed(definitions, dictionary, series), defs) << "as packed before";
    defs[1].oid = "1.3.6";
    ASSERT_TRUE(dictionary.define(defs[1]));
    EXPECT_EQ(packed(definitions, dictionary, series), defs);
    EXPECT_EQ(packed(definitions, dictionary, {2}), std::vector{defs[1]});
    const std::uint32_t unknown = dictionary.last() + 1;
    EXPECT_EQ(packed(definitions, dictionary, {2, unknown}), std::vector{defs[1]});
    ASSERT_EQ(dictionary.define(def_of(unknown)).value(), unknown);
    EXPECT_EQ(packed(definitions, dictionary, {2, unknown}), (std::vector{defs[1], def_of(unknown)}));
}

// To the octet what the definitions are packed to one by one.
TEST(WindowDefinitionsTest, ArePackedAsOthersAre) {
    Dictionary dictionary;
    std::vector<wire::SeriesDef> defs;
    for (std::uint32_t number = 1; number <= 60; ++number) {
        wire::SeriesDef def = def_of(number);
        def.device += std::to_string(number / 20);
        def.labels = {{"if_name", std::to_string(number)}};
        if (number % 7 == 0) def.scale = 0.1;
        if (number % 5 == 0) def.oid.clear();
        ASSERT_TRUE(dictionary.define(def));
        if (number % 3 != 0) defs.insert(number % 2 == 0 ? defs.end() : defs.begin(), def);
    }
    std::vector<std::uint32_t> series;
    for (const wire::SeriesDef& def : defs) series.push_back(def.id);
    WindowDefinitions definitions;
    const auto chunks = definitions.pack(dictionary, series);
    ASSERT_TRUE(chunks);
    ASSERT_EQ((*chunks)->size(), 1U);
    EXPECT_EQ((*chunks)->front().body, pack_definitions(defs).value().body);
    EXPECT_EQ(packed(definitions, dictionary, series), defs);
}

// They are kept from window to window.
TEST(WindowDefinitionsTest, TakeNoMoreMemoryThanTheirOctets) {
    Dictionary dictionary;
    std::vector<std::uint32_t> series;
    for (std::uint32_t number = 1; number <= 2 * kMaxChunkItems; ++number)
        series.push_back(dictionary.define(def_of(number)).value());
    WindowDefinitions definitions;
    const auto chunks = definitions.pack(dictionary, series);
    ASSERT_TRUE(chunks);
    ASSERT_EQ((*chunks)->size(), 2U);
    for (const ChunkRow& chunk : **chunks) EXPECT_LE(chunk.body.capacity(), chunk.body.size() + 64);
}

}  // namespace
}  // namespace outstation::store
