// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms as the contract's schemas have them.
#pragma once

#include "daemons/webd/json.hpp"
#include "lib/wire/alert_messages.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

// Schema Alarm.
// alertd's alarm that says that nothing is recorded.
[[nodiscard]] bool is_volatile(const wire::AlarmRow& row);
[[nodiscard]] Json alarm_json(const wire::AlarmRow& row, const wire::ConfigReply& config);
// Schema AlarmCounts.
[[nodiscard]] Json counts_json(const wire::AlarmCounts& counts);
// Schema AlarmStep; the record has an alarm.
[[nodiscard]] Json step_json(const wire::StoredState& stored);

}  // namespace outstation::webd
