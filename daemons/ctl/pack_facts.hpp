// SPDX-License-Identifier: GPL-3.0-or-later
// Findings as JSON text: device, ports, sensors, states, processors, memory, storage, links, inventory. Pure.
#pragma once

#include <string>

#include "drivers/pack/findings.hpp"

namespace outstation::ctl {

[[nodiscard]] std::string facts_json(const pack::Findings& findings);

}  // namespace outstation::ctl
