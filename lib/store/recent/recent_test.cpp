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

Rows read(const Recent& recent, const std::string& device, std::uint64_t last_sequence = UINT64_MAX) {
    Rows rows;
    recent.read(device, last_sequence, [&](std::uint64_t sequence, const SampleRecord& record) {
        rows.emplace_back(sequence, record);
        return true;
    });
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

TEST(RowChunk, GivesRowsBackToTheBit) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        RowChunk chunk;
        Rows rows;
        std::uint64_t sequence = random() % 1000 + 1;
        while (!chunk.full()) {
            SampleRecord record =
                rows.empty() || random() % 2 == 0 ? random_record(random, "d") : rows.back().second;
            if (!record.counters.empty()) record.counters[0] += random() % 1000;
            chunk.add(sequence, record);
            rows.emplace_back(sequence, record);
            sequence += 1 + random() % 3;
        }
        if (round % 2 == 0) chunk.close();
        std::size_t at = 0;
        chunk.read([&](std::uint64_t number, const SampleRecord& record) {
            EXPECT_EQ(number, rows[at].first);
            EXPECT_TRUE(same(record, rows[at].second)) << "round " << round << " row " << at;
            ++at;
            return true;
        });
        EXPECT_EQ(at, rows.size());
    }
}

TEST(RowChunk, NeedsFewOctetsForValuesThatHardlyMove) {
    RowChunk chunk;
    SampleRecord record = row("d", 0, 21.5);
    for (std::uint32_t i = 0; i < 59; ++i) {
        record.counter_series.push_back(i + 2);
        record.counters.push_back(1000000ULL * i);
    }
    for (std::uint64_t n = 1; !chunk.full(); ++n) {
        record.stamp.wall_ns += 60'000'000'000;
        record.stamp.mono_ns += 60'000'000'000;
        for (std::size_t i = 0; i < record.counters.size(); i += 2) record.counters[i] += 4000 + n;
        chunk.add(n, record);
    }
    chunk.close();
    EXPECT_LT(chunk.octets(), 60U * RowChunk::kMaxRows * 3);
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
    EXPECT_LT(recent.octets(), before);
    recent.forget_to(1000);
    EXPECT_EQ(recent.devices(), std::vector<std::string>{"b"});
    recent.forget_to(2000);
    EXPECT_EQ(recent.devices(), std::vector<std::string>{});
    recent.add(1500, {row("a", 1, 1)});  // older than what was forgotten
    EXPECT_EQ(read(recent, "a").size(), 0U);
    recent.add(2001, {row("a", 1, 1)});
    EXPECT_EQ(sequences(read(recent, "a")), std::vector<std::uint64_t>{2001});
}

TEST(Recent, AReaderStopsWhenItHasEnough) {
    Recent recent;
    for (std::uint64_t n = 1; n <= 100; ++n) recent.add(n, {row("a", 1, 1)});
    int rows = 0;
    recent.read("a", UINT64_MAX, [&](std::uint64_t, const SampleRecord&) { return ++rows < 40; });
    EXPECT_EQ(rows, 40);
}

}  // namespace
}  // namespace outstation::store
