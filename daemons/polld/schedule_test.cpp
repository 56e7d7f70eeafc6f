// SPDX-License-Identifier: GPL-3.0-or-later
// Phases, drift, back-off.
#include "daemons/polld/schedule.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, PhasesSpreadOverTheInterval) {
    std::array<int, 10> tenths{};
    for (int i = 0; i < 1000; ++i) {
        const Duration phase = phase_of("device-" + std::to_string(i), 60s);
        ASSERT_GE(phase, 0s);
        ASSERT_LT(phase, 60s);
        ++tenths[static_cast<std::size_t>(phase / 6s)];
    }
    for (const int count : tenths) EXPECT_NEAR(count, 100, 50);
    EXPECT_EQ(phase_of("a", 60s), phase_of("a", 60s));
}

TEST(Schedule, ADayOfPollsDoesNotDrift) {
    const Duration phase = phase_of("sw-01", 10s);
    MonoTime due = first_due(MonoTime(1234567s), 10s, phase);
    const MonoTime start = due;
    for (int i = 0; i < 8640; ++i) due = next_poll(due + 37ms, due + 900ms, 10s, phase, 0);
    EXPECT_EQ(due - start, 24h);
}

TEST(Schedule, WhatWasMissedIsSkipped) {
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(104s), 10s, 3s, 0), MonoTime(113s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(113s), 10s, 3s, 0), MonoTime(123s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(158s), 10s, 3s, 0), MonoTime(163s));
}

TEST(Schedule, FailuresPutTheNextPollOffAndOneAnswerBringsItBack) {
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 3), MonoTime(123s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 6), MonoTime(143s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 0), MonoTime(113s));
}

TEST(Schedule, TheFirstIsAheadAndOnTheRaster) {
    for (int s = 0; s < 30; ++s) {
        const MonoTime now(1000s + std::chrono::seconds(s));
        const MonoTime due = first_due(now, 10s, 3s);
        EXPECT_GT(due, now);
        EXPECT_LE(due, now + 10s);
        EXPECT_EQ((due - MonoTime{}) % 10s, 3s);
    }
}

TEST(Schedule, TheDeadAreAskedLessOften) {
    EXPECT_EQ(backed_off(10s, 0), 10s);
    EXPECT_EQ(backed_off(10s, 3), 20s);
    EXPECT_EQ(backed_off(10s, 100), 40s);
}

}  // namespace
}  // namespace outstation::polld
