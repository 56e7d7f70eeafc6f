// SPDX-License-Identifier: GPL-3.0-or-later
// What scenarios do not show: what is recorded, what happens when there is no more room, rules that are not
// known.
#include "daemons/alertd/keeper.hpp"

#include <gtest/gtest.h>

#include "daemons/alertd/rules_file.hpp"

namespace outstation::alertd {
namespace {

constexpr const char* kRules =
    "rules:\n"
    "  - {id: port-down, name: {zh: 口, en: Port}, kind: state, of: interface, severity: {down: minor}}\n";
constexpr const char* kOtherRules =
    "rules:\n"
    "  - {id: hot, name: {zh: 热, en: Hot}, kind: threshold, metric: celsius, above: {minor: 28}}\n";

wire::WireStamp at(std::int64_t seconds) {
    return {seconds * 1'000'000'000, seconds * 1'000'000'000, "boot", ClockQuality::unknown};
}

class KeeperTest : public testing::Test {
  protected:
    explicit KeeperTest(const Keeper::Room& room = {})
        : keeper_([this](const wire::StateRecord& record) { journal_.push_back(record); }, room) {}
    void SetUp() override { begin(kRules, true); }
    void begin(const char* rules, bool known) {
        keeper_.set_rules(parse_rules(rules, "rules").value(), known);
        keeper_.begin();
        keeper_.settle(at(++now_));
    }
    void tell(const std::string& device, const std::string& kind, const std::string& index = "7") {
        keeper_.on_state({device, at(++now_), kind, "GE0/1", index, ""});
    }
    std::int64_t now_ = 1000;
    std::vector<wire::StateRecord> journal_;
    Keeper keeper_;
};

// What comes on the tail was accepted; that says nothing of the disk.
TEST_F(KeeperTest, AStepIsRecordedWhenItIsOnDisk) {
    tell("sw-01", "interface_down");
    ASSERT_EQ(journal_.size(), 1U);
    const wire::StateRecord step = journal_[0];
    const auto recorded = [this] { return keeper_.book().alarms().begin()->second.recorded; };
    keeper_.on_state(step);
    EXPECT_FALSE(recorded());
    keeper_.on_recorded(step);
    EXPECT_TRUE(recorded());
}

// Rules that stand in for those that are not known yet end no alarm.
TEST_F(KeeperTest, OnlyRulesThatAreKnownEndTheAlarmsOfOthers) {
    tell("sw-01", "interface_down");
    begin(kOtherRules, false);
    keeper_.tick(at(now_ += 100));
    EXPECT_EQ(keeper_.book().open(), 1U);
    keeper_.rules_are_known();
    keeper_.tick(at(now_ += 100));
    EXPECT_EQ(keeper_.book().open(), 0U);
    EXPECT_EQ(journal_.back().alarm->text, "rule removed");
}

// stored was killed and has lost the series with what was not on disk yet; polld brings it again.
TEST_F(KeeperTest, ASeriesThatIsNotKnownEndsNoAlarm) {
    wire::SeriesDef series;
    series.id = 1;
    series.device = "env-01";
    series.metric = "celsius";
    const auto rules = parse_rules(kOtherRules, "rules").value();
    keeper_.set_rules(rules);
    keeper_.begin();
    keeper_.define(series);
    keeper_.settle(at(++now_));
    wire::SampleRecord sample;
    sample.device = "env-01";
    sample.stamp = at(++now_);
    sample.gauge_series = {1};
    sample.gauges = {30};
    keeper_.on_sample(sample);
    ASSERT_EQ(keeper_.book().open(), 1U);
    keeper_.begin();
    keeper_.settle(at(++now_));
    EXPECT_EQ(keeper_.book().open(), 1U);
    auto narrowed = *rules;
    narrowed.rules[0].match.devices = {"env-02"};
    keeper_.set_rules(std::make_shared<const RuleSet>(narrowed));
    keeper_.begin();
    keeper_.settle(at(++now_));
    EXPECT_EQ(keeper_.book().open(), 0U);
}

// As a trial plays it: the past of several boots on one keeper.
TEST_F(KeeperTest, WhatTimeBringsComesBehindARestartOfTheBox) {
    tell("sw-01", "interface_down");
    keeper_.tick(at(now_ += 2'000'000));
    const auto up_for = [this](std::int64_t seconds) {
        return wire::WireStamp{(now_ + seconds) * 1'000'000'000, seconds * 1'000'000'000, "next",
                               ClockQuality::unknown};
    };
    wire::AlarmAct shelve;
    shelve.id = keeper_.book().alarms().begin()->second.id;
    shelve.step = wire::AlarmStep::shelved;
    shelve.by = "li";
    shelve.until_ns = up_for(150).wall_ns;
    ASSERT_TRUE(keeper_.act(shelve, up_for(90)));
    keeper_.tick(up_for(100));
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::shelved);
    keeper_.tick(up_for(161));
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::unshelved);
}

class FullKeeperTest : public KeeperTest {
  protected:
    FullKeeperTest() : KeeperTest({100, 2, 100}) {}
};

TEST_F(FullKeeperTest, AKnownPlaceIsKeptUpToDateWhenThereIsRoomForNoOther) {
    for (const char* device : {"a", "b", "c"}) tell(device, "interface_down");
    keeper_.on_old_state({"a", at(++now_), "interface_up", "GE0/1", "7", ""});
    begin(kRules, true);
    EXPECT_EQ(keeper_.book().open(), 2U);
    EXPECT_FALSE(keeper_.book().is_open("a", "port-down"));
    // What is not configured any more makes room.
    keeper_.keep_only({"a", "d"});
    tell("d", "interface_down");
    keeper_.tick(at(now_ += 100));
    EXPECT_EQ(keeper_.book().open(), 1U);
    keeper_.on_old_state({"d", at(++now_), "interface_up", "GE0/1", "7", ""});
    begin(kRules, true);
    EXPECT_EQ(keeper_.book().open(), 0U);
}

// A device that gives its ports new numbers for ever takes no room of others, and keeps none itself.
TEST_F(FullKeeperTest, WhatIsGoneMakesRoom) {
    for (int i = 0; i < 10; ++i) {
        tell("churn", "interface_down", std::to_string(i));
        tell("churn", "interface_gone", std::to_string(i));
    }
    keeper_.tick(at(++now_));
    EXPECT_EQ(keeper_.book().open(), 0U);
    EXPECT_EQ(keeper_.cells(), 0U);
    for (const char* device : {"a", "b"})
        keeper_.on_old_state({device, at(++now_), "interface_down", "GE0/1", "7", ""});
    begin(kRules, true);
    EXPECT_EQ(keeper_.book().open(), 2U);
    EXPECT_EQ(keeper_.states_left_out(), 0U);
}

TEST_F(FullKeeperTest, WhatHasNoRoomIsCounted) {
    for (const char* device : {"a", "b", "c"}) tell(device, "interface_down");
    EXPECT_EQ(keeper_.states_left_out(), 1U);
}

}  // namespace
}  // namespace outstation::alertd
