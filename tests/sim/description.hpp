// SPDX-License-Identifier: GPL-3.0-or-later
// A device in a few lines of YAML (48 ports, 2 disks, 5 sensors) written out as a recording.
// tests/sim/README.md lists the keys.
#pragma once

#include <string>

#include "lib/config/config.hpp"

namespace outstation::sim {

struct Identity {
    std::string name;      // sysName; also decides how restless each of its values is
    std::string location;  // sysLocation
};

// Text in the format of snmprec.hpp. Mistakes are left in the document: ask it for its problems.
[[nodiscard]] std::string describe(config::Mapping root, const Identity& identity);

}  // namespace outstation::sim
