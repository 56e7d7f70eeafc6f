// SPDX-License-Identifier: GPL-3.0-or-later
// One process under supervision: how it is started and what became of it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/event/loop.hpp"

namespace outstation::ctl {

struct ChildSpec {
    std::string name;
    std::vector<std::string> command;  // program and arguments
    bool notifies = false;  // tells READY=1 and WATCHDOG=1 (sd_notify); others count as ready at once
};

// Starts the process in a group of its own; it is sent SIGTERM when we die. `environment` is added
// ("NAME=value").
[[nodiscard]] Result<pid_t> spawn(const ChildSpec& spec, const std::vector<std::string>& environment);

// How a wait status reads for people: "exit code 1", "killed by SIGKILL".
[[nodiscard]] std::string exit_text(int wait_status);

// When to try again: 100 ms, doubled with each failure to 10 s, back to 100 ms after 4 s of running.
class BackOff {
  public:
    [[nodiscard]] Duration next(Duration ran);

  private:
    Duration delay_{0};
};

}  // namespace outstation::ctl
