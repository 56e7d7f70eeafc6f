// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of counters between their last two samples, exact on 64 bits. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

// Per second: difference of the counter / difference of the times. Nothing when there is no earlier sample,
// the counter was reset (a 32-bit one may wrap), the clock went back, or the samples are further apart than
// `max_gap_ns`.
[[nodiscard]] std::optional<double> rate_of(const wire::LatestRow& row, std::int64_t max_gap_ns);

// The device has restarted between its last two answers: its uptime (a gauge in seconds) fell. Rates over
// that time are gaps.
[[nodiscard]] bool has_restarted(const wire::LatestRow& uptime);

}  // namespace outstation::webd
