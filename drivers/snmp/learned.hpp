// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine has learned of a device, for people who ask why it is polled as it is. Plain data, a copy.
#pragma once

#include "drivers/snmp/cycle.hpp"
#include "drivers/snmp/session.hpp"

namespace outstation::snmp {

struct Learned {
    DeviceMemory memory;             // of its plan: the last exchange, what each part costs and bears
    Version version = Version::v2c;  // that is spoken
    EngineState engine;              // v3
    Duration rtt{0};                 // smoothed; 0: not known
    Duration timeout{0};             // of the next request
};

}  // namespace outstation::snmp
