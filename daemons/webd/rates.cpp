// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of counters.
#include "daemons/webd/rates.hpp"

#include "lib/model/counter.hpp"

namespace outstation::webd {

std::optional<double> rate_of(const wire::LatestRow& row, std::int64_t max_gap_ns) {
    const std::int64_t span_ns = row.wall_ns - row.previous_wall_ns;
    if (row.previous_wall_ns == 0 || span_ns <= 0 || span_ns > max_gap_ns) return std::nullopt;
    const auto increase = counter_increase(row.previous_counter, row.counter, row.series.is_32_bit());
    if (!increase) return std::nullopt;
    return static_cast<double>(*increase) / (static_cast<double>(span_ns) / 1e9);
}

bool has_restarted(const wire::LatestRow& uptime) {
    return uptime.previous_wall_ns != 0 && uptime.gauge < uptime.previous_gauge;
}

}  // namespace outstation::webd
