// SPDX-License-Identifier: GPL-3.0-or-later
// The bounds of the fold.
#include "daemons/alertd/alarm_book.hpp"

#include <gtest/gtest.h>

namespace outstation::alertd {
namespace {

wire::StateRecord step(const std::string& component, std::uint64_t revision, bool open) {
    wire::StateRecord record{"sw-01", {}, wire::kAlarmKind, component, "", ""};
    wire::AlarmState& state = record.alarm.emplace();
    state.rule = "hot";
    state.revision = revision;
    state.open = open;
    state.step = open ? wire::AlarmStep::raised : wire::AlarmStep::cleared;
    state.severity = wire::Severity::minor;
    return record;
}

TEST(AlarmBook, ClearedOnesMakeRoomForOpenOnes) {
    AlarmBook book(4);
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_TRUE(book.apply(step(std::to_string(i), i, i == 1)));
    EXPECT_TRUE(book.apply(step("5", 5, true)));
    EXPECT_NE(book.find(AlarmKey{"sw-01", "1", "hot"}), nullptr);
    EXPECT_EQ(book.find(AlarmKey{"sw-01", "2", "hot"}), nullptr);
    EXPECT_NE(book.find(AlarmKey{"sw-01", "4", "hot"}), nullptr);
    EXPECT_EQ(book.open(), 2U);
    EXPECT_EQ(book.ids().size(), book.alarms().size());
}

TEST(AlarmBook, SaysWhatItCouldNotTake) {
    AlarmBook book(2);
    EXPECT_TRUE(book.apply(step("1", 1, true)));
    EXPECT_TRUE(book.apply(step("2", 2, true)));
    EXPECT_FALSE(book.apply(step("3", 3, true)));
    EXPECT_EQ(book.left_out(), 1U);
    // One that is known is kept up to date.
    EXPECT_TRUE(book.apply(step("1", 4, false)));
    EXPECT_TRUE(book.apply(step("3", 5, true)));
}

TEST(AlarmBook, ARevisionThatLeavesNoOtherIsNoStep) {
    AlarmBook book;
    EXPECT_TRUE(book.apply(step("1", 1, true)));
    EXPECT_FALSE(book.apply(step("1", UINT64_MAX, false)));
    EXPECT_EQ(book.newest_revision(), 1U);
    EXPECT_TRUE(book.apply(step("1", 2, false)));
    EXPECT_EQ(book.open(), 0U);
}

}  // namespace
}  // namespace outstation::alertd
