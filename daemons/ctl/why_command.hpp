// SPDX-License-Identifier: GPL-3.0-or-later
// outstation why DEVICE [METRIC]: how polld asks a device, what came of it, and where values come from.
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// `metric` empty: the device alone. 1 when polld does not poll it, or has no value of the metric.
[[nodiscard]] int show_why(const Target& target, const std::string& device, const std::string& metric);

}  // namespace outstation::ctl
