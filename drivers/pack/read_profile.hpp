// SPDX-License-Identifier: GPL-3.0-or-later
// The sections that Datadog's SNMP profiles have: metadata, metrics, metric_tags. Private to the reader.
#pragma once

#include "drivers/pack/pack.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {

void read_profile(config::Mapping& root, Pack& out);

}  // namespace outstation::pack
