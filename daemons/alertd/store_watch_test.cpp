// SPDX-License-Identifier: GPL-3.0-or-later
// When the store is said to have failed.
#include "daemons/alertd/store_watch.hpp"

#include <gtest/gtest.h>

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
constexpr MonoTime kStart{100s};

wire::StoreStatus status(Duration lag, const std::string& failing = "") {
    wire::StoreStatus out;
    out.flush_interval_ms = 60'000;
    out.durable_lag_ns = lag.count();
    out.failing = failing;
    return out;
}

TEST(StoreWatch, ARestartIsNoTrouble) {
    StoreWatch watch(kStart);
    EXPECT_EQ(watch.trouble(kStart + 9s), "");
    watch.on_status(status(0s), kStart + 9s);
    EXPECT_EQ(watch.trouble(kStart + 18s), "");
    EXPECT_EQ(watch.trouble(kStart + 19s), "stored does not answer");
    watch.on_status(status(0s), kStart + 20s);
    EXPECT_EQ(watch.trouble(kStart + 20s), "");
}

TEST(StoreWatch, WhatDoesNotReachTheDiskIsTrouble) {
    StoreWatch watch(kStart);
    watch.on_status(status(69s, "no space left"), kStart);
    EXPECT_EQ(watch.trouble(kStart), "");
    watch.on_status(status(70s, "no space left"), kStart);
    EXPECT_EQ(watch.trouble(kStart), "no space left");
    watch.on_status(status(70s), kStart);
    EXPECT_EQ(watch.trouble(kStart), "what stored has accepted does not reach the disk");
    watch.on_status(status(60s, "state.db is damaged"), kStart);
    EXPECT_EQ(watch.trouble(kStart), "");
}

TEST(StoreWatch, AStepThatWaitsIsTrouble) {
    StoreWatch watch(kStart);
    watch.on_outbox(9s, "refused");
    EXPECT_EQ(watch.trouble(kStart), "");
    watch.on_outbox(10s, "refused");
    EXPECT_EQ(watch.trouble(kStart), "refused");
    watch.on_outbox(10s, "");
    EXPECT_EQ(watch.trouble(kStart), "refused");
    watch.on_outbox(0s, "");
    EXPECT_EQ(watch.trouble(kStart), "");
}

// A reason that no step waits for is of another time.
TEST(StoreWatch, TellsTheReasonOfWhatIsSoNow) {
    StoreWatch watch(kStart);
    watch.on_outbox(0s, "stored is not connected");
    watch.on_status(status(70s, "no space left"), kStart);
    watch.on_outbox(0s, "stored is not connected");
    EXPECT_EQ(watch.trouble(kStart), "no space left");
    watch.on_outbox(10s, "refused");
    EXPECT_EQ(watch.trouble(kStart), "refused");
}

}  // namespace
}  // namespace outstation::alertd
