// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics of a pack's Datadog part, valued. Threads: any.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

// MetricValue::source of the first rule of a pack; the others follow, and behind all rules what profiles say.
[[nodiscard]] std::uint64_t first_source(const Pack& pack);
// Words of Datadog's, which we took over: counter, monotonic_count, monotonic_count_and_rate.
[[nodiscard]] bool is_counter_type(std::string_view type);

[[nodiscard]] std::vector<MetricValue> profile_metrics(const Pack& pack, const Values& values,
                                                       MatchBudget& budget);

}  // namespace outstation::pack
