// SPDX-License-Identifier: GPL-3.0-or-later
// A state change as the contract's schema Event.
#pragma once

#include <algorithm>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/json.hpp"

namespace outstation::webd {

[[nodiscard]] inline Json event_json(const wire::StoredState& event, const wire::ConfigReply& config) {
    const auto& id = event.record.device;
    const auto it = std::find_if(config.devices.begin(), config.devices.end(),
                                 [&id](const wire::DeviceConfig& device) { return device.id == id; });
    return Json{{"sequence", event.sequence},
                {"time", json_time(event.record.stamp.wall_ns)},
                {"device", clean_text(id)},
                {"device_name", it != config.devices.end() ? name_of(*it) : clean_text(id)},
                {"kind", clean_text(event.record.kind)},
                {"component", json_text(event.record.component)},
                {"reason", json_text(event.record.reason)}};
}

}  // namespace outstation::webd
