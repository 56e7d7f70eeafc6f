// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of columns: every row comes back to the bit, damage is found, hostile bytes are refused.
#include "lib/store/columns/block.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace outstation::store {
namespace {

constexpr std::int64_t kStart = 1'763'700'000'000'000'000;
constexpr std::int64_t kMinute = 60'000'000'000;

wire::WireStamp stamp_at(std::int64_t wall_ns, std::string boot_id = "0123456789abcdef") {
    return {wall_ns, wall_ns - kStart + 77, std::move(boot_id), ClockQuality::synchronised};
}

// Equal to the bit: NaN is equal to itself, 0 is not -0.
bool same(const NumberedRecord& a, const NumberedRecord& b) {
    if (a.record.gauges.size() != b.record.gauges.size()) return false;
    for (std::size_t i = 0; i < a.record.gauges.size(); ++i) {
        if (std::bit_cast<std::uint64_t>(a.record.gauges[i]) !=
            std::bit_cast<std::uint64_t>(b.record.gauges[i]))
            return false;
    }
    return a.sequence == b.sequence && a.record.device == b.record.device &&
           a.record.stamp == b.record.stamp && a.record.counter_series == b.record.counter_series &&
           a.record.counters == b.record.counters && a.record.gauge_series == b.record.gauge_series;
}

void expect_same(const std::vector<NumberedRecord>& want, const std::vector<NumberedRecord>& got) {
    ASSERT_EQ(want.size(), got.size());
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(same(want[i], got[i])) << "row " << i;
}

BlockBuilder builder_of(const std::vector<NumberedRecord>& rows) {
    BlockBuilder builder(rows.empty() ? "" : rows.front().record.device);
    for (const auto& row : rows) {
        const auto added = builder.add(row.sequence, row.record);
        EXPECT_TRUE(added) << added.error().text;
    }
    return builder;
}

std::vector<NumberedRecord> read(std::string bytes) {
    auto block = BlockReader::open(std::move(bytes));
    EXPECT_TRUE(block) << block.error().text;
    if (!block) return {};
    const auto verified = block->verify();
    EXPECT_TRUE(verified) << verified.error().text;
    const auto records = block->records();
    EXPECT_TRUE(records) << records.error().text;
    return records ? *records : std::vector<NumberedRecord>{};
}

void expect_round_trip(const std::vector<NumberedRecord>& rows) {
    expect_same(rows, read(builder_of(rows).encode()));
}

// Rows as a device gives them: some series still, some moving, some missing now and then.
std::vector<NumberedRecord> plausible(std::size_t rows, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<NumberedRecord> out;
    std::uint64_t octets = random() >> 20;
    double degrees = 21.5;
    for (std::size_t i = 0; i < rows; ++i) {
        octets += 1'000'000 + random() % 500'000;
        degrees += random() % 4 == 0 ? 0.1 : 0;
        wire::SampleRecord record{
            "sw-01", stamp_at(kStart + static_cast<std::int64_t>(i) * kMinute), {}, {}, {}, {}};
        record.stamp.wall_ns += static_cast<std::int64_t>(random() % 20'000'000);
        record.counter_series = {7, 9, 8};
        record.counters = {octets, 4, i == rows / 2 ? 3 : octets / 3};
        if (random() % 9 != 0) {
            record.gauge_series.push_back(3);
            record.gauges.push_back(std::round(degrees * 10) / 10);
        }
        record.gauge_series.push_back(4);
        record.gauges.push_back(static_cast<double>(random() % 1000) * 0.1);
        out.push_back({1000 + i * 17 + random() % 3, std::move(record)});
    }
    return out;
}

TEST(Block, PlausibleRowsComeBack) {
    for (const std::size_t rows : {1U, 2U, 3U, 120U, 1440U}) expect_round_trip(plausible(rows, rows));
    expect_same({}, read(BlockBuilder("").encode()));
}

TEST(Block, EveryBitOfEveryDoubleComesBack) {
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<double> special = {0.0,
                                         -0.0,
                                         inf,
                                         -inf,
                                         1e308,
                                         5e-324,
                                         -5e-324,
                                         0.1,
                                         0.1 * 3,
                                         235 * 0.1,
                                         9007199254740993.0,
                                         -1e15,
                                         1e22,
                                         23.45,
                                         std::bit_cast<double>(0x7ff8000000000001ULL),
                                         std::bit_cast<double>(0xfff0dead0000beefULL)};
    std::mt19937_64 random(5);
    for (int run = 0; run < 200; ++run) {
        std::vector<NumberedRecord> rows;
        for (std::size_t i = 0; i < 1 + random() % 40; ++i) {
            wire::SampleRecord record{"d", stamp_at(kStart), {}, {}, {1, 2}, {}};
            record.gauges.push_back(special[random() % special.size()]);
            record.gauges.push_back(std::bit_cast<double>(random()));
            rows.push_back({random(), std::move(record)});
        }
        expect_round_trip(rows);
    }
}

TEST(Block, ExtremesOfCountersAndStampsComeBack) {
    std::mt19937_64 random(6);
    const std::uint64_t extremes[] = {0,         1, UINT64_MAX, UINT64_MAX - 1, 1ULL << 63, (1ULL << 63) - 1,
                                      1ULL << 32};
    for (int run = 0; run < 300; ++run) {
        std::vector<NumberedRecord> rows;
        for (std::size_t i = 0; i < 1 + random() % 30; ++i) {
            const auto any = [&] {
                return random() % 3 == 0 ? random() >> random() % 64 : extremes[random() % 7];
            };
            wire::SampleRecord record{"d", {}, {5}, {any()}, {}, {}};
            record.stamp.wall_ns = static_cast<std::int64_t>(any());
            record.stamp.mono_ns = static_cast<std::int64_t>(any());
            record.stamp.quality = ClockQuality{static_cast<std::uint8_t>(random() % 4)};
            record.stamp.boot_id = random() % 2 == 0 ? "" : std::string(1 + random() % 3, 'b');
            rows.push_back({any(), std::move(record)});
        }
        expect_round_trip(rows);
    }
}

TEST(Block, AnyShapeOfRowComesBackInItsOrder) {
    std::mt19937_64 random(7);
    for (int run = 0; run < 100; ++run) {
        std::vector<NumberedRecord> rows;
        for (std::size_t i = 0; i < 1 + random() % 20; ++i) {
            wire::SampleRecord record{"d", stamp_at(kStart), {}, {}, {}, {}};
            for (std::size_t k = random() % 6; k > 0; --k) {  // also the same series twice, or none
                record.counter_series.push_back(static_cast<std::uint32_t>(random() % 4));
                record.counters.push_back(random() % 100);
                record.gauge_series.push_back(UINT32_MAX - static_cast<std::uint32_t>(random() % 4));
                record.gauges.push_back(0.5);
            }
            rows.push_back({i, std::move(record)});
        }
        expect_round_trip(rows);
    }
}

TEST(Block, ABuilderKnowsItsOwnBlockFromAnother) {
    const auto rows = plausible(20, 3);
    auto block = BlockReader::open(builder_of(rows).encode()).value();
    EXPECT_TRUE(builder_of(rows).is_in(block));
    EXPECT_FALSE(builder_of({rows.begin(), rows.end() - 1}).is_in(block));
    const auto differs = [&](const std::function<void(NumberedRecord&)>& change) {
        auto others = rows;
        change(others[11]);
        return !builder_of(others).is_in(block);
    };
    EXPECT_FALSE(differs([](NumberedRecord&) {}));
    EXPECT_TRUE(differs([](NumberedRecord& row) { ++row.sequence; }));
    EXPECT_TRUE(differs([](NumberedRecord& row) { ++row.record.stamp.mono_ns; }));
    EXPECT_TRUE(differs([](NumberedRecord& row) { row.record.stamp.boot_id = "another"; }));
    EXPECT_TRUE(differs([](NumberedRecord& row) { ++row.record.counters[2]; }));
    EXPECT_TRUE(differs([](NumberedRecord& row) { row.record.counter_series = {7, 8, 9}; }));
    EXPECT_TRUE(differs([](NumberedRecord& row) {
        row.record.gauge_series = {4};
        row.record.gauges = {1};
    }));
    auto gauges = rows;
    gauges[0].record.gauge_series = {3};
    gauges[0].record.gauges = {0.0};
    auto zero = BlockReader::open(builder_of(gauges).encode()).value();
    gauges[0].record.gauges = {-0.0};
    EXPECT_FALSE(builder_of(gauges).is_in(zero)) << "to the bit";
}

TEST(Block, OneColumnIsReadWithItsRows) {
    const auto rows = plausible(300, 1);
    auto block = BlockReader::open(builder_of(rows).encode());
    ASSERT_TRUE(block);
    const auto index = block->find({3, SeriesKind::gauge, Part::value});
    ASSERT_TRUE(index);
    ColumnData column;
    ASSERT_TRUE(block->column(*index, column));
    ASSERT_EQ(column.rows.size(), column.gauges.size());
    EXPECT_TRUE(column.counters.empty());
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (rows[i].record.gauge_series.size() < 2) continue;
        ASSERT_LT(at, column.rows.size());
        EXPECT_EQ(column.rows[at], i);
        EXPECT_EQ(column.gauges[at++], rows[i].record.gauges[0]);
    }
    EXPECT_EQ(at, column.rows.size());
    EXPECT_EQ(block->find({3, SeriesKind::counter, Part::value}).error().code, ErrorCode::not_found);
}

// The wall clock first, then a column, then the other stamps: none waits for what is behind it.
TEST(Block, TheWallClockIsReadAlone) {
    const auto rows = plausible(200, 5);
    auto block = BlockReader::open(builder_of(rows).encode()).value();
    const auto wall_ns = block.wall_ns();
    ASSERT_TRUE(wall_ns);
    ASSERT_EQ((*wall_ns)->size(), rows.size());
    ColumnData data;
    ASSERT_TRUE(block.column(0, data));
    const RowStamps& stamps = **block.stamps();
    EXPECT_EQ(stamps.wall_ns, **wall_ns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ((**wall_ns)[i], rows[i].record.stamp.wall_ns);
        EXPECT_EQ(stamps.stamp(i), rows[i].record.stamp);
        EXPECT_EQ(stamps.sequence[i], rows[i].sequence);
    }
    EXPECT_TRUE(BlockReader::open(builder_of({}).encode()).value().wall_ns().value()->empty());
}

TEST(Block, RollUpRowsHoldTheirParts) {
    BlockBuilder builder("d");
    const std::vector<Cell> cells = {{{1, SeriesKind::gauge, Part::mean}, 0, 2.5},
                                     {{1, SeriesKind::counter, Part::count}, 60, 0},
                                     {{1, SeriesKind::gauge, Part::maximum}, 0, 9.0}};
    ASSERT_TRUE(builder.add_row(0, {}, cells));
    ASSERT_TRUE(builder.add_row(0, {}, cells));
    auto block = BlockReader::open(builder.encode());
    ASSERT_TRUE(block);
    ColumnData column;
    ASSERT_TRUE(block->column(block->find(cells[1].key).value(), column));
    EXPECT_EQ(column.counters, (std::vector<std::uint64_t>{60, 60}));
    ASSERT_TRUE(block->column(block->find(cells[2].key).value(), column));
    EXPECT_EQ(column.gauges, (std::vector<double>{9.0, 9.0}));
    EXPECT_EQ(block->records().error().code, ErrorCode::refused);
}

TEST(Block, LimitsAreKeptAndLeaveTheBuilderAsItWas) {
    BlockBuilder builder("d");
    wire::SampleRecord record{"d", stamp_at(kStart), {}, {}, {}, {}};
    EXPECT_EQ(builder.add(1, {"other", {}, {}, {}, {}, {}}).error().code, ErrorCode::malformed);
    EXPECT_EQ(builder.add(1, {"d", {}, {1}, {}, {}, {}}).error().code, ErrorCode::malformed);
    for (std::uint32_t i = 0; i < 100; ++i) {
        record.counter_series.push_back(i);
        record.counters.push_back(i);
    }
    std::size_t rows = 0;
    while (builder.add(rows, record)) ++rows;
    EXPECT_EQ(rows, kMaxBlockValues / 100);
    EXPECT_EQ(builder.add(rows, record).error().code, ErrorCode::exhausted);
    record.counter_series.clear();
    record.counters.clear();
    while (builder.add(rows, record)) ++rows;
    EXPECT_EQ(rows, kMaxBlockRows);
    EXPECT_EQ(read(builder.encode()).size(), kMaxBlockRows);
    BlockBuilder wide("d");
    for (std::uint32_t i = 0; i < kMaxBlockColumns; i += 1024) {
        std::vector<Cell> cells(1024);
        for (std::uint32_t k = 0; k < 1024; ++k) cells[k].key.series = i + k;
        ASSERT_TRUE(wide.add_row(0, {}, cells));
    }
    EXPECT_EQ(wide.add_row(0, {}, {{{kMaxBlockColumns, SeriesKind::gauge, Part::value}, 0, 0}}).error().code,
              ErrorCode::exhausted);
    EXPECT_EQ(read(wide.encode()).size(), kMaxBlockColumns / 1024);
}

TEST(Block, AnyFlippedBitIsFound) {
    const std::string bytes = builder_of(plausible(40, 4)).encode();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        auto block = BlockReader::open(std::move(bad));
        EXPECT_FALSE(block && block->verify()) << bit;
    }
    for (std::size_t octets = 0; octets < bytes.size(); ++octets)
        EXPECT_FALSE(BlockReader::open(bytes.substr(0, octets))) << octets;
    EXPECT_FALSE(BlockReader::open(bytes + '\0'));
}

// A block large enough for several groups: what stands in the undamaged ones is still read.
TEST(Block, DamageInOneGroupLeavesTheOthers) {
    std::mt19937_64 random(8);
    BlockBuilder builder("d");
    for (std::size_t i = 0; i < 2000; ++i) {
        wire::SampleRecord record{
            "d", stamp_at(kStart + static_cast<std::int64_t>(random() % 999'999)), {}, {}, {}, {}};
        for (std::uint32_t k = 0; k < 40; ++k) {
            record.counter_series.push_back(k);
            record.counters.push_back(random() % 100'000);
        }
        ASSERT_TRUE(builder.add(i, record));
    }
    std::string bytes = builder.encode();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    auto block = BlockReader::open(std::move(bytes));
    ASSERT_TRUE(block);
    ColumnData column;
    EXPECT_TRUE(block->column(0, column));
    EXPECT_EQ(column.counters.size(), 2000U);
    EXPECT_EQ(block->column(39, column).error().code, ErrorCode::malformed);
    EXPECT_EQ(block->verify().error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace outstation::store
