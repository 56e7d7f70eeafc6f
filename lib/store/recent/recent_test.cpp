// SPDX-License-Identifier: GPL-3.0-or-later
// Rows in memory come back to the bit, by device and sequence, and go when they are forgotten.
#include "lib/store/recent/recent.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

namespace outstation::store {
namespace {

using wire::SampleRecord;
using Rows = std::vector<std::pair<std::uint64_t, SampleRecord>>;

// Octets, not values: a NaN equals itself here.
bool same(const SampleRecord& a, const SampleRecord& b) {
    if (a.gauges.size() != b.gauges.size()) return false;
    for (std::size_t i = 0; i < a.gauges.size(); ++i) {
        if (std::bit_cast<std::uint64_t>(a.gauges[i]) != std::bit_cast<std::uint64_t>(b.gauges[i]))
            return false;
    }
    return a.stamp == b.stamp && a.counter_series == b.counter_series && a.counters == b.counters &&
           a.gauge_series == b.gauge_series;
}

double odd_gauge(std::mt19937_64& random) {
    switch (random() % 8) {
        case 0:
            return std::numeric_limits<double>::quiet_NaN();
        case 1:
            return -0.0;
        case 2:
            return std::numeric_limits<double>::infinity();
        case 3:
            return std::bit_cast<double>(random());
        case 4:
            return static_cast<double>(random() % 1000) / 10.0;
        default:
            return static_cast<double>(random() % 3);
    }
}

SampleRecord random_record(std::mt19937_64& random, const std::string& device) {
    SampleRecord record;
    record.device = device;
    record.stamp.wall_ns = static_cast<std::int64_t>(random() % 5 == 0 ? random() : random() % 1000000);
    record.stamp.mono_ns = static_cast<std::int64_t>(random() % 5 == 0 ? random() : random() % 1000000);
    record.stamp.boot_id = std::string(random() % 17, static_cast<char>('a' + random() % 3));
    record.stamp.quality = static_cast<ClockQuality>(random() % 3);
    const std::size_t counters = random() % 4;
    for (std::size_t i = 0; i < counters; ++i) {
        record.counter_series.push_back(static_cast<std::uint32_t>(random() % 2 == 0 ? i + 1 : random()));
        record.counters.push_back(random() % 3 == 0 ? random() : random() % 100);
    }
    const std::size_t gauges = random() % 4;
    for (std::size_t i = 0; i < gauges; ++i) {
        record.gauge_series.push_back(static_cast<std::uint32_t>(random() % 2 == 0 ? 100 + i : random()));
        record.gauges.push_back(odd_gauge(random));
    }
    return record;
}

// Row by row.
RowChunk::Take put_in(Rows& rows, const std::string& device) {
    return [&rows, device](const RowGroup& group) {
        for (std::size_t i = 0; i < group.rows(); ++i)
            rows.emplace_back(group.stamps.sequence[i], group.record(device, i));
        return true;
    };
}

Rows read(const Recent& recent, const std::string& device, std::uint64_t last_sequence = UINT64_MAX) {
    Rows rows;
    recent.read(device, last_sequence, put_in(rows, device));
    return rows;
}

SampleRecord row(const std::string& device, std::int64_t wall_ns, double value) {
    SampleRecord record;
    record.device = device;
    record.stamp.wall_ns = wall_ns;
    record.gauge_series = {1};
    record.gauges = {value};
    return record;
}

std::vector<std::uint64_t> sequences(const Rows& rows) {
    std::vector<std::uint64_t> out;
    for (const auto& [sequence, record] : rows) out.push_back(sequence);
    return out;
}

Rows read(const RowChunk& chunk) {
    Rows rows;
    std::vector<RowGroup> memory;
    EXPECT_TRUE(chunk.read(0, UINT64_MAX, memory, put_in(rows, "d")));
    return rows;
}

// Also with what a chunk before has left behind: layouts and boot ids.
TEST(OpenRows, GivesRowsBackToTheBit) {
    std::mt19937_64 random(7);
    OpenRows open;
    for (int round = 0; round < 400; ++round) {
        if (round % 3 == 0) open = OpenRows();
        Rows rows;
        std::uint64_t sequence = random() % 1000 + 1;
        const std::size_t few = random() % OpenRows::kMaxRows + 1;
        while (rows.size() < few) {
            SampleRecord record = rows.empty() || random() % 2 == 0 ? random_record(random, "d")
                                                                    : rows[random() % rows.size()].second;
            if (!record.counters.empty()) record.counters[0] += random() % 1000;
            open.add(sequence, record);
            rows.emplace_back(sequence, record);
            sequence += 1 + random() % 3;
        }
        const RowChunk chunk = open.pack();
        EXPECT_EQ(chunk.first_sequence(), rows.front().first);
        EXPECT_EQ(chunk.last_sequence(), rows.back().first);
        const Rows again = read(chunk);
        ASSERT_EQ(again.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(again[i].first, rows[i].first);
            EXPECT_TRUE(same(again[i].second, rows[i].second)) << "round " << round << " row " << i;
        }
        open.clear();
        EXPECT_TRUE(open.empty());
    }
}

TEST(OpenRows, AreFullSoonerWhereRowsAreWide) {
    SampleRecord record;
    record.counter_series.assign(20'000, 1);
    record.counters.assign(20'000, ~std::uint64_t{0});
    OpenRows open;
    open.add(1, record);
    EXPECT_TRUE(open.full());
    EXPECT_EQ(read(open.pack())[0].second.counters, record.counters);
}

TEST(OpenRows, NeedFewOctetsForValuesThatHardlyMove) {
    OpenRows open;
    SampleRecord record = row("d", 0, 21.5);
    for (std::uint32_t i = 0; i < 59; ++i) {
        record.counter_series.push_back(i + 2);
        record.counters.push_back(1000000ULL * i);
    }
    for (std::uint64_t n = 1; !open.full(); ++n) {
        record.stamp.wall_ns += 60'000'000'000;
        record.stamp.mono_ns += 60'000'000'000;
        for (std::size_t i = 0; i < record.counters.size(); i += 2) record.counters[i] += 4000 + n;
        open.add(n, record);
    }
    EXPECT_LT(open.pack().octets(), 60U * OpenRows::kMaxRows * 2);
}

TEST(Recent, ReadsByDeviceAndSequence) {
    Recent recent;
    for (std::uint64_t n = 1; n <= 100; ++n)
        recent.add(2 * n - 1,
                   {row("a", static_cast<std::int64_t>(n), 1), row("b", static_cast<std::int64_t>(n), 2)});
    EXPECT_EQ(read(recent, "a").size(), 100U);
    EXPECT_EQ(read(recent, "c").size(), 0U);
    EXPECT_EQ(sequences(read(recent, "b", 4)), (std::vector<std::uint64_t>{2, 4}));
    EXPECT_EQ(recent.devices(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(recent.devices(1), (std::vector<std::string>{"a"}));
}

TEST(Recent, PassesOverWhatItHas) {
    Recent recent;
    recent.add(1, {row("a", 1, 1), row("a", 2, 2)});
    recent.add(2, {row("a", 2, 99), row("a", 3, 3)});
    const Rows rows = read(recent, "a");
    ASSERT_EQ(sequences(rows), (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(rows[1].second.gauges[0], 2);
}

TEST(Recent, ForgetsToASequenceAndGivesTheMemoryBack) {
    Recent recent;
    for (std::uint64_t n = 1; n <= 1000; ++n) recent.add(n, {row("a", static_cast<std::int64_t>(n), 1)});
    recent.add(1001, {row("b", 5, 1)});
    const std::size_t before = recent.octets();
    recent.forget_to(500);
    EXPECT_EQ(recent.first_sequence(), 501U);
    EXPECT_EQ(sequences(read(recent, "a")).front(), 501U);
    EXPECT_EQ(read(recent, "a").size(), 500U);
    EXPECT_LT(recent.octets(), before * 3 / 4);
    recent.forget_to(1000);
    EXPECT_EQ(recent.devices(), std::vector<std::string>{"b"});
    recent.forget_to(2000);
    EXPECT_EQ(recent.devices(), std::vector<std::string>{});
    EXPECT_EQ(recent.octets(), 0U);
    recent.add(1500, {row("a", 1, 1)});  // older than what was forgotten
    EXPECT_EQ(read(recent, "a").size(), 0U);
    recent.add(2001, {row("a", 1, 1)});
    EXPECT_EQ(sequences(read(recent, "a")), std::vector<std::uint64_t>{2001});
}

// Rows whose series change, also back again, in one chunk; parts of chunks.
TEST(Recent, GivesRowsOfAllSeriesInTheirOrder) {
    std::mt19937_64 random(11);
    Recent recent;
    Rows rows;
    for (std::uint64_t n = 1; n <= 400; ++n) {
        const bool other = rows.empty() || random() % 6 == 0;
        SampleRecord record = other ? random_record(random, "a") : rows[rows.size() - 1 - n % 2].second;
        for (std::uint64_t& counter : record.counters) counter += random() % 1000;
        for (double& gauge : record.gauges) gauge = random() % 4 == 0 ? odd_gauge(random) : gauge;
        recent.add(n, {record});
        rows.emplace_back(n, record);
        if (n == 1) rows.emplace_back(n, record);  // so that there always is one before the last
    }
    rows.erase(rows.begin());
    recent.forget_to(20);
    for (std::uint64_t last = 21; last <= 400; last += 7) {
        const Rows found = read(recent, "a", last);
        ASSERT_EQ(found.size(), last - 20);
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].first, i + 21);
            EXPECT_TRUE(same(found[i].second, rows[i + 20].second)) << i;
        }
    }
}

TEST(Recent, AReaderStopsWhenItHasEnough) {
    Recent recent;
    for (std::uint64_t n = 1; n <= 100; ++n) recent.add(n, {row("a", 1, 1)});
    std::size_t groups = 0;
    recent.read("a", UINT64_MAX, [&](const RowGroup&) { return ++groups < 3; });
    EXPECT_EQ(groups, 3U);
}

}  // namespace
}  // namespace outstation::store
