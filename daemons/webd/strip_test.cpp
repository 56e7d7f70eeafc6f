// SPDX-License-Identifier: GPL-3.0-or-later
// Reachability counted by time: back-off, gaps, the step in progress, groups.
#include "daemons/webd/strip.hpp"

#include <gtest/gtest.h>

namespace outstation::webd {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kNow = 1000 * kMinute;

// One point a minute from `from` to before `to` (minutes).
void add(std::vector<UpPoint>& points, std::int64_t from, std::int64_t to, bool up, std::int64_t every = 1) {
    for (std::int64_t at = from; at < to; at += every) points.push_back({at * kMinute, up});
}

Strip strip(const std::vector<UpPoint>& points, std::size_t ticks = 4) {
    return strip_of(points, kMinute, kNow, 10 * kMinute, ticks, kNow);
}

TEST(StripTest, CountsTimeAndNotPolls) {
    // Down for half of the time, and asked every fourth minute then.
    std::vector<UpPoint> points;
    add(points, 960, 980, true);
    add(points, 980, 1000, false, 4);
    const Strip half = strip(points);
    EXPECT_EQ(half.up_ns, 20 * kMinute);
    EXPECT_EQ(half.down_ns, 20 * kMinute);
    EXPECT_EQ(half.ticks, (std::vector<Tick>{Tick::ok, Tick::ok, Tick::down, Tick::down}));
}

TEST(StripTest, AGapIsNeitherUpNorDown) {
    std::vector<UpPoint> points;
    add(points, 960, 970, true);
    add(points, 990, 1000, true);
    const Strip gap = strip(points);
    EXPECT_EQ(gap.up_ns, 20 * kMinute);  // the last point before the gap counts for its own interval
    EXPECT_EQ(gap.down_ns, 0);
    EXPECT_EQ(gap.window_ns, 40 * kMinute);
    EXPECT_EQ(gap.ticks, (std::vector<Tick>{Tick::ok, Tick::none, Tick::none, Tick::ok}));
    EXPECT_EQ(strip({}).up_ns + strip({}).down_ns, 0);
}

TEST(StripTest, ALostPollIsNoGap) {
    std::vector<UpPoint> points;
    add(points, 960, 1000, true, 3);
    EXPECT_EQ(strip(points).up_ns, 40 * kMinute);
    points.clear();
    add(points, 960, 1000, true, 4);
    EXPECT_EQ(strip(points).up_ns, 10 * kMinute);
}

TEST(StripTest, WhatWasBeforeReachesInAndWhatIsToComeIsLeftOut) {
    const Strip reached = strip_of({{958 * kMinute, false}, {962 * kMinute, true}}, kMinute, kNow,
                                   10 * kMinute, 4, 962 * kMinute + 30 * kSecond);
    EXPECT_EQ(reached.down_ns, 2 * kMinute);
    EXPECT_EQ(reached.up_ns, 30 * kSecond);
    EXPECT_EQ(reached.window_ns, 2 * kMinute + 30 * kSecond);
    EXPECT_EQ(reached.ticks[0], Tick::degraded);
    EXPECT_EQ(reached.ticks[1], Tick::none);
}

TEST(StripTest, AStepEndsWhereTheNextBegins) {
    const Strip edge = strip({{960 * kMinute, true}, {970 * kMinute, false}, {971 * kMinute, true}});
    EXPECT_EQ(edge.ticks[0], Tick::ok);
    EXPECT_EQ(edge.ticks[1], Tick::degraded);
}

TEST(StripTest, AGroupShowsTheWorstAndAddsUpTime) {
    std::vector<UpPoint> up;
    std::vector<UpPoint> down;
    add(up, 960, 1000, true);
    add(down, 980, 1000, false);
    Strip group = strip(up);
    add_strip(group, strip(down));
    EXPECT_EQ(group.ticks, (std::vector<Tick>{Tick::ok, Tick::ok, Tick::down, Tick::down}));
    EXPECT_EQ(group.up_ns, 40 * kMinute);
    EXPECT_EQ(group.down_ns, 20 * kMinute);
    EXPECT_EQ(group.window_ns, 80 * kMinute);
}

TEST(StripShelfTest, KeepsForAMinuteAndIsBounded) {
    StripShelf shelf;
    const MonoTime now{std::chrono::seconds(1000)};
    const Strip kept = strip({});
    shelf.keep({"sw", 1, 4}, kept, now);
    EXPECT_TRUE(shelf.is_fresh({"sw", 1, 4}, kept.from_ns, now + std::chrono::seconds(59)));
    EXPECT_FALSE(shelf.is_fresh({"sw", 1, 4}, kept.from_ns, now + std::chrono::seconds(60)));
    EXPECT_FALSE(shelf.is_fresh({"sw", 1, 4}, kept.from_ns + kept.step_ns, now));
    EXPECT_NE(shelf.find({"sw", 1, 4}, kept.from_ns),
              nullptr);  // the last known, when there is nothing newer
    EXPECT_EQ(shelf.find({"sw", 1, 4}, kept.from_ns + kept.step_ns), nullptr);
    EXPECT_EQ(shelf.find({"sw", 2, 4}, kept.from_ns), nullptr);
    for (std::size_t i = 0; i < 2 * StripShelf::kMostKept; ++i)
        shelf.keep({std::to_string(i), 1, 4}, Strip{}, now);
    EXPECT_LE(shelf.size(), StripShelf::kMostKept);
}

}  // namespace
}  // namespace outstation::webd
