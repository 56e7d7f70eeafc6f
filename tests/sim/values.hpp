// SPDX-License-Identifier: GPL-3.0-or-later
// The value of an instance at a moment of a device's life, and what a liar makes of it.
#pragma once

#include <string>

#include "tests/sim/conduct.hpp"
#include "tests/sim/mib.hpp"

namespace outstation::sim {

// The time as one device has it.
struct DeviceClock {
    SimTime time;                 // elapsed: since the device started
    bool is_fresh = false;        // it restarted: counters and sysUpTime began at 0
    std::uint32_t variation = 0;  // devices of one recording move differently
    double growth_per_s = 0;      // of counters that stand still
    double wrap_s = 0;            // Counter32 reach their end so long after the start
};

// The clock of a device whose simulator has run for so long.
[[nodiscard]] DeviceClock clock_of(const Conduct& conduct, const SimTime& time, std::uint32_t variation);

// The content of the value. What does not move stays where it is, what does is written to `scratch`.
[[nodiscard]] std::string_view content_at(const Instance& instance, const DeviceClock& clock,
                                          std::string& scratch);

// What the conduct makes of a value: changes tag and content, which may then lie in `scratch`.
void distort(const Conduct& conduct, snmp::Tag& tag, std::string_view& content, std::string& scratch);

}  // namespace outstation::sim
