// SPDX-License-Identifier: GPL-3.0-or-later
// What is not known is left out.
#include "daemons/ctl/alarm_json.hpp"

#include <nlohmann/json.hpp>

namespace outstation::ctl {

using nlohmann::json;

json alarm_json(const wire::StateRecord& record) {
    const wire::AlarmState& state = *record.alarm;
    json out = {{"rule", state.rule},
                {"device", record.device},
                {"component", record.component},
                {"severity", std::string(wire::word_of(state.severity))},
                {"open", state.open},
                {"step", std::string(wire::word_of(state.step))},
                {"revision", state.revision},
                {"occurrence", state.occurrence},
                {"raised_ns", state.raised_ns},
                {"since_ns", state.since_ns},
                {"changed_ns", record.stamp.wall_ns},
                {"reopened", state.reopened},
                {"name", {{"zh", state.name_zh}, {"en", state.name_en}}}};
    if (state.value) out["value"] = *state.value;
    if (state.limit) out["limit"] = *state.limit;
    if (!state.acknowledged_by.empty()) out["acknowledged_by"] = state.acknowledged_by;
    if (!state.assignee.empty()) out["assignee"] = state.assignee;
    if (state.shelved_until_ns != 0) out["shelved_until_ns"] = state.shelved_until_ns;
    if (!state.by.empty()) out["by"] = state.by;
    if (!state.text.empty()) out["text"] = state.text;
    return out;
}

}  // namespace outstation::ctl
