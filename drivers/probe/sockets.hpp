// SPDX-License-Identifier: GPL-3.0-or-later
// The system's sockets as a Network. ICMP goes by a ping socket where net.ipv4.ping_group_range has our
// group, else by a raw socket where we have CAP_NET_RAW, else not at all.
#pragma once

#include <memory>

#include "drivers/probe/asf.hpp"
#include "drivers/probe/network.hpp"
#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"

namespace outstation::probe {

// Opens what needs a privilege now. Fails with io when not even UDP is there. The loop outlives it.
[[nodiscard]] Result<std::unique_ptr<Network>> open_sockets(Loop& loop, std::uint16_t asf_port = kAsfPort);

}  // namespace outstation::probe
