// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of history: the worked examples of docs/formats/history.md, names, spans, hostile heads.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "lib/store/history/coverage.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/history/roll_up.hpp"
#include "lib/store/history/rows.hpp"
#include "lib/store/journal/crc32c.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kNewYearNs = 1'767'225'600 * kSecondNs;  // 2026-01-01 00:00 UTC
constexpr std::int64_t kHourNs = 3600 * kSecondNs;
constexpr char kName[] = "raw-20260101T02-2h-00123456789a-00000000000000000361.db";

// The octets of a block that begins with "```hex NAME".
std::string example(const std::string& name) {
    std::ifstream file("docs/formats/history.md");
    std::string line;
    while (std::getline(file, line) && line != "```hex " + name) continue;
    std::string out;
    while (std::getline(file, line) && line != "```") {
        std::istringstream octets(line);
        for (std::string octet; octets >> octet;)
            out.push_back(static_cast<char>(std::stoul(octet, nullptr, 16)));
    }
    return out;
}

Head example_head() {
    Head out;
    for (std::size_t i = 0; i < out.identity.station.size(); ++i)
        out.identity.station[i] = static_cast<char>(0xa0 + i);
    out.identity.epoch = 0x123456789a;
    out.start_ns = kNewYearNs + 2 * kHourNs;
    out.sequences = {361, 720};
    out.t0_ns = out.start_ns + 123'456;
    out.t1_ns = out.start_ns + 7199 * kSecondNs;
    out.records = out.minutes = 360;
    out.values = 2880;
    out.blocks = out.devices = 3;
    return out;
}

TEST(HistoryFormat, HeadAndNameAreAsDocumented) {
    const std::string bytes = example("head");
    ASSERT_EQ(bytes.size(), kHeadOctets);
    const auto head = parse_head(bytes);
    ASSERT_TRUE(head) << head.error().text;
    EXPECT_EQ(*head, example_head());
    EXPECT_EQ(encode_head(example_head()), bytes);
    EXPECT_EQ(history_name(*head), kName);
}

TEST(HistoryFormat, PageChecksumIsAsDocumented) {
    std::string page(4096, '\0');
    seal_page(page, 5);
    EXPECT_EQ(page.substr(4092), example("page"));
}

TEST(HistoryFormat, AnyChangedBitOfAHeadIsSeen) {
    const std::string bytes = encode_head(example_head());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(parse_head(bad));
    }
    EXPECT_FALSE(parse_head(bytes.substr(1)));
    EXPECT_FALSE(parse_head(""));
}

TEST(HistoryFormat, ANewerVersionIsRefusedNotCalledDamage) {
    std::string bytes = encode_head(example_head());
    bytes[8] = 3;
    bytes.resize(kHeadOctets - 4);
    const std::uint32_t crc = crc32c(bytes);
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(crc >> (8 * i)));
    EXPECT_EQ(parse_head(bytes).error().code, ErrorCode::refused);
}

TEST(HistoryFormat, NamesRoundTripAndOthersAreNotNames) {
    const auto head = parse_history_name(kName);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->start_ns, example_head().start_ns);
    EXPECT_EQ(head->sequences.first, 361U);
    EXPECT_EQ(head->identity.epoch, 0x123456789aU);
    for (const char* name : {"", "raw", "raw-20260101T02-2h-00123456789a-361.db",
                             "raw-20261301T02-2h-00123456789a-00000000000000000361.db",
                             "raw-20260101T25-2h-00123456789a-00000000000000000361.db",
                             "m2-20260101T02-2h-00123456789a-00000000000000000361.db",
                             "raw-20260101T02-2h-00123456789a-00000000000000000361.db.new",
                             "raw-20260101T02-2h-00123456789a-00000000000000000361.dbx",
                             "raw-20260101T02-3h-00123456789a-00000000000000000361.db",
                             "raw-20260101T02-2h-00123456789A-00000000000000000361.db",
                             "raw-20260101T02-2h-00123456789a-99999999999999999999999.db"})
        EXPECT_FALSE(parse_history_name(name)) << name;
}

TEST(HistoryFormat, SpansFollowTheCalendar) {
    EXPECT_EQ(span_start_ns(Span::window, kNewYearNs + 3 * kHourNs), kNewYearNs + 2 * kHourNs);
    EXPECT_EQ(span_start_ns(Span::day, kNewYearNs + 25 * kHourNs), kNewYearNs + 24 * kHourNs);
    const std::int64_t february = kNewYearNs + 31 * 24 * kHourNs;
    EXPECT_EQ(span_start_ns(Span::month, february + 20 * 24 * kHourNs), february);
    EXPECT_EQ(span_end_ns(Span::month, february), february + 28 * 24 * kHourNs);
    EXPECT_EQ(span_end_ns(Span::month, kNewYearNs), february);
    EXPECT_EQ(span_start_ns(Span::day, -5), 0);
    for (const std::int64_t time_ns :
         {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        Head head;
        head.start_ns = span_start_ns(Span::month, time_ns);
        EXPECT_TRUE(parse_history_name(history_name(head))) << history_name(head);
    }
}

TEST(HistoryFormat, DefinitionsRoundTripAndPackWell) {
    std::vector<wire::SeriesDef> defs;
    for (std::uint32_t id = 1; id <= 3000; ++id) {
        wire::SeriesDef def;
        def.id = id * (id % 7 == 0 ? 3 : 1);  // not ascending
        def.device = "switch-" + std::to_string(id / 60);
        def.metric = "interface_receive_bytes_total_" + std::to_string(id % 60);
        def.labels = {{"component", std::to_string(id % 60)}};
        def.oid = "1.3.6.1.2.1.31.1.1.1.6." + std::to_string(id % 60);
        defs.push_back(def);
    }
    const auto chunk = pack_definitions(defs);
    ASSERT_TRUE(chunk);
    EXPECT_LT(chunk->body.size(), defs.size() * 8);
    EXPECT_EQ(unpack_definitions(*chunk).value(), defs);
    ChunkRow bad = *chunk;
    bad.body[bad.body.size() / 2] ^= 1;
    EXPECT_EQ(unpack_definitions(bad).error().code, ErrorCode::malformed);
    bad = *chunk;
    bad.octets = ~std::uint32_t{0};
    EXPECT_EQ(unpack_definitions(bad).error().code, ErrorCode::malformed);
}

TEST(HistoryFormat, CoverageJoinsRanges) {
    Coverage coverage;
    coverage.add({1, 10});
    coverage.add({21, 30});
    EXPECT_FALSE(coverage.contains({5, 25}));
    EXPECT_TRUE(coverage.overlaps({5, 25}));
    EXPECT_FALSE(coverage.overlaps({11, 20}));
    coverage.add({11, 20});
    EXPECT_EQ(coverage.ranges(), (std::vector<SequenceRange>{{1, 30}}));
    coverage.add({1, ~std::uint64_t{0}});
    EXPECT_TRUE(coverage.contains({7, ~std::uint64_t{0}}));
}

TEST(HistoryPoints, AResetAGapAndAStepBackGiveNoRate) {
    const CounterPoint before{10 * kSecondNs, 100};
    EXPECT_EQ(rate_between(before, {20 * kSecondNs, 150}, 30 * kSecondNs), 5.0);
    EXPECT_FALSE(rate_between(before, {20 * kSecondNs, 99}, 30 * kSecondNs));
    EXPECT_FALSE(rate_between(before, {50 * kSecondNs, 150}, 30 * kSecondNs));
    EXPECT_FALSE(rate_between(before, {9 * kSecondNs, 150}, 30 * kSecondNs));
    EXPECT_FALSE(rate_between({}, {20 * kSecondNs, 150}, 30 * kSecondNs));
    EXPECT_EQ(max_gap_ns({0, 10, 20, 1000, 1010}), 30);
    EXPECT_FALSE(max_gap_ns({5}));
}

TEST(HistoryRollUp, ExactWhereItSaysSoAndJoinsBuckets) {
    RollUp first("d", Level::m15), second("d", Level::m15), whole("d", Level::m15);
    std::mt19937_64 random(1);
    for (int i = 0; i < 200; ++i) {
        DevicePoints::Point point;
        point.series = 7;
        point.wall_ns = kNewYearNs + i * 11 * kSecondNs;
        point.gauge = static_cast<double>(random() % 100'000) / 100.0;
        point.value = point.gauge;
        (i < 77 ? first : second).add(point);
        whole.add(point);
    }
    RollUp joined("d", Level::m15);
    for (RollUp* const part : {&first, &second}) {
        const auto rows = part->take(RollUp::Take::all, {1, 2}, 0);
        ASSERT_TRUE(rows);
        ASSERT_EQ(rows->size(), 1U);
        auto block = BlockReader::open(rows->front().body);
        ASSERT_TRUE(block) << block.error().text;
        joined.add(read_buckets(*block, 7).value());
    }
    const auto read = [](RollUp& roll_up) {
        auto block = BlockReader::open(roll_up.take(RollUp::Take::all, {1, 2}, 0).value().at(0).body).value();
        return read_buckets(block, 7).value();
    };
    const BucketColumn a = read(joined), b = read(whole);
    ASSERT_EQ(a.buckets.size(), b.buckets.size());
    for (std::size_t i = 0; i < a.buckets.size(); ++i) {
        EXPECT_EQ(a.buckets[i].count, b.buckets[i].count);
        EXPECT_EQ(a.buckets[i].minimum, b.buckets[i].minimum);
        EXPECT_EQ(a.buckets[i].maximum, b.buckets[i].maximum);
        EXPECT_EQ(a.buckets[i].last_gauge, b.buckets[i].last_gauge);
        EXPECT_NEAR(a.buckets[i].mean(), b.buckets[i].mean(), b.buckets[i].mean() / 8000);
    }
}

// The mean of two gauges, as a reader of their roll-up has it.
double mean_of(double a, double b) {
    RollUp roll_up("d", Level::m15);
    for (const double value : {a, b}) {
        DevicePoints::Point point;
        point.series = 7;
        point.wall_ns = kNewYearNs;
        point.gauge = value;
        point.value = value;
        roll_up.add(point);
    }
    const auto rows = roll_up.take(RollUp::Take::all, {1, 2}, 0).value();
    auto block = BlockReader::open(rows.at(0).body).value();
    return read_buckets(block, 7).value().buckets.at(0).mean();
}

TEST(HistoryRollUp, AMeanHasTheDecimalPlacesThatItNeeds) {
    EXPECT_EQ(mean_of(20.0, 21.0), 20.5);
    EXPECT_EQ(mean_of(20.0, 21.00314159), 20.5016) << "1/1024 of the distance";
    EXPECT_EQ(mean_of(0.0, 1.23456789), 0.61728) << "1/8192 of the mean";
    EXPECT_EQ(mean_of(-1.0, 1.00001), 0.000005) << "1/1048576 of the distance";
    EXPECT_EQ(mean_of(1.7e9, 1.7e9 + 3601), 1.7e9 + 1801) << "whole";
    EXPECT_NEAR(mean_of(1e-12, 2e-12), 1.5e-12, 1e-18) << "nine places are not enough";
    EXPECT_NEAR(mean_of(1e300, 3e300), 2e300, 1e294) << "no whole number";
}

TEST(HistoryRollUp, BucketsOfTimesBefore1970AreNotWrong) {
    EXPECT_EQ(bucket_start_ns(-1, 60), -60);
    EXPECT_EQ(bucket_start_ns(-60, 60), -60);
    EXPECT_EQ(bucket_start_ns(119, 60), 60);
    const auto least = std::numeric_limits<std::int64_t>::min();
    EXPECT_LE(bucket_start_ns(least + 100, 60), least + 100);
}

}  // namespace
}  // namespace outstation::store
