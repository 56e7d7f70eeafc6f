// SPDX-License-Identifier: GPL-3.0-or-later
// How far back is looked, whatever the clocks say.
#include "daemons/alertd/history_reader.hpp"

#include <gtest/gtest.h>

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kNow = 1'800'000'000'000'000'000;

wire::WireStamp stamp(std::int64_t wall_ns, std::int64_t mono_ns, const std::string& boot) {
    return {wall_ns, mono_ns, boot, ClockQuality::unknown};
}

TEST(HistoryReader, WithinABootTheMonotonicClockCounts) {
    const auto newest = stamp(kNow, 100 * kHour, "b");
    EXPECT_FALSE(lies_before(stamp(0, 95 * kHour, "b"), newest, 6h));
    EXPECT_TRUE(lies_before(stamp(kNow, 93 * kHour, "b"), newest, 6h));
}

TEST(HistoryReader, AClockThatIsWrongMakesNothingNew) {
    // The box has just started, with the clock at 1970 or ahead: not all that there is lies behind that.
    EXPECT_TRUE(lies_before(stamp(kNow, 100 * kHour, "a"), stamp(kHour, kHour, "b"), 6h));
    EXPECT_TRUE(lies_before(stamp(kNow, 100 * kHour, "a"), stamp(INT64_MAX, kHour, "b"), 6h));
    EXPECT_TRUE(lies_before(stamp(INT64_MIN, 1, "a"), stamp(INT64_MAX, kHour, "b"), 6h));
    EXPECT_FALSE(lies_before(stamp(kNow - 5 * kHour, 100 * kHour, "a"), stamp(kNow, kHour, "b"), 6h));
    EXPECT_TRUE(lies_before(stamp(kNow - 7 * kHour, 100 * kHour, "a"), stamp(kNow, kHour, "b"), 6h));
}

}  // namespace
}  // namespace outstation::alertd
