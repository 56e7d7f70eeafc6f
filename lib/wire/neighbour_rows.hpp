// SPDX-License-Identifier: GPL-3.0-or-later
// What stored tells of devices, as the map of the room is drawn from it. Pure; threads: any.
#pragma once

#include <vector>

#include "lib/model/topology.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::wire {

// A configured device; `row` nullptr: nothing was ever told of it.
[[nodiscard]] topology::Device topology_device(const DeviceConfig& config, const DeviceStateRow* row);

}  // namespace outstation::wire
