// SPDX-License-Identifier: GPL-3.0-or-later
// Timeouts from measurements.
#include "drivers/snmp/round_trip.hpp"

#include <gtest/gtest.h>

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

constexpr RoundTrip::Limits kLimits{1s, 100ms, 5s};

TEST(RoundTrip, IsAGuessThenFollowsWhatWasMeasured) {
    RoundTrip trip;
    EXPECT_EQ(trip.timeout(kLimits), 1s);
    trip.add(200ms);
    EXPECT_EQ(trip.timeout(kLimits), 600ms);  // RFC 6298 section 2.2: R + 4 * R / 2
    for (int i = 0; i < 100; ++i) trip.add(200ms);
    EXPECT_LT(trip.timeout(kLimits), 210ms);
    trip.add(600ms);
    EXPECT_GT(trip.timeout(kLimits), 600ms);
    for (int i = 0; i < 100; ++i) trip.add(1ms);
    EXPECT_EQ(trip.timeout(kLimits), 100ms);
    for (int i = 0; i < 100; ++i) trip.add(20s);
    EXPECT_EQ(trip.timeout(kLimits), 5s);
}

TEST(RoundTrip, DoublesWithEachSilenceUntilItIsMeasuredAgain) {
    RoundTrip trip;
    trip.on_silence();
    EXPECT_EQ(trip.timeout(kLimits), 2s);
    trip.on_silence();
    EXPECT_EQ(trip.timeout(kLimits), 4s);
    for (int i = 0; i < 100; ++i) trip.on_silence();
    EXPECT_EQ(trip.timeout(kLimits), 10s);
    trip.add(1500ms);
    EXPECT_EQ(trip.timeout(kLimits), 4500ms);
    trip.on_silence();
    trip.forget();
    EXPECT_EQ(trip.timeout(kLimits), 1s);
}

}  // namespace
}  // namespace outstation::snmp
