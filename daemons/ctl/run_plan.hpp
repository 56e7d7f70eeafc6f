// SPDX-License-Identifier: GPL-3.0-or-later
// What `outstation run` starts: the daemons of a station under one directory, and the extra processes of a
// file.
#pragma once

#include <string>
#include <vector>

#include "daemons/ctl/child.hpp"
#include "lib/model/result.hpp"

namespace outstation::ctl {

struct RunOptions {
    std::string state_dir;  // everything of the station lies under it
    std::string bin_dir;    // where the daemons are
    std::string ui_dir;     // built web UI; empty: webd's own default
    std::string with_file;  // YAML with extra processes; empty: none
    unsigned port = 8443;
    std::vector<std::string> addresses;  // webd listens on; empty: loopback only
    bool check = false;  // stop with exit code 0 once a first value is there, 1 when none comes in a minute
};

// run_dir is state_dir/run; each daemon has state_dir/NAME.
[[nodiscard]] std::string run_dir_of(const RunOptions& options);

// Makes the directories and webd's file, reads the extra processes, and gives all in starting order.
[[nodiscard]] Result<std::vector<ChildSpec>> plan_run(const RunOptions& options);

}  // namespace outstation::ctl
