// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room as the contract's schema Topology has it. Threads: pure functions.
#pragma once

#include <map>
#include <string>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/json.hpp"
#include "lib/model/topology.hpp"
#include "lib/wire/alert_messages.hpp"

namespace outstation::webd {

inline constexpr std::size_t kMostLinks = 4000;   // of an answer
inline constexpr std::size_t kMostEvidence = 16;  // of a link

// The worst active alarm of each device.
using WorstAlarms = std::map<std::string, wire::Severity, std::less<>>;

// `device` not empty: its links alone, and the nodes that they lead to.
[[nodiscard]] Json topology_json(const topology::Map& map, const Fleet& fleet, const WorstAlarms& alarms,
                                 const std::string& device);

}  // namespace outstation::webd
