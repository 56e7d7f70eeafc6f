// SPDX-License-Identifier: GPL-3.0-or-later
// Which devices are played, where, how, and for whom: a room file, or devices named one by one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/config/config.hpp"
#include "tests/sim/device.hpp"
#include "tests/sim/library.hpp"
#include "tests/sim/usm_engine.hpp"

namespace outstation::sim {

inline constexpr std::size_t kMaxDevices = 100'000;

struct Room {
    std::vector<Device> devices;
    Users users;  // of SNMPv3
};

// A room file, docs/guide/simulator.md. `port` is for the devices that name none. What a device plays lies
// beside the file. Fails with config, naming every mistake with its line.
[[nodiscard]] Result<Room> read_room(const std::string& path, std::uint16_t port, Library& library);

// A file with nothing but `users:`.
[[nodiscard]] Result<Users> read_users(const std::string& path);

// "ADDRESS[*COUNT]:PORT[+COUNT]=FILE": one device, or COUNT of them at addresses or ports that follow each
// other; an IPv6 address in brackets.
[[nodiscard]] Result<std::vector<Device>> parse_device(const std::string& argument, Library& library);

// All of them do this, besides what they do already.
void add_behaviours(std::span<Device> devices, const std::vector<Scheduled>& behaviours, Library& library);

[[nodiscard]] bool is_loopback(const std::string& address);

}  // namespace outstation::sim
