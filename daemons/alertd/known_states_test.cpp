// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of the states that are told, and what not.
#include "daemons/alertd/known_states.hpp"

#include <gtest/gtest.h>

namespace outstation::alertd {
namespace {

wire::StateRecord record(const std::string& device, const std::string& kind, const std::string& index,
                         const std::string& reason = {}) {
    const bool of_device = kind.starts_with("device");
    return {device, {1, 2, "boot", ClockQuality::unknown}, kind, of_device ? "" : "GE" + index, index,
            reason};
}

std::string kinds(const KnownStates& states) {
    std::string out;
    states.for_each([&out](const wire::StateRecord& one) {
        out += one.device + " " + one.kind + " " + one.component + one.reason + "; ";
    });
    return out;
}

TEST(KnownStates, GiveTheNewestOfEachPlaceInTheOrderInWhichTheyCame) {
    KnownStates states;
    const auto down = record("b", "interface_down", "7");
    EXPECT_TRUE(states.take(record("b", "interface_up", "7")));
    EXPECT_TRUE(states.take(record("z", "device_down", "", "auth")));
    EXPECT_TRUE(states.take(record("a", "interface_up", "1")));
    EXPECT_TRUE(states.take(down));
    EXPECT_EQ(kinds(states), "z device_down auth; a interface_up GE1; b interface_down GE7; ");
    wire::StateRecord last;
    states.for_each([&last](const wire::StateRecord& one) { last = one; });
    EXPECT_EQ(last, down);
}

TEST(KnownStates, ANumberThatAnotherInterfaceHasKeepsItsState) {
    KnownStates states;
    EXPECT_TRUE(states.take(record("a", "interface_down", "7")));
    auto name = record("a", "interface_name", "7");
    name.component = "GE1";
    name.stamp.wall_ns = 5;
    EXPECT_TRUE(states.take(name));
    auto now = name;
    now.kind = "interface_down";
    EXPECT_EQ(states.state_of({"a", "7"}), now);
    EXPECT_FALSE(states.state_of({"a", "8"}));
    EXPECT_FALSE(states.state_of({"b", "7"}));
}

TEST(KnownStates, OtherRecordsTakeNoPlace) {
    KnownStates states(1, 1);
    for (const char* kind : {"component_gone", "interface_name", "engine_changed", "attribute"})
        EXPECT_TRUE(states.take(record("a", kind, "7")));
    EXPECT_EQ(kinds(states), "");
    EXPECT_TRUE(states.take(record("a", "interface_up", "1")));
}

TEST(KnownStates, BoundsHoldADeviceAndAll) {
    KnownStates states(3, 2);
    EXPECT_TRUE(states.take(record("a", "interface_up", "1")));
    EXPECT_TRUE(states.take(record("a", "interface_up", "2")));
    EXPECT_FALSE(states.take(record("a", "interface_up", "3")));
    EXPECT_TRUE(states.take(record("b", "interface_up", "1")));
    EXPECT_FALSE(states.take(record("b", "interface_up", "2")));
    EXPECT_TRUE(states.take(record("c", "device_down", "")));
    EXPECT_TRUE(states.take(record("a", "interface_down", "1")));
    states.let_go_of_devices([](const std::string& device) { return device != "a"; });
    EXPECT_TRUE(states.take(record("b", "interface_up", "2")));
    EXPECT_TRUE(states.take(record("d", "interface_up", "1")));
    EXPECT_FALSE(states.take(record("e", "interface_up", "1")));
}

TEST(KnownStates, WhatIsGoneTakesNoRoomAndIsKnownUntilNobodyAsks) {
    KnownStates states(1, 1);
    EXPECT_TRUE(states.take(record("a", "interface_up", "1")));
    ASSERT_NE(states.name_of({"a", "1"}), nullptr);
    EXPECT_EQ(*states.name_of({"a", "1"}), "GE1");
    EXPECT_TRUE(states.take(record("a", "interface_gone", "1")));
    EXPECT_TRUE(states.take(record("a", "interface_gone", "2")));
    EXPECT_EQ(states.name_of({"a", "1"}), nullptr);
    EXPECT_EQ(kinds(states), "");
    states.let_go_of_gone({{"a", "1"}});
    EXPECT_TRUE(states.is_gone({"a", "1"}));
    EXPECT_FALSE(states.is_gone({"a", "2"}));
    EXPECT_TRUE(states.take(record("a", "interface_up", "1")));
    EXPECT_FALSE(states.is_gone({"a", "1"}));
}

}  // namespace
}  // namespace outstation::alertd
