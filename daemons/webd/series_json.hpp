// SPDX-License-Identifier: GPL-3.0-or-later
// A series as the contract has it: number, labels, unit. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "daemons/webd/json.hpp"
#include "lib/wire/records.hpp"

namespace outstation::webd {

// The unit at the end of a metric's name by Prometheus conventions: "if_in_octets_total" gives "octets";
// "none" when there is none.
[[nodiscard]] std::string_view unit_of(std::string_view metric);
[[nodiscard]] Json labels_json(const wire::SeriesDef& series);

}  // namespace outstation::webd
