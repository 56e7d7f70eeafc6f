// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of alarms, and that alarms are nothing but the fold of them.
#include "daemons/alertd/alarm_life.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kDay = 86'400LL * 1'000'000'000;

wire::WireStamp at(std::int64_t seconds) {
    return {seconds * 1'000'000'000, seconds * 1'000'000'000, "boot", ClockQuality::unknown};
}

class AlarmLifeTest : public testing::Test {
  protected:
    void find(const std::string& component, Severity severity, std::int64_t seconds) {
        rule_.name_zh = "热";
        rule_.name_en = "Hot";
        life_.on_change({{"env-01", component, "hot"}, &rule_, severity, at(seconds), seconds, 1.5, 1.0});
    }
    wire::AlarmAct act(wire::AlarmStep step, const std::string& text = {}) const {
        return {id_of({"env-01", "", "hot"}), step, "li", text, 0};
    }
    std::vector<wire::AlarmStep> steps() const {
        std::vector<wire::AlarmStep> out;
        for (const auto& record : journal_) out.push_back(record.alarm->step);
        return out;
    }

    Rule rule_;
    std::vector<wire::StateRecord> journal_;
    AlarmLife life_{[this](const wire::StateRecord& record) { journal_.push_back(record); }};
};

TEST_F(AlarmLifeTest, RecordsTellTheWholeAlarm) {
    find("", Severity::minor, 100);
    ASSERT_TRUE(life_.act(act(wire::AlarmStep::acknowledged), at(110)));
    ASSERT_TRUE(life_.act(act(wire::AlarmStep::assigned, "wang"), at(120)));
    find("", Severity::major, 130);
    const wire::AlarmState& state = *journal_.back().alarm;
    EXPECT_EQ(state.step, wire::AlarmStep::escalated);
    EXPECT_EQ(state.revision, 4U);
    EXPECT_EQ(state.occurrence, 1U);
    EXPECT_EQ(state.acknowledged_by, "li");
    EXPECT_EQ(state.assignee, "wang");
    EXPECT_EQ(state.raised_ns, 100'000'000'000);
    EXPECT_EQ(state.name_zh, "热");
    EXPECT_TRUE(state.by.empty());
    // The last record alone gives the alarm: the journal may have let go of the others.
    AlarmBook fold;
    EXPECT_TRUE(fold.apply(journal_.back()));
    EXPECT_EQ(fold.find(AlarmKey{"env-01", "", "hot"})->newest,
              life_.book().find(AlarmKey{"env-01", "", "hot"})->newest);
}

TEST_F(AlarmLifeTest, AStepThatComesTwiceOrLateChangesNothing) {
    find("", Severity::minor, 100);
    find("", Severity::none, 200);
    find("", Severity::minor, 300);
    EXPECT_EQ(steps(),
              (std::vector{wire::AlarmStep::raised, wire::AlarmStep::cleared, wire::AlarmStep::reopened}));
    AlarmBook fold;
    for (const auto& record : journal_) EXPECT_TRUE(fold.apply(record));
    for (const auto& record : journal_) EXPECT_FALSE(fold.apply(record));
    EXPECT_EQ(fold.open(), 1U);
    EXPECT_TRUE(fold.is_open("env-01", "hot"));
    EXPECT_EQ(fold.find(AlarmKey{"env-01", "", "hot"})->state().reopened, 1U);
    EXPECT_EQ(fold.newest_revision(), 3U);
}

TEST_F(AlarmLifeTest, WhatPeopleCannotDoIsRefusedAndNotRecorded) {
    EXPECT_EQ(life_.act(act(wire::AlarmStep::noted, "x"), at(1)).error().code, ErrorCode::not_found);
    find("", Severity::minor, 100);
    for (const auto step : {wire::AlarmStep::raised, wire::AlarmStep::restated, wire::AlarmStep::noted,
                            wire::AlarmStep::cleared, wire::AlarmStep::shelved})
        EXPECT_EQ(life_.act(act(step), at(110)).error().code, ErrorCode::malformed) << wire::word_of(step);
    const auto long_note = act(wire::AlarmStep::noted, std::string(1001, 'x'));
    EXPECT_EQ(life_.act(long_note, at(110)).error().code, ErrorCode::malformed);
    const auto long_name = act(wire::AlarmStep::assigned, std::string(129, 'x'));
    EXPECT_EQ(life_.act(long_name, at(110)).error().code, ErrorCode::malformed);
    EXPECT_EQ(life_.act(act(wire::AlarmStep::unshelved), at(110)).error().code, ErrorCode::refused);
    EXPECT_TRUE(life_.act(act(wire::AlarmStep::acknowledged), at(110)));
    EXPECT_EQ(life_.act(act(wire::AlarmStep::acknowledged), at(120)).error().code, ErrorCode::refused);
    EXPECT_EQ(journal_.size(), 2U);
}

// Who got no answer sends it again, also to an alertd that was started meanwhile.
TEST_F(AlarmLifeTest, AStepThatIsSentTwiceIsTakenOnce) {
    find("", Severity::minor, 100);
    wire::AlarmAct note = act(wire::AlarmStep::noted, "filter is dirty");
    note.token = "a1";
    ASSERT_TRUE(life_.act(note, at(110)));
    find("", Severity::major, 120);
    AlarmLife after([this](const wire::StateRecord& record) { journal_.push_back(record); });
    for (const auto& record : journal_) after.book().apply(record);
    for (AlarmLife* life : {&life_, &after}) {
        const auto again = life->act(note, at(130));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->alarm->revision, 3U);
    }
    EXPECT_EQ(steps(),
              (std::vector{wire::AlarmStep::raised, wire::AlarmStep::noted, wire::AlarmStep::escalated}));
    note.token = "a2";
    EXPECT_TRUE(life_.act(note, at(140)));
    EXPECT_EQ(journal_.size(), 4U);
    note.token = std::string(65, 'x');
    EXPECT_EQ(life_.act(note, at(140)).error().code, ErrorCode::malformed);
}

// Somebody else has done something meanwhile.
TEST_F(AlarmLifeTest, AStepThatIsSentTwiceIsTakenOnceBehindThoseOfOthers) {
    find("", Severity::minor, 100);
    wire::AlarmAct take = act(wire::AlarmStep::acknowledged);
    take.token = "li";
    ASSERT_TRUE(life_.act(take, at(110)));
    wire::AlarmAct other = act(wire::AlarmStep::noted, "x");
    for (std::size_t i = 1; i < Alarm::kMostTokens; ++i) {
        other.token = "wang" + std::to_string(i);
        ASSERT_TRUE(life_.act(other, at(120)));
    }
    const std::size_t recorded = journal_.size();
    AlarmLife after([this](const wire::StateRecord& record) { journal_.push_back(record); });
    for (const auto& record : journal_) after.book().apply(record);
    for (AlarmLife* life : {&life_, &after}) EXPECT_TRUE(life->act(take, at(130)));
    EXPECT_EQ(journal_.size(), recorded);
}

TEST_F(AlarmLifeTest, WhoAnAlarmIsAssignedToIsSaidOnce) {
    find("", Severity::minor, 100);
    ASSERT_TRUE(life_.act(act(wire::AlarmStep::assigned, "wang"), at(110)));
    EXPECT_EQ(journal_.back().alarm->assignee, "wang");
    EXPECT_EQ(journal_.back().alarm->text, "");
}

TEST_F(AlarmLifeTest, OpenAlarmsAreToldAgainAndClearedOnesForgotten) {
    find("a", Severity::minor, 100);
    find("b", Severity::minor, 100);
    find("b", Severity::none, 110);
    life_.tick(at(8 * 86'400));
    EXPECT_EQ(journal_.size(), 4U);
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::restated);
    EXPECT_EQ(journal_.back().component, "a");
    EXPECT_EQ(life_.book().alarms().size(), 1U);
    life_.tick(at(8 * 86'400 + 60));
    EXPECT_EQ(journal_.size(), 4U);
    // What was forgotten begins anew, with a revision that none had before.
    find("b", Severity::minor, 8 * 86'400 + 70);
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::raised);
    AlarmBook fold;
    for (const auto& record : journal_) fold.apply(record);
    EXPECT_EQ(fold.open(), 2U);
    EXPECT_LT(journal_.back().stamp.wall_ns - 9 * kDay, 0);
}

// A person's words about an alarm that is over do not move its end; the list and the ten minutes go by that.
TEST_F(AlarmLifeTest, AnEndIsWhereItWasWhateverIsSaidAboutItLater) {
    find("", Severity::minor, 100);
    wire::AlarmAct clear = act(wire::AlarmStep::cleared, "known");
    ASSERT_TRUE(life_.act(clear, at(200)));
    EXPECT_EQ(journal_.back().alarm->since_ns, 200'000'000'000);
    ASSERT_TRUE(life_.act(act(wire::AlarmStep::noted, "x"), at(700)));
    EXPECT_EQ(journal_.back().alarm->since_ns, 200'000'000'000);
    find("", Severity::minor, 900);
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::raised);
    life_.end({"env-01", "", "hot"}, "gone", at(1000));
    EXPECT_EQ(journal_.back().alarm->since_ns, 1000'000'000'000);
}

TEST_F(AlarmLifeTest, AShelfThatEndedMeanwhileIsNotThereWhenItComesBack) {
    find("", Severity::minor, 100);
    wire::AlarmAct shelve = act(wire::AlarmStep::shelved);
    shelve.until_ns = 160'000'000'000;
    ASSERT_TRUE(life_.act(shelve, at(110)));
    find("", Severity::none, 120);
    find("", Severity::minor, 150);
    EXPECT_EQ(journal_.back().alarm->shelved_until_ns, shelve.until_ns);
    find("", Severity::none, 155);
    find("", Severity::minor, 170);
    EXPECT_EQ(journal_.back().alarm->step, wire::AlarmStep::reopened);
    EXPECT_EQ(journal_.back().alarm->shelved_until_ns, 0);
}

TEST_F(AlarmLifeTest, NotAllAreToldAgainAtOnce) {
    for (std::size_t i = 0; i <= AlarmLife::kMostRestated; ++i) find(std::to_string(i), Severity::minor, 100);
    const std::size_t raised = journal_.size();
    life_.tick(at(8 * 86'400));
    EXPECT_EQ(journal_.size() - raised, AlarmLife::kMostRestated);
    life_.tick(at(8 * 86'400 + 60));
    EXPECT_EQ(journal_.size() - raised, raised);
    EXPECT_EQ(journal_.back().alarm->revision, journal_.size());
    // The clock is set to another year: nothing is told.
    wire::WireStamp wrong = at(8 * 86'400 + 120);
    wrong.wall_ns += 400 * kDay;
    life_.tick(wrong);
    EXPECT_EQ(journal_.size() - raised, raised);
}

TEST(AlarmId, IsTheSameForEverAndAnotherForEachPart) {
    EXPECT_EQ(id_of({"env-01", "rack #3", "hot"}), "923ee4c5c5d08644");
    EXPECT_NE(id_of({"a", "bc", "d"}), id_of({"ab", "c", "d"}));
}

}  // namespace
}  // namespace outstation::alertd
