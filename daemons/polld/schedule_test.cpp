// SPDX-License-Identifier: GPL-3.0-or-later
// Phases, drift, back-off.
#include "daemons/polld/schedule.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "daemons/polld/strain.hpp"

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
    for (int i = 0; i < 8640; ++i) due = next_poll(due + 37ms, due + 900ms, 10s, phase, 1);
    EXPECT_EQ(due - start, 24h);
}

TEST(Schedule, WhatWasMissedIsSkipped) {
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(104s), 10s, 3s, 1), MonoTime(113s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(113s), 10s, 3s, 1), MonoTime(123s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(158s), 10s, 3s, 1), MonoTime(163s));
}

TEST(Schedule, WhoIsAskedLessOftenStaysOnTheRaster) {
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 2), MonoTime(123s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 4), MonoTime(143s));
    EXPECT_EQ(next_poll(MonoTime(103s), MonoTime(106s), 10s, 3s, 1), MonoTime(113s));
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
    EXPECT_EQ(backed_off(0), 1U);
    EXPECT_EQ(backed_off(2), 1U);
    EXPECT_EQ(backed_off(3), 2U);
    EXPECT_EQ(backed_off(100), 4U);
}

TEST(Strain, ThreeHardCyclesHalveThePollsAndCalmOnesBringThemBack) {
    Strain strain;
    const auto after = [&strain](int cycles, Duration took) {
        for (int i = 0; i < cycles; ++i) strain.on_cycle(took, 60s);
        return strain.stretch();
    };
    EXPECT_EQ(after(2, 31s), 1U);
    EXPECT_EQ(after(1, 30s), 1U);  // not three in a row
    EXPECT_EQ(after(2, 31s), 1U);
    EXPECT_EQ(after(1, 31s), 2U);
    EXPECT_EQ(strain.took(), 31s);
    EXPECT_EQ(after(100, 31s), 2U);
    EXPECT_EQ(after(7, 1s), 2U);
    EXPECT_EQ(after(1, 1s), 1U);
    EXPECT_EQ(strain.took(), 0s);
    EXPECT_EQ(after(20, 1s), 1U);
    EXPECT_EQ(after(100, 1000s), 8U);
}

TEST(Strain, IsTextAndBack) {
    Strain strain;
    EXPECT_EQ(strain.text(), "");
    for (int i = 0; i < 3; ++i) strain.on_cycle(31s, 60s);
    EXPECT_EQ(strain.text(), "2 intervals, a poll took 31000 ms");
    Strain back = Strain::parse(strain.text());
    EXPECT_EQ(back.stretch(), 2U);
    EXPECT_EQ(back.took(), 31s);
    for (int i = 0; i < 8; ++i) back.on_cycle(1s, 60s);
    EXPECT_EQ(back.text(), "");
    for (const char* text :
         {"", "2", "3 intervals, a poll took 5 ms", "4000000000 intervals, a poll took 5 ms"})
        EXPECT_EQ(Strain::parse(text).stretch(), 1U) << text;
}

}  // namespace
}  // namespace outstation::polld
