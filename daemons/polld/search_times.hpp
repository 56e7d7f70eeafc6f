// SPDX-License-Identifier: GPL-3.0-or-later
// When the station searches by itself. Pure but for the zone data of the C library.
#pragma once

#include <cstdint>
#include <string>

namespace outstation::polld {

struct SearchTimes {
    std::uint64_t interval_ms = 0;  // 0: never
    std::uint32_t minute = 0;       // of the day
    std::string zone;               // IANA
    bool operator==(const SearchTimes&) const = default;
};

// Wall clock of the search that follows the one at `last_ns`. An interval of a day or more ends at the minute
// of the day that is nearest to it; a shorter one where it ends. 0: there is none.
[[nodiscard]] std::int64_t next_search_ns(std::int64_t last_ns, const SearchTimes& times);

}  // namespace outstation::polld
