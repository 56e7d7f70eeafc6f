// SPDX-License-Identifier: GPL-3.0-or-later
// One device to be played: where it is, what it shows, how it behaves. Devices of one recording share it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/behaviours.hpp"
#include "tests/sim/mib.hpp"

namespace outstation::sim {

struct Device {
    std::string id;
    std::string address;  // IPv4 or IPv6, loopback only
    std::uint16_t port = 0;
    std::shared_ptr<const Mib> mib{};
    std::shared_ptr<const Mib> renumbered{};  // the same, when a behaviour may need it
    std::shared_ptr<const std::vector<Scheduled>> behaviours{};
    std::uint32_t variation = 0;  // of how its values move, among devices that share a Mib
    std::string sys_name{};       // instead of the Mib's
    std::string name{};           // of a room's device, for people
    std::string device_class{};   // as in station.yaml
    std::string location{};
};

}  // namespace outstation::sim
