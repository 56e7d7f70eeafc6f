// SPDX-License-Identifier: GPL-3.0-or-later
// The sections of a pack that are ours: ports, sensors, states and the rest. Private to the reader.
#pragma once

#include "drivers/pack/pack.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {

void read_rules(config::Mapping& root, Pack& out);

}  // namespace outstation::pack
