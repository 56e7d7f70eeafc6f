// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's small parts: the time line, the trend, and that a rule set's look-back follows from it.
#include "daemons/alertd/engine.hpp"

#include <gtest/gtest.h>

namespace outstation::alertd {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

wire::WireStamp stamp(std::int64_t wall_s, std::int64_t mono_s, const std::string& boot) {
    return {wall_s * kSecond, mono_s * kSecond, boot, ClockQuality::unknown};
}

TEST(EngineClock, StepsOfTheWallClockAreNoTime) {
    EngineClock clock;
    const std::int64_t first = clock.at(stamp(1000, 50, "a"));
    EXPECT_GT(first, 0);
    EXPECT_EQ(clock.at(stamp(9000, 60, "a")) - first, 10 * kSecond);
    EXPECT_EQ(clock.at(stamp(1, 70, "a")) - first, 20 * kSecond);
}

TEST(EngineClock, BetweenBootsTheWallClockCountsAndNeverGoesBack) {
    EngineClock clock;
    const std::int64_t first = clock.at(stamp(1000, 500, "a"));
    EXPECT_EQ(clock.at(stamp(1030, 5, "b")) - first, 30 * kSecond);
    EXPECT_EQ(clock.at(stamp(1040, 15, "b")) - first, 40 * kSecond);
    // A late record of the boot before stands where it belongs.
    EXPECT_EQ(clock.at(stamp(1010, 510, "a")) - first, 10 * kSecond);
    const std::int64_t last = clock.at(stamp(1040, 15, "b"));
    EXPECT_GT(clock.at(stamp(5, 1, "c")), last);
    // A clock in the far future is no longer than a year.
    EXPECT_LE(clock.at(stamp(4'000'000'000, 1, "d")) - last, 367LL * 86'400 * kSecond);
}

TEST(EngineClock, AStateOfABootThatIsNotKnownIsBeforeThePresentWhateverItsClockSaid) {
    EngineClock clock;
    const std::int64_t now = clock.at(stamp(10'000, 500, "c"));
    EXPECT_EQ(now - clock.at_past(stamp(9'400, 80, "b")), 600 * kSecond);
    EXPECT_EQ(now - clock.at_past(stamp(9'430, 110, "b")), 570 * kSecond);
    EXPECT_LT(clock.at_past(stamp(4'000'000'000, 1, "future")), now);
    EXPECT_LE(clock.at_past(stamp(4'000'000'000, 900, "future")), now);
    EXPECT_GT(clock.at_past(stamp(0, 5, "past")), 0);
    EXPECT_EQ(clock.at(stamp(10'001, 501, "c")) - now, kSecond);
}

TEST(Trend, SaysWhenALineIsThere) {
    Trend trend;
    for (int i = 0; i <= 100; ++i) trend.add_at(i, i * 60 * kSecond, 6000);
    EXPECT_NEAR(trend.seconds_to(200, true, 6000).value(), 100 * 60, 1);
    EXPECT_EQ(trend.seconds_to(50, true, 6000), 0);
    EXPECT_EQ(trend.seconds_to(0, false, 6000), Trend::kNever);
}

TEST(Trend, SaysNothingOfALittlePast) {
    Trend trend;
    for (int i = 0; i < 49; ++i) trend.add_at(i, i * 60 * kSecond, 6000);
    EXPECT_FALSE(trend.seconds_to(200, true, 6000));
    trend.add_at(50, 50 * 60 * kSecond, 6000);
    EXPECT_LT(trend.seconds_to(200, true, 6000).value(), Trend::kNever);
}

TEST(Trend, FollowsWhatIsNew) {
    Trend trend;
    for (int i = 0; i < 100; ++i) trend.add_at(i, i * 60 * kSecond, 6000);
    for (int i = 100; i < 500; ++i) trend.add_at(100, i * 60 * kSecond, 6000);
    EXPECT_GT(trend.seconds_to(200, true, 6000).value(), 1e6);
}

TEST(SeverityTrack, EachSeverityHasItsOwnTime) {
    SeverityTrack track;
    Reached minor;
    minor.add(Severity::minor);
    Reached both = minor;
    both.add(Severity::critical);
    EXPECT_EQ(track.update(minor, 1000, 100, 0), Severity::none);
    EXPECT_TRUE(track.is_pending());
    EXPECT_EQ(track.update(both, 1050, 100, 0), Severity::none);
    EXPECT_EQ(track.update(both, 1100, 100, 0), Severity::minor);
    EXPECT_EQ(track.since(1100), 1000);
    EXPECT_EQ(track.update(both, 1150, 100, 0), Severity::critical);
    EXPECT_EQ(track.since(1150), 1050);
    EXPECT_FALSE(track.is_pending());
    EXPECT_EQ(track.update({}, 1160, 100, 20), Severity::critical);
    EXPECT_EQ(track.update(both, 1170, 100, 20), Severity::critical);  // it is not over: the time begins anew
    EXPECT_EQ(track.update({}, 1180, 100, 20), Severity::critical);
    EXPECT_EQ(track.update({}, 1200, 100, 20), Severity::none);
}

}  // namespace
}  // namespace outstation::alertd
