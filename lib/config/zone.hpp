// SPDX-License-Identifier: GPL-3.0-or-later
// A time zone: its name and its distance from UTC at a time, by the C library's zone data.
// Threads: one; it sets the zone of the process, whose logs are in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace outstation::config {

struct Zone {
    std::string name;
    long utc_offset_s = 0;
};

// A name that is no IANA name, or that the box has no data for, gives UTC.
[[nodiscard]] Zone zone_at(const std::string& name, std::int64_t wall_ns);

}  // namespace outstation::config
