// SPDX-License-Identifier: GPL-3.0-or-later
// What a definition may be, and that those of one frame always fit in it.
#include "lib/store/dictionary.hpp"

#include <gtest/gtest.h>

#include "lib/store/journal/format.hpp"
#include "lib/store/store.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

wire::SeriesDef def_of(std::size_t number, std::size_t label_octets) {
    wire::SeriesDef def{0, "device", "metric_" + std::to_string(number), {}, SeriesKind::gauge, "1.3", 1.0};
    while (label_octets > 0) {
        const std::size_t octets = std::min<std::size_t>(label_octets, 1000);
        def.labels.push_back({"l", std::string(octets, 'x')});
        label_octets -= octets;
    }
    return def;
}

std::string reason(const wire::SeriesDef& def) {
    const auto ok = check_series(def);
    if (ok) return "";
    EXPECT_EQ(ok.error().code, ErrorCode::malformed);
    return ok.error().text;
}

TEST(DictionaryTest, SaysWhatIsWrongWithADefinition) {
    EXPECT_EQ(reason(def_of(1, 3900)), "");
    EXPECT_EQ(reason(def_of(1, 5000)), "series definition with texts of 5022 octets, at most 4096");
    auto def = def_of(1, 0);
    def.device = std::string(1025, 'x');
    EXPECT_EQ(reason(def), "series definition: device of 1025 octets, at most 1024");
    def = def_of(1, 0);
    def.labels = {{std::string(1025, 'x'), ""}};
    EXPECT_EQ(reason(def), "series definition: name of a label of 1025 octets, at most 1024");
    def.labels.assign(33, {"a", "b"});
    EXPECT_EQ(reason(def), "series definition with 33 labels, at most 32");
    def.labels.clear();
    def.metric.clear();
    EXPECT_EQ(reason(def), "series definition without device or metric");
    EXPECT_FALSE(Dictionary().define(def));
}

// However many definitions of whatever length are asked for: those of the longest kMaxBatchValues series that
// were given, with the largest message of records beside them, are a frame.
TEST(DictionaryTest, TheDefinitionsOfAFrameAlwaysFit) {
    for (const std::size_t label_octets : {200U, 300U, 600U, 3900U}) {
        Dictionary dictionary;
        wire::FrameBody body;
        std::size_t refused = 0;
        std::size_t octets = 0;
        for (std::size_t i = 0; i < kMaxBatchValues; ++i) {
            const auto def = def_of(i, i % 2 == 0 ? label_octets : 250);
            const auto id = dictionary.define(def);
            if (!id) {
                EXPECT_EQ(id.error().code, ErrorCode::exhausted);
                ++refused;
                continue;
            }
            octets += dictionary.encoded_octets(*id);
            if (i % 16 == 0) body.series.push_back(*dictionary.find(*id));
        }
        EXPECT_EQ(refused > 0, label_octets > 300) << label_octets;
        EXPECT_LE(octets + (8U << 20), kMaxBodyOctets) << label_octets;
        std::size_t told = 0;
        for (const auto& def : body.series) told += dictionary.encoded_octets(def.id);
        EXPECT_LE(wire::encode(body).size(), told);
    }
}

// Room that a definition gives back is room for another.
TEST(DictionaryTest, ADefinitionThatBecomesShorterGivesItsRoomBack) {
    Dictionary dictionary;
    std::size_t number = 0;
    auto def = def_of(number, 3000);
    def.oid = std::string(1000, '1');
    while (dictionary.define(def))
        def = [&] {
            auto next = def_of(++number, 3000);
            next.oid = std::string(1000, '1');
            return next;
        }();
    ASSERT_GT(number, 100U);
    EXPECT_TRUE(dictionary.define(def_of(number + 1, 100)));  // an ordinary one has room
    for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(dictionary.define(def_of(i, 3000)));
    EXPECT_TRUE(dictionary.define(def));
}

wire::SeriesDef series_of(const std::string& device, const std::string& metric) {
    return {0, device, metric, {{"a", "b"}, {"c", "d"}}, SeriesKind::counter, "1.3", 0.5};
}

TEST(DictionaryTest, DefinitionsGoIntoAFrameAsTheyAre) {
    Dictionary dictionary;
    for (const char* metric : {"a", "b", "c"}) ASSERT_TRUE(dictionary.define(series_of("sw-1", metric)));
    wire::FrameBody more;
    more.series.push_back(series_of("sw-2", "d"));
    std::string bytes;
    dictionary.append_definitions({3, 99, 1}, bytes);
    const auto body = wire::decode<wire::FrameBody>(bytes + wire::encode(more)).value();
    const std::vector<wire::SeriesDef> expected{*dictionary.find(3), *dictionary.find(1), more.series[0]};
    EXPECT_EQ(body.series, expected);
}

TEST(DictionaryTest, GivesBackWhatWasDefined) {
    Dictionary dictionary;
    const wire::SeriesDef gauge{0, "d", "m", {}, SeriesKind::gauge, "", 1.0};
    for (wire::SeriesDef def : {series_of("sw-1", "m"), gauge}) {
        const auto id = dictionary.define(def).value();
        EXPECT_EQ(dictionary.define(def), id);
        def.id = id;
        EXPECT_EQ(dictionary.find(id), def);
        EXPECT_GE(dictionary.encoded_octets(id), wire::encode(def).size() + 2);
    }
    // The same series, whatever it is called at its device; others by any of the rest.
    auto def = series_of("sw-1", "m");
    def.oid = "1.3.6";
    def.scale = 2.0;
    EXPECT_EQ(dictionary.define(def), 1U);
    EXPECT_EQ(dictionary.changes(), 1U);
    EXPECT_EQ(dictionary.find(1)->oid, "1.3.6");
    EXPECT_EQ(dictionary.find(1)->scale, 2.0);
    def.labels.pop_back();
    EXPECT_EQ(dictionary.define(def), 3U);
    def.kind = SeriesKind::gauge;
    EXPECT_EQ(dictionary.define(def), 4U);
    EXPECT_EQ(dictionary.size(), 4U);
    EXPECT_FALSE(dictionary.find(5));
}

// As a file has them that was written before and after a number was given to another series.
TEST(DictionaryTest, ARestoredSeriesHasTheNumberThatWasReadLast) {
    constexpr std::uint32_t kSeries = 1000;
    Dictionary dictionary;
    for (std::uint32_t turn = 0; turn < 3; ++turn) {
        for (std::uint32_t i = 0; i < kSeries; ++i) {
            auto def = series_of("sw-1", "m" + std::to_string(i));
            def.id = 1 + (i + turn) % kSeries;
            dictionary.restore(def);
        }
    }
    EXPECT_EQ(dictionary.size(), kSeries);
    for (std::uint32_t i = 0; i < kSeries; ++i)
        EXPECT_EQ(dictionary.define(series_of("sw-1", "m" + std::to_string(i))), 1 + (i + 2) % kSeries) << i;
}

TEST(DictionaryTest, VisitsOnlyWhatIsWanted) {
    Dictionary dictionary;
    for (const std::string& device :
         {std::string("sw-1"), std::string("sw-10"), std::string("sw"), std::string(300, 'x')}) {
        for (const char* metric : {"m", "mm"}) ASSERT_TRUE(dictionary.define(series_of(device, metric)));
    }
    const auto visited = [&](std::uint32_t first, const std::string& device, const std::string& metric) {
        std::vector<std::uint32_t> out;
        dictionary.visit({first, device, metric}, [&](const Dictionary::Encoded& def) {
            EXPECT_EQ(wire::decode<wire::SeriesDef>(def.bytes).value().id, def.id);
            EXPECT_EQ(def.kind, SeriesKind::counter);
            out.push_back(def.id);
            return true;
        });
        return out;
    };
    using Ids = std::vector<std::uint32_t>;
    EXPECT_EQ(visited(1, "sw-1", ""), Ids({1, 2}));
    EXPECT_EQ(visited(2, "sw-1", ""), Ids({2}));
    EXPECT_EQ(visited(1, "", "m"), Ids({1, 3, 5, 7}));
    EXPECT_EQ(visited(1, std::string(300, 'x'), "mm"), Ids({8}));
    EXPECT_EQ(visited(1, "", ""), Ids({1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(visited(1, "sw-", ""), Ids());
    EXPECT_EQ(visited(9, "", ""), Ids());
}

}  // namespace
}  // namespace outstation::store
