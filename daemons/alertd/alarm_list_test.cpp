// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of alarms: order, filters, counts, cursors.
#include "daemons/alertd/alarm_list.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace outstation::alertd {
namespace {

class AlarmListTest : public testing::Test {
  protected:
    wire::AlarmState& add(const std::string& component, Severity severity, std::int64_t raised_ns) {
        wire::StateRecord record;
        record.device = "env-01";
        record.component = component;
        record.kind = wire::kAlarmKind;
        record.stamp.wall_ns = raised_ns;
        record.alarm.emplace();
        record.alarm->rule = "hot";
        record.alarm->open = true;
        record.alarm->severity = severity;
        record.alarm->raised_ns = raised_ns;
        records_.push_back(record);
        return *records_.back().alarm;
    }
    wire::AlarmList list(const wire::AlarmListRequest& request) {
        AlarmBook book;
        std::uint64_t revision = 0;
        for (auto& record : records_) {
            record.alarm->revision = ++revision;
            book.apply(record);
        }
        return list_alarms(request, book, rules_, store_failed_).value();
    }
    static std::string components(const wire::AlarmList& reply) {
        std::string out;
        for (const auto& row : reply.alarms) out += row.record.component + " ";
        return out;
    }
    static wire::AlarmListRequest scoped(wire::AlarmScope scope) {
        wire::AlarmListRequest request;
        request.scope = scope;
        return request;
    }

    std::deque<wire::StateRecord> records_;
    RuleSet rules_;
    std::optional<wire::StateRecord> store_failed_;
};

TEST_F(AlarmListTest, TheWorstStandFirstAndOfTheseTheNewest) {
    add("a", Severity::minor, 100);
    add("b", Severity::critical, 50);
    add("c", Severity::minor, 200);
    add("d", Severity::critical, 70);
    EXPECT_EQ(components(list({})), "d b c a ");
}

TEST_F(AlarmListTest, ScopesFiltersAndCounts) {
    add("open", Severity::major, 1);
    add("taken", Severity::major, 2).acknowledged_by = "li";
    add("assigned", Severity::minor, 3).assignee = "li";
    add("shelved", Severity::critical, 4).shelved_until_ns = 99;
    add("over", Severity::critical, 5).open = false;
    EXPECT_EQ(components(list(scoped(wire::AlarmScope::active))), "taken open assigned ");
    EXPECT_EQ(components(list(scoped(wire::AlarmScope::shelved))), "shelved ");
    EXPECT_EQ(components(list(scoped(wire::AlarmScope::cleared))), "over ");
    auto request = scoped(wire::AlarmScope::active);
    request.untaken = true;
    EXPECT_EQ(components(list(request)), "open ");
    request.severity = Severity::minor;
    const auto none = list(request);
    EXPECT_EQ(components(none), "");
    EXPECT_EQ(none.counts, (wire::AlarmCounts{0, 2, 1, 0, 1, 1, 1}));  // whatever was asked for
    wire::AlarmListRequest one;
    one.id = id_of({"env-01", "over", "hot"});
    EXPECT_EQ(components(list(one)), "over ");
}

// What comes and goes between two pages moves nothing.
TEST_F(AlarmListTest, APageGoesOnBehindItsLastAlarm) {
    for (const char* component : {"a", "b", "c", "d", "e"}) add(component, Severity::minor, 100);
    wire::AlarmListRequest request;
    request.limit = 2;
    std::string all;
    int pages = 0;
    do {
        const auto page = list(request);
        EXPECT_EQ(page.total, static_cast<std::uint32_t>(5 + pages));
        all += components(page);
        request.cursor = page.next;
        add("new" + std::to_string(pages++), Severity::critical, 500);
    } while (!request.cursor.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(all.find("new"), std::string::npos);
    for (const char* component : {"a ", "b ", "c ", "d ", "e "})
        EXPECT_NE(all.find(component), std::string::npos) << all;
    EXPECT_EQ(all.size(), 10U) << all;
}

TEST_F(AlarmListTest, ACursorOfSomebodyElseIsRefused) {
    for (const char* cursor : {"x", "1", "1:", "1:2", "300:2:id", ":1:id", "1:99999999999999999999:id"}) {
        wire::AlarmListRequest request;
        request.cursor = cursor;
        const auto reply = list_alarms(request, AlarmBook{}, rules_, {});
        ASSERT_FALSE(reply) << cursor;
        EXPECT_EQ(reply.error().code, ErrorCode::malformed);
    }
}

TEST_F(AlarmListTest, TheAlarmThatIsNowhereElseIsAmongThem) {
    add("a", Severity::critical, 100);
    store_failed_ = records_.front();
    store_failed_->component = "store";
    store_failed_->alarm->raised_ns = 200;
    const auto reply = list(scoped(wire::AlarmScope::active));
    ASSERT_EQ(reply.alarms.size(), 2U);
    EXPECT_EQ(reply.alarms[0].id, kStoreFailed);
    EXPECT_FALSE(reply.alarms[0].recorded);
    EXPECT_EQ(reply.counts.critical, 2U);
}

TEST_F(AlarmListTest, ClearedOnesStandByTheirEndAndNotByANoteOfLater) {
    for (const auto& [component, end_ns] : {std::pair{"a", 300}, std::pair{"b", 400}}) {
        wire::AlarmState& state = add(component, Severity::minor, 100);
        state.open = false;
        state.since_ns = end_ns;
    }
    records_[0].stamp.wall_ns = 900;  // of the note
    EXPECT_EQ(components(list(scoped(wire::AlarmScope::cleared))), "b a ");
}

TEST_F(AlarmListTest, ValuesHaveTheUnitOfTheirRule) {
    Rule rule;
    rule.id = "hot";
    rule.metric = "temperature_celsius";
    rules_.rules.push_back(rule);
    add("a", Severity::minor, 100);
    EXPECT_EQ(list({}).alarms[0].unit, "celsius");
    rule.of = "size_bytes";
    EXPECT_EQ(unit_of(rule), "ratio");
    rule.kind = RuleKind::forecast;
    EXPECT_EQ(unit_of(rule), "seconds");
    rule.kind = RuleKind::rate;
    EXPECT_EQ(unit_of(rule), "");
    rules_.rules.clear();
    EXPECT_EQ(list({}).alarms[0].unit, "");
}

}  // namespace
}  // namespace outstation::alertd
