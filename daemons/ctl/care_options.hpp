// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments of the commands that care for the data: backup, restore, verify, export, top.
#pragma once

#include <CLI/CLI.hpp>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// `state_dir` is the option of that name: restore wants it to be given. All outlive the parsing.
void add_care(CLI::App& app, Target& target, int& exit_code, const CLI::Option& state_dir);

}  // namespace outstation::ctl
