// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of alarms and rules.
#pragma once

#include <CLI/CLI.hpp>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

void add_alarms(CLI::App& app, Target& target, int& exit_code);

}  // namespace outstation::ctl
