// SPDX-License-Identifier: GPL-3.0-or-later
// The three that do the same work. Each measures its own process; call them in a child.
#pragma once

#include "tests/bench/snmp/workload.hpp"

namespace outstation::bench {

// drivers/snmp: everything decoded, checked and handed over.
[[nodiscard]] Measured measure_product(const Work& work);
// Ready-made requests through sendmmsg and recvmmsg; of an answer only the source address is looked at.
[[nodiscard]] Measured measure_floor(const Work& work);
// The Net-SNMP library: one session a device, epoll, values copied out of its variable lists.
[[nodiscard]] Measured measure_net_snmp(const Work& work);

}  // namespace outstation::bench
