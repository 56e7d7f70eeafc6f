// SPDX-License-Identifier: GPL-3.0-or-later
// Ages by clocks that step.
#include "lib/store/clocks/ages.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 20'000 * kDay;

TEST(Ages, AreTheStepsTogether) {
    Ages ages(kNow, 0);
    EXPECT_EQ(ages.of(kNow - kHour), kHour);
    EXPECT_EQ(ages.of(kNow + kHour), -kHour) << "a clock that was ahead";
    EXPECT_EQ(ages.of(kNow - kDay + kHour), kDay - kHour);
    EXPECT_EQ(ages.last(), kDay - kHour);
}

TEST(Ages, AStepOfDaysCountsWhenTheClockIsSteady) {
    Ages doubtful(kNow, kDay - 1);
    EXPECT_EQ(doubtful.of(kNow - 100 * kDay), 0);
    EXPECT_EQ(doubtful.of(kNow - 100 * kDay - kHour), kHour);
    Ages steady(kNow, kDay);
    EXPECT_EQ(steady.of(kNow - 100 * kDay), 100 * kDay);
}

TEST(Ages, AStepOfDaysCountsWhenADayIsNewerThanIt) {
    Ages ages(kNow, 0);
    for (std::int64_t hour = 2; hour <= 22; hour += 2) EXPECT_EQ(ages.of(kNow - hour * kHour), hour * kHour);
    Ages other = ages;
    EXPECT_EQ(other.of(kNow - 50 * kDay), 22 * kHour);
    EXPECT_EQ(ages.of(kNow - kDay), kDay);
    EXPECT_EQ(ages.of(kNow - 50 * kDay), 50 * kDay);
}

// A window of the past with a stamp far ahead: the step there and the step back are none together.
TEST(Ages, AWrongTimeBetweenRightOnesChangesNothing) {
    Ages ages(kNow, 0);
    EXPECT_EQ(ages.of(kNow - kDay), kDay);
    EXPECT_EQ(ages.of(kNow + 100 * kDay), -100 * kDay);
    EXPECT_EQ(ages.of(kNow - 2 * kDay), 2 * kDay);
}

TEST(Ages, AStepThatIsLongerThanAnySilenceNeverCounts) {
    Ages ages(kNow, 1000 * kDay);
    EXPECT_EQ(ages.of(kNow - 367 * kDay), 0);
    EXPECT_EQ(ages.of(std::numeric_limits<std::int64_t>::min()), 0);
    EXPECT_EQ(ages.of(std::numeric_limits<std::int64_t>::max()), 0);
}

TEST(SteadyClock, BeginsAnewWithEachStep) {
    SteadyClock clock;
    MonoTime now{500s};
    const auto look = [&](Duration passes, std::int64_t wall_ns) {
        return clock.steady_ns(now += passes, wall_ns);
    };
    EXPECT_EQ(look(0s, kNow), 0);
    EXPECT_EQ(look(1h, kNow + kHour), kHour);
    EXPECT_EQ(look(1h, kNow + 2 * kHour + kHour / 2), 2 * kHour) << "somebody set it right";
    EXPECT_EQ(look(1h, kNow + 100 * kDay), 0);
    EXPECT_EQ(look(1h, kNow + 100 * kDay + kHour), kHour);
    EXPECT_EQ(look(1h, std::numeric_limits<std::int64_t>::min()), 0);
}

}  // namespace
}  // namespace outstation::store
