// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of discover.
#pragma once

#include <CLI/CLI.hpp>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

void add_discover(CLI::App& app, const Target& target, int& exit_code);

}  // namespace outstation::ctl
