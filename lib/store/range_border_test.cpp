// SPDX-License-Identifier: GPL-3.0-or-later
// A range whose older part is sealed and whose newer part is in memory: what is a gap, and what is a restart
// of the device, does not depend on where the border lies.
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

struct RangeBorder : StoreTest {
    void SetUp() override {
        StoreTest::SetUp();
        wire::SeriesDef narrow = counter_def("sw-01", "1");
        narrow.labels.push_back({"width", "32"});
        ASSERT_TRUE(narrow.is_32_bit());
        id = store->define(narrow).value();
        uptime_id =
            store->define({0, "sw-01", "sys_uptime_seconds", {}, SeriesKind::gauge, "", 0.01}).value();
        start = loop.wall().time_since_epoch().count() / kMinute * kMinute;
    }
    void poll(int times) {
        for (int i = 0; i < times; ++i) {
            value = (value + 600) % (std::uint64_t{1} << 32);
            wire::SampleRecord record = counter_sample(id, value);
            record.gauge_series = {uptime_id};
            record.gauges = {uptime_s += 60};
            store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
            loop.advance(60s);
        }
        store->flush([] {});
        loop.advance(1ms);
    }
    void seal() {
        store->seal([] {});
        loop.advance(1ms);
    }
    // Rates by minute, those that there are.
    std::map<std::int64_t, double> rates(std::int64_t max_gap_ns) {
        const auto reply =
            ask(&Store::range, wire::RangeRequest{{id}, start, start + 120 * kMinute, kMinute, max_gap_ns});
        EXPECT_TRUE(reply);
        std::map<std::int64_t, double> out;
        const wire::RangeColumn& column = reply->columns.at(0);
        for (std::size_t i = 0; i < column.count.size(); ++i) {
            if (column.count[i] > 0) out[static_cast<std::int64_t>(i)] = column.max[i];
        }
        return out;
    }

    struct Hours {
        std::vector<std::uint32_t> count;
        std::vector<double> max;
    };
    Hours hours(std::int64_t from_ns, int number) {
        const auto reply =
            ask(&Store::range, wire::RangeRequest{{id}, from_ns, from_ns + number * kHour, kHour, 0});
        EXPECT_TRUE(reply);
        return {reply->columns.at(0).count, reply->columns.at(0).max};
    }

    std::uint32_t id = 0, uptime_id = 0;
    std::uint64_t value = 0, counter = 0;
    double uptime_s = 1000;
    std::int64_t start = 0;
};

TEST_F(RangeBorder, WhatIsAGapIsSaidByTheQuestionOnBothSides) {
    poll(20);
    loop.advance(10min);
    poll(20);
    const auto before = rates(0);
    EXPECT_EQ(before.size(), 38U) << "none over the outage";
    for (const std::int64_t max_gap : {std::int64_t{0}, 30 * kSecond, 15 * kMinute}) {
        const auto in_memory = rates(max_gap);
        EXPECT_EQ(in_memory.size(), max_gap == 0 ? 38U : max_gap < kMinute ? 0U : 39U);
    }
    seal();
    EXPECT_EQ(rates(0), before);
    EXPECT_TRUE(rates(30 * kSecond).empty()) << "sealed samples have rates that nobody asked for";
    EXPECT_EQ(rates(15 * kMinute).size(), 39U);
}

TEST_F(RangeBorder, AnOutageOverItIsOneGap) {
    poll(20);
    seal();
    loop.advance(10min);
    poll(20);
    EXPECT_EQ(rates(0).size(), 38U);
    EXPECT_TRUE(rates(30 * kSecond).empty());
    const auto over = rates(15 * kMinute);
    EXPECT_EQ(over.size(), 39U);
    for (const auto& [minute, rate] : over) EXPECT_LE(rate, 10.01) << minute;
}

// A counter of 32 bits that is lower has wrapped, unless the device was restarted: its uptime tells.
TEST_F(RangeBorder, ARestartOfTheDeviceAtItIsNoWrap) {
    value = 4'000'000'000;
    poll(20);
    seal();
    value = 0;
    uptime_s = 0;
    poll(20);
    const auto found = rates(0);
    EXPECT_EQ(found.size(), 38U);
    for (const auto& [minute, rate] : found) EXPECT_LE(rate, 10.01) << minute;
    poll(1);
    EXPECT_EQ(rates(0).size(), 39U) << "and goes on from there";
}

// The restarted device has counted further than before.
TEST_F(RangeBorder, WrapsAndRestartsStayWhatTheyAreWhenTheyAreSealed) {
    value = (std::uint64_t{1} << 32) - 3000;
    poll(10);
    uptime_s = 0;
    value += 1'000'000;
    poll(10);
    const auto before = rates(0);
    EXPECT_EQ(before.size(), 18U) << "one restart, and the first";
    seal();
    EXPECT_EQ(rates(0), before);
    for (const auto& [minute, rate] : before) EXPECT_LE(rate, 10.01) << minute;
}

TEST_F(RangeBorder, HoursAreMadeWithWrapsAndWithoutRestartsAlsoBetweenTwoFiles) {
    const Duration since_midnight = loop.wall().time_since_epoch() % 24h;
    loop.step_wall(24h - since_midnight - 10min);
    const std::int64_t from = loop.wall().time_since_epoch().count() / kHour * kHour;
    value = (std::uint64_t{1} << 32) - 3000;
    poll(10);
    seal();
    uptime_s = 0;
    value += 1'000'000;
    poll(10);
    const Hours before = hours(from, 2);
    EXPECT_EQ(before.count, (std::vector<std::uint32_t>{9, 9}));
    seal();
    EXPECT_EQ(hours(from, 2).count, before.count) << "of the samples";
    loop.advance(72h);
    std::size_t files_of_hours = 0;
    for (const std::string& path : files.paths()) files_of_hours += path.find("/h1-") != std::string::npos;
    ASSERT_EQ(files_of_hours, 2U);
    const Hours after = hours(from, 2);
    EXPECT_EQ(after.count, before.count);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(after.max[i], before.max[i], 0.01) << i;
}

}  // namespace
}  // namespace outstation::store
