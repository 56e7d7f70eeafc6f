// SPDX-License-Identifier: GPL-3.0-or-later
// Each contender is measured in a fresh process of its own, so that none inherits the other's memory.
#pragma once

#include <sys/types.h>

#include <functional>

#include "tests/bench/snmp/workload.hpp"

namespace outstation::bench {

// Ends the program with a message when the child fails.
[[nodiscard]] Measured measure_in_child(const std::function<Measured()>& measure);

// A child that never returns; it dies with its parent.
[[nodiscard]] pid_t fork_child(const std::function<void()>& work);

[[nodiscard]] std::uint64_t own_cpu_us();
[[nodiscard]] std::uint64_t own_resident_bytes();

}  // namespace outstation::bench
