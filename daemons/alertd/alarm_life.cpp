// SPDX-License-Identifier: GPL-3.0-or-later
// One step after the other.
#include "daemons/alertd/alarm_life.hpp"

namespace outstation::alertd {
namespace {

using wire::AlarmState;
using wire::AlarmStep;

constexpr std::size_t kMostTextOctets = 1000;
constexpr std::size_t kMostNameOctets = 128;
constexpr std::size_t kMostTokenOctets = 64;

bool is_older(const wire::WireStamp& stamp, const wire::WireStamp& now, Duration age) {
    return age_ns(stamp, now) > age.count();
}

// A shelf is for as long as was said when it was made, wherever the wall clock is set to meanwhile.
bool is_shelf_over(const Alarm& alarm, const wire::WireStamp& now) {
    const std::int64_t until_ns = alarm.state().shelved_until_ns;
    return until_ns != 0 && age_ns(alarm.shelved, now) >= until_ns - alarm.shelved.wall_ns;
}

// What is wrong with the step whatever the alarm is like; empty: nothing.
std::string mistake_of(const wire::AlarmAct& act, const wire::WireStamp& now) {
    if (act.text.size() > kMostTextOctets) return "the text is longer than 1000 bytes";
    if (act.token.size() > kMostTokenOctets) return "the token is longer than 64 bytes";
    if (act.by.empty() || act.by.size() > kMostNameOctets) return "a step of a person needs a name";
    switch (act.step) {
        case AlarmStep::noted:
            return act.text.empty() ? "a note needs a text" : "";
        case AlarmStep::assigned:
            return act.text.size() > kMostNameOctets ? "the name is longer than 128 bytes" : "";
        case AlarmStep::shelved:
            return act.until_ns <= now.wall_ns ? "a shelf needs an end in the future" : "";
        case AlarmStep::cleared:
            return act.text.empty() ? "clearing by hand needs a note" : "";
        case AlarmStep::acknowledged:
        case AlarmStep::unshelved:
            return "";
        default:
            return "people do not take this step";
    }
}

// Why it cannot be taken now; empty: it can.
std::string fault_of(const wire::AlarmAct& act, const AlarmState& state) {
    const bool needs_open = act.step == AlarmStep::shelved || act.step == AlarmStep::cleared ||
                            act.step == AlarmStep::acknowledged;
    if (needs_open && !state.open) return "the alarm is not open";
    if (act.step == AlarmStep::acknowledged && !state.acknowledged_by.empty())
        return "it is acknowledged already";
    if (act.step == AlarmStep::unshelved && state.shelved_until_ns == 0) return "the alarm is not shelved";
    return "";
}

void apply_act(AlarmState& state, const wire::AlarmAct& act, const wire::WireStamp& now) {
    state.by = act.by;
    if (act.step != AlarmStep::assigned) state.text = act.text;  // the person is the assignee
    state.token = act.token;
    if (act.step == AlarmStep::acknowledged) {
        state.acknowledged_by = act.by;
        state.acknowledged_ns = now.wall_ns;
    } else if (act.step == AlarmStep::assigned) {
        state.assignee = act.text;
    } else if (act.step == AlarmStep::shelved) {
        state.shelved_until_ns = act.until_ns;
    } else if (act.step == AlarmStep::unshelved) {
        state.shelved_until_ns = 0;
    } else if (act.step == AlarmStep::cleared) {
        state.open = false;
        state.since_ns = now.wall_ns;
    }
}

}  // namespace

wire::StateRecord AlarmLife::next(const AlarmKey& key, const wire::WireStamp& stamp, AlarmStep step) const {
    wire::StateRecord record;
    record.device = key.device;
    record.stamp = stamp;
    record.kind = wire::kAlarmKind;
    record.component = key.component;
    const Alarm* known = book_.find(key);
    record.alarm = known != nullptr ? known->state() : AlarmState{};
    record.alarm->rule = key.rule;
    record.alarm->step = step;
    record.alarm->revision = book_.newest_revision() + 1;
    record.alarm->by.clear();
    record.alarm->text.clear();
    return record;
}

void AlarmLife::take(const wire::StateRecord& record) {
    if (book_.apply(record)) write_(record);
}

// Raised anew, or open again.
void AlarmLife::begin(AlarmState& state, const Change& change, const Alarm* known) const {
    const bool again = known != nullptr && !is_older(known->changed, change.stamp, kReopenWithin);
    state.open = true;
    state.acknowledged_by.clear();
    state.acknowledged_ns = 0;
    if (again) {
        state.step = AlarmStep::reopened;
        ++state.reopened;
        if (is_shelf_over(*known, change.stamp)) state.shelved_until_ns = 0;
        return;
    }
    state.step = AlarmStep::raised;
    state.occurrence = state.revision;
    state.raised_ns = change.stamp.wall_ns;
    state.reopened = 0;
    state.assignee.clear();
    state.shelved_until_ns = 0;
}

bool AlarmLife::is_over_by_hand(const AlarmKey& key, const Rule& composite) const {
    const Alarm* alarm = book_.find(key);
    return alarm != nullptr && !alarm->state().open && alarm->changed_by_hand &&
           !book_.has_changed(key.device, composite.all, alarm->changed_revision) &&
           !book_.has_changed(key.device, composite.none, alarm->changed_revision);
}

void AlarmLife::on_change(const Change& change) {
    const Alarm* known = book_.find(change.key);
    const bool open = known != nullptr && known->state().open;
    const Severity before = open ? known->state().severity : Severity::none;
    if (change.severity == before) return;
    wire::StateRecord record = next(change.key, change.stamp, AlarmStep::eased);
    AlarmState& state = *record.alarm;
    if (change.severity == Severity::none) {
        state.step = AlarmStep::cleared;
        state.open = false;
    } else if (!open) {
        begin(state, change, known);
    } else if (badness(change.severity) > badness(before)) {
        state.step = AlarmStep::escalated;
    }
    if (change.severity != Severity::none) {
        state.severity = change.severity;
        state.limit = change.limit;
        state.name_zh = change.rule->name_zh;
        state.name_en = change.rule->name_en;
    }
    state.since_ns = change.since_ns;
    state.value = change.value;
    take(record);
}

Result<wire::StateRecord> AlarmLife::act(const wire::AlarmAct& act, const wire::WireStamp& now) {
    const Alarm* alarm = book_.find(act.id);
    if (alarm == nullptr) return fail(ErrorCode::not_found, "there is no alarm " + act.id.substr(0, 80));
    if (const std::string mistake = mistake_of(act, now); !mistake.empty())
        return fail(ErrorCode::malformed, mistake);
    if (alarm->was_taken(act.token)) return alarm->newest;
    if (const std::string fault = fault_of(act, alarm->state()); !fault.empty())
        return fail(ErrorCode::refused, fault);
    wire::StateRecord record = next(key_of(alarm->newest), now, act.step);
    apply_act(*record.alarm, act, now);
    take(record);
    return record;
}

void AlarmLife::end(const AlarmKey& key, const std::string& reason, const wire::WireStamp& now) {
    if (book_.severity_of(key) == Severity::none) return;
    wire::StateRecord record = next(key, now, AlarmStep::cleared);
    record.alarm->open = false;
    record.alarm->since_ns = now.wall_ns;
    record.alarm->text = reason;
    record.alarm->value.reset();
    take(record);
}

void AlarmLife::tick(const wire::WireStamp& now) {
    std::vector<wire::StateRecord> due;
    std::size_t restated = 0;
    for (const auto& [key, alarm] : book_.alarms()) {
        const AlarmState& state = alarm.state();
        if (!state.open) continue;
        const bool unshelved = is_shelf_over(alarm, now);
        if (!unshelved && (!is_older(alarm.newest.stamp, now, kRestateAfter) || ++restated > kMostRestated))
            continue;
        due.push_back(next(key, now, unshelved ? AlarmStep::unshelved : AlarmStep::restated));
        due.back().alarm->revision += due.size() - 1;
        if (unshelved) due.back().alarm->shelved_until_ns = 0;
    }
    for (const wire::StateRecord& record : due) take(record);
    book_.forget_cleared(now, kKeepCleared);
}

}  // namespace outstation::alertd
