// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments that every daemon takes.
#pragma once

#include <optional>
#include <string>

#include "lib/runtime/log.hpp"

namespace outstation::runtime {

struct Options {
    std::string config_file;  // empty: defaults only
    std::string state_dir;
    std::string run_dir;
    Level log_level = Level::info;
    bool check_config = false;
};

// Reads argv. Nothing: the process should end with `exit_code` (help and version give 0, mistakes 2).
[[nodiscard]] std::optional<Options> parse_options(const std::string& daemon, const std::string& summary,
                                                   int argc, char** argv, int& exit_code);

}  // namespace outstation::runtime
