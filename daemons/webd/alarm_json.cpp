// SPDX-License-Identifier: GPL-3.0-or-later
// Names that people chose are data like what devices say.
#include "daemons/webd/alarm_json.hpp"

#include "daemons/webd/fleet.hpp"

namespace outstation::webd {
namespace {

// All other ids are hexadecimal.
constexpr std::string_view kStoreFailed = "store-failed";

// 0: there is none.
Json time_or_null(std::int64_t wall_ns) {
    return wall_ns != 0 ? json_time(wall_ns) : Json(nullptr);
}

}  // namespace

bool is_volatile(const wire::AlarmRow& row) {
    return row.id == kStoreFailed;
}

Json alarm_json(const wire::AlarmRow& row, const wire::ConfigReply& config) {
    const wire::StateRecord& record = row.record;
    const wire::AlarmState state = record.alarm.value_or(wire::AlarmState{});
    return Json{{"id", clean_text(row.id)},
                {"device", json_text(record.device)},
                {"device_name", device_name_json(record.device, config)},
                {"component", json_text(record.component)},
                {"rule", clean_text(state.rule)},
                {"name", {{"zh", clean_text(state.name_zh)}, {"en", clean_text(state.name_en)}}},
                {"severity", word_of(state.severity)},
                {"open", state.open},
                {"raised", time_or_null(state.raised_ns)},
                {"since", time_or_null(state.since_ns)},
                {"changed", json_time(record.stamp.wall_ns)},
                {"reopened", state.reopened},
                {"acknowledged_by", json_text(state.acknowledged_by)},
                {"acknowledged", time_or_null(state.acknowledged_ns)},
                {"assignee", json_text(state.assignee)},
                {"shelved_until", time_or_null(state.shelved_until_ns)},
                {"value", json_number(state.value)},
                {"limit", json_number(state.limit)},
                {"unit", json_text(row.unit)},
                {"recorded", row.recorded},
                {"volatile", is_volatile(row)}};
}

Json counts_json(const wire::AlarmCounts& counts) {
    return Json{{"critical", counts.critical}, {"major", counts.major},     {"minor", counts.minor},
                {"warning", counts.warning},   {"untaken", counts.untaken}, {"shelved", counts.shelved},
                {"cleared", counts.cleared}};
}

Json step_json(const wire::StoredState& stored) {
    const wire::AlarmState& state = *stored.record.alarm;
    return Json{{"sequence", stored.sequence},
                {"time", json_time(stored.record.stamp.wall_ns)},
                {"step", word_of(state.step)},
                {"severity", word_of(state.severity)},
                {"by", json_text(state.by)},
                {"text", json_text(state.text)},
                {"assignee", json_text(state.assignee)},
                {"shelved_until", time_or_null(state.shelved_until_ns)},
                {"value", json_number(state.value)}};
}

}  // namespace outstation::webd
