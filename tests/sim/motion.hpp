// SPDX-License-Identifier: GPL-3.0-or-later
// Values that move: counters that never go back, gauges and clocks, with a wave over the day and some unrest.
// A value is a function of time alone, so that a simulator of thousands of devices has nothing to update.
#pragma once

#include <cstdint>
#include <string_view>

#include "drivers/snmp/ber.hpp"
#include "lib/model/result.hpp"

namespace outstation::sim {

// When a value is asked for.
struct SimTime {
    double started_wall_s = 0;  // seconds since 1970 at which the simulator started
    double elapsed_s = 0;       // since then
};

struct Motion {
    double start = 0;         // counter: at the start of the simulator; gauge: its mean
    double rate_per_s = 0;    // counters only
    double wave = 0;          // counter: share of the rate; gauge: in its own unit. Highest at 07:00 UTC
    double jitter = 0;        // the same, changing within minutes
    std::uint32_t phase = 0;  // which of many ways to be restless; the same phase moves the same way
};

// "START [rate R] [wave W] [jitter J] [phase N]". A counter needs wave + jitter < 1, so that it never goes
// back.
[[nodiscard]] Result<Motion> parse_motion(snmp::Tag tag, std::string_view text);

// The value as the 64 bits of its type: counters and gauges unsigned (32-bit types wrap or are limited),
// integers two's complement. Ticks go on by 100 a second.
[[nodiscard]] std::uint64_t value_at(const Motion& motion, snmp::Tag tag, const SimTime& time);

}  // namespace outstation::sim
