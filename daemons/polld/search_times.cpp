// SPDX-License-Identifier: GPL-3.0-or-later
// Days of a zone.
#include "daemons/polld/search_times.hpp"

#include "lib/config/zone.hpp"

namespace outstation::polld {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

}  // namespace

std::int64_t next_search_ns(std::int64_t last_ns, const SearchTimes& times) {
    const std::int64_t interval = static_cast<std::int64_t>(times.interval_ms) * 1'000'000;
    if (interval == 0) return 0;
    if (interval < kDay) return last_ns + interval;
    const std::int64_t earliest = last_ns + interval - kDay / 2;
    const std::int64_t offset = config::zone_at(times.zone, earliest).utc_offset_s * kSecond;
    const std::int64_t local = earliest + offset;
    std::int64_t next = local - local % kDay + times.minute * 60 * kSecond;
    if (next < local) next += kDay;
    return next - offset;
}

}  // namespace outstation::polld
