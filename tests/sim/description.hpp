// SPDX-License-Identifier: GPL-3.0-or-later
// A device in a few lines of YAML (48 ports, 2 disks, 5 sensors) written out as a recording.
// tests/sim/README.md lists the keys.
#pragma once

#include <string>
#include <vector>

#include "lib/config/config.hpp"

namespace outstation::sim {

// Who is at the other end of a cable.
struct Beside {
    std::string port;  // of the device itself
    std::string name;
    std::string remote_port;
    std::string address{};  // of its management; empty: not announced
    bool is_heard = true;   // by LLDP; else a bridge has learned its MAC
};

struct Identity {
    std::string name;      // sysName; also decides how restless each of its values is
    std::string location;  // sysLocation
    std::vector<Beside> beside{};
};

// Text in the format of snmprec.hpp. Mistakes are left in the document: ask it for its problems.
[[nodiscard]] std::string describe(config::Mapping root, const Identity& identity);

}  // namespace outstation::sim
