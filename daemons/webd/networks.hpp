// SPDX-License-Identifier: GPL-3.0-or-later
// The IPv4 subnets that this machine is in, for set-up to propose. Pure but for read_networks().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/model/address_range.hpp"

namespace outstation::webd {

struct Network {
    std::string subnet;  // "10.1.0.0/22"
    std::string interface;
};

// Of the kernel's table of routes (/proc/net/route): what is reached without a gateway, from /16 to /30.
[[nodiscard]] std::vector<Network> parse_networks(std::string_view table);
[[nodiscard]] std::vector<Network> read_networks(const std::string& path = "/proc/self/net/route");

}  // namespace outstation::webd
