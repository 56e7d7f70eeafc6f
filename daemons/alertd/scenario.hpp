// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: a scenario is a text file of what happens at which time and which steps of alarms follow. It
// drives a Keeper on SimLoop and plays its journal. docs/formats/alarm-rules.md, section Scenarios, has the
// format.
#pragma once

#include <string>
#include <vector>

namespace outstation::alertd {

// Each difference between what was expected and what came, with its line; empty: none.
[[nodiscard]] std::vector<std::string> run_scenario(const std::string& path);

}  // namespace outstation::alertd
