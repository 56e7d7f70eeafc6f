// SPDX-License-Identifier: GPL-3.0-or-later
// Stamps made while the wall clock was wrong, before and after it was set.
#include "lib/store/clocks/clocks.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace outstation::store {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNoon = 1'790'000'000 * kSecond;  // some moment in 2026

wire::WireStamp stamp(std::int64_t wall_ns, std::int64_t mono_ns, ClockQuality quality,
                      std::string boot = "boot-1") {
    wire::WireStamp out;
    out.wall_ns = wall_ns;
    out.mono_ns = mono_ns;
    out.quality = quality;
    out.boot_id = std::move(boot);
    return out;
}
constexpr auto kFree = ClockQuality::free_running;
constexpr auto kSync = ClockQuality::synchronised;

TEST(Clocks, RepairABoxThatBootedIn1970) {
    Clocks clocks;
    const auto early = stamp(5 * kSecond, 5 * kSecond, kFree);
    EXPECT_EQ(clocks.repair(early).verdict, StampVerdict::impossible);
    EXPECT_EQ(clocks.repair(early).wall_ns, 5 * kSecond);
    EXPECT_TRUE(clocks.learn(stamp(kNoon, 60 * kSecond, kSync)));
    EXPECT_EQ(clocks.repair(early).verdict, StampVerdict::repaired);
    EXPECT_EQ(clocks.repair(early).wall_ns, kNoon - 55 * kSecond);
}

TEST(Clocks, RepairBothSidesOfAStep) {
    for (const std::int64_t step : {86'400 * kSecond, -86'400 * kSecond}) {
        Clocks clocks;
        clocks.learn(stamp(kNoon, 1000 * kSecond, kSync));
        const auto wrong = stamp(kNoon + 10 * kSecond + step, 1010 * kSecond, kFree);
        EXPECT_EQ(clocks.repair(wrong).wall_ns, kNoon + 10 * kSecond);
        EXPECT_EQ(clocks.repair(wrong).verdict, StampVerdict::repaired);
    }
}

TEST(Clocks, BelieveASynchronisedStampAndOneThatHardlyDiffers) {
    Clocks clocks;
    clocks.learn(stamp(kNoon, 0, kSync));
    EXPECT_EQ(clocks.repair(stamp(kNoon + 99 * kSecond, 0, kSync)).verdict, StampVerdict::as_is);
    const auto drifted = clocks.repair(stamp(kNoon + kSecond - 1, 0, kFree));
    EXPECT_EQ(drifted.verdict, StampVerdict::as_is);
    EXPECT_EQ(drifted.wall_ns, kNoon + kSecond - 1);
    EXPECT_EQ(clocks.repair(stamp(kNoon + kSecond, 0, kFree)).wall_ns, kNoon);
}

TEST(Clocks, FollowTheLatestSynchronisedStamp) {
    Clocks clocks;
    EXPECT_TRUE(clocks.learn(stamp(kNoon, 0, kSync)));
    EXPECT_FALSE(clocks.learn(stamp(kNoon + 60 * kSecond, 60 * kSecond, kSync)));
    EXPECT_TRUE(clocks.learn(stamp(kNoon + 3600 * kSecond, 61 * kSecond, kSync)));
    EXPECT_EQ(clocks.repair(stamp(0, 61 * kSecond, kFree)).wall_ns, kNoon + 3600 * kSecond);
}

TEST(Clocks, KnowNothingOfOtherBoots) {
    Clocks clocks;
    clocks.learn(stamp(kNoon, 0, kSync));
    EXPECT_EQ(clocks.repair(stamp(7, 0, kFree, "boot-2")).verdict, StampVerdict::impossible);
    EXPECT_EQ(clocks.repair(stamp(kNoon + 9, 0, kFree, "boot-2")).verdict, StampVerdict::as_is);
    EXPECT_FALSE(clocks.learn(stamp(kNoon, 0, kSync, "")));
}

TEST(Clocks, AreNotFooledByImpossibleStamps) {
    Clocks clocks;
    EXPECT_FALSE(clocks.learn(stamp(0, 5, kSync)));
    EXPECT_FALSE(clocks.learn(
        stamp(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(), kSync)));
    EXPECT_EQ(clocks.repair(stamp(std::numeric_limits<std::int64_t>::max(), 0, kSync)).verdict,
              StampVerdict::impossible);
    clocks.learn(stamp(kNoon, std::numeric_limits<std::int64_t>::min(), kSync));
    EXPECT_EQ(clocks.repair(stamp(1, std::numeric_limits<std::int64_t>::max(), kFree)).verdict,
              StampVerdict::impossible);
}

TEST(Clocks, RememberALimitedNumberOfBoots) {
    Clocks clocks;
    for (std::size_t i = 0; i <= Clocks::kMaxBoots; ++i)
        clocks.learn(stamp(kNoon, 0, kSync, std::to_string(i)));
    EXPECT_EQ(clocks.repair(stamp(0, 0, kFree, "0")).verdict, StampVerdict::impossible);
    EXPECT_EQ(clocks.repair(stamp(0, 0, kFree, "1")).verdict, StampVerdict::repaired);
}

}  // namespace
}  // namespace outstation::store
