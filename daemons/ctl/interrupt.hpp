// SPDX-License-Identifier: GPL-3.0-or-later
// A command that would leave something behind (half a file, a terminal without echo) notes Ctrl-C, SIGTERM
// and SIGHUP, asks in its loops, puts things in order, and only then ends as the signal says. Threads: the
// main one.
#pragma once

#include <csignal>
#include <iterator>

#include "lib/model/result.hpp"

namespace outstation::ctl {

// Make it before what must be put in order, one at a time. A system call that waits ends with EINTR. The
// second signal of a kind ends the process at once; one that was ignored stays so (nohup).
class Interruptible {
  public:
    Interruptible();
    ~Interruptible();  // what was noted is raised again
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

  private:
    static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before_[3] = {};
};

// Fails with refused once a signal was noted.
[[nodiscard]] Result<void> go_on();

}  // namespace outstation::ctl
