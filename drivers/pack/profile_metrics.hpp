// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics of a pack's Datadog part, valued. Threads: any.
#pragma once

#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"

namespace outstation::pack {

[[nodiscard]] std::vector<MetricValue> profile_metrics(const Pack& pack, const Values& values);

}  // namespace outstation::pack
