// SPDX-License-Identifier: GPL-3.0-or-later
// Declares the commands about device packs: pack check, explain, try.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// `bin_dir`: where the command itself lies; the shipped packs are found from there. Both outlive the app.
void add_packs(CLI::App& app, const Target& target, int& exit_code, const std::string& bin_dir);

}  // namespace outstation::ctl
