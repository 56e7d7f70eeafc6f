// SPDX-License-Identifier: GPL-3.0-or-later
// A step of an alarm for programs, as `outstation --json alarms` and `journal` tell it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lib/wire/records.hpp"

namespace outstation::ctl {

// The record has an alarm.
[[nodiscard]] nlohmann::json alarm_json(const wire::StateRecord& record);

}  // namespace outstation::ctl
