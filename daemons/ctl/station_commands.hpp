// SPDX-License-Identifier: GPL-3.0-or-later
// Commands that look: status, devices, show. Each prints a table, or JSON with `json`, and gives the exit
// code.
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// 3 when a daemon does not run or does not answer.
[[nodiscard]] int show_status(const Target& target);
[[nodiscard]] int show_devices(const Target& target);
// Attributes and latest values of one device; `metric` empty: all.
[[nodiscard]] int show_device(const Target& target, const std::string& device, const std::string& metric);

}  // namespace outstation::ctl
