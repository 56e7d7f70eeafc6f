// SPDX-License-Identifier: GPL-3.0-or-later
// Which devices are played and where: a room file, or recordings named one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/model/result.hpp"
#include "tests/sim/mib.hpp"

namespace outstation::sim {

inline constexpr std::size_t kMaxDevices = 20000;

struct Device {
    std::string id;
    std::string address;  // IPv4 or IPv6, loopback only
    std::uint16_t port = 0;
    std::shared_ptr<const Mib> mib;
    std::string name;          // of a room's device, for people
    std::string device_class;  // as in station.yaml
    std::string location;
};

// A room file. `port` is for the devices that name none. What a device plays (`play: FILE`) lies beside it:
// .yaml is a description, .snmprec a recording.
[[nodiscard]] Result<std::vector<Device>> read_room(const std::string& path, std::uint16_t port);

// "ADDRESS:PORT=FILE" or "ADDRESS:PORT+COUNT=FILE" for the same device on COUNT ports; an IPv6 address in
// brackets.
[[nodiscard]] Result<std::vector<Device>> parse_device(const std::string& argument);

[[nodiscard]] bool is_loopback(const std::string& address);

}  // namespace outstation::sim
