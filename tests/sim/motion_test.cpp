// SPDX-License-Identifier: GPL-3.0-or-later
// Moving values: monotone counters, their mean rate, and what is refused.
#include "tests/sim/motion.hpp"

#include <gtest/gtest.h>

namespace outstation::sim {
namespace {

using snmp::Tag;

TEST(Motion, ACounterNeverGoesBackAndKeepsItsMeanRateOverADay) {
    const auto motion = parse_motion(Tag::counter64, "1000 rate 12500 wave 0.7 jitter 0.25 phase 9").value();
    std::uint64_t before = 0;
    for (int second = 0; second <= 86400; second += 7) {
        const std::uint64_t now = value_at(motion, Tag::counter64, {1.7e9, static_cast<double>(second)});
        ASSERT_GE(now, before);
        before = now;
    }
    EXPECT_NEAR(static_cast<double>(before), 1000 + 12500.0 * 86400, 12500.0 * 86400 * 0.01);
}

TEST(Motion, BusyInTheAfternoonQuietAtNight) {
    const auto motion = parse_motion(Tag::counter64, "0 rate 100 wave 0.9").value();
    const auto rate_at = [&](double hour_utc) {
        const SimTime time{86400.0 * 20000 + hour_utc * 3600, 0};
        return value_at(motion, Tag::counter64, {time.started_wall_s, 60});
    };
    EXPECT_GT(rate_at(7), 5 * rate_at(19));
}

TEST(Motion, Counter32IsTheLowHalfOfTheSameCounter64) {
    const auto motion = parse_motion(Tag::counter64, "4294960000 rate 1000").value();
    const SimTime time{1.7e9, 100};
    EXPECT_EQ(value_at(motion, Tag::counter32, time), value_at(motion, Tag::counter64, time) & UINT32_MAX);
    EXPECT_LT(value_at(motion, Tag::counter32, time), 100'000U);
}

TEST(Motion, GaugesStayWithinTheirType) {
    const auto motion = parse_motion(Tag::gauge32, "5 wave 100").value();
    EXPECT_EQ(value_at(motion, Tag::gauge32, {19.0 * 3600, 0}), 0U);
    const auto degrees = parse_motion(Tag::integer, "-40 jitter 1").value();
    EXPECT_NEAR(static_cast<double>(static_cast<std::int64_t>(value_at(degrees, Tag::integer, {0, 5}))), -40,
                1);
}

TEST(Motion, TicksGoOnByAHundredASecond) {
    const auto motion = parse_motion(Tag::time_ticks, "500").value();
    EXPECT_EQ(value_at(motion, Tag::time_ticks, {0, 2.5}), 750U);
}

TEST(Motion, WhatCannotBeIsRefused) {
    for (const char* text :
         {"", "x", "5 rate", "5 speed 3", "5 rate -1", "5 rate 1 wave 0.8 jitter 0.3", "5 rate nan"})
        EXPECT_FALSE(parse_motion(Tag::counter64, text)) << text;
}

}  // namespace
}  // namespace outstation::sim
