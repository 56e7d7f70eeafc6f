// SPDX-License-Identifier: GPL-3.0-or-later
// A station in a process of its own, to be killed or to run out of memory, with real files. It tells its
// parent, over a pipe, what was sent and acknowledged; the parent opens what is left. Threads: one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "tests/faults/station.hpp"
#include "tests/faults/unsynced_files.hpp"

namespace outstation::faults {

inline constexpr int kStoreFailed = 70;

// Works a station through its routine, with an opening half way, as the daemon does: whatever is thrown ends
// the process, and so does a store that failed. 0, or kStoreFailed.
int work_through(Station& station) noexcept;

struct Child {
    UnsyncedFiles files;
    std::function<void()> on_note = [] {};  // before its parent is told of something
    std::function<void()> begin = [] {};
    std::function<void(pid_t)> meanwhile = [](pid_t) {};  // in the parent
};
// Forks and works a station of the successor's routine through; what it sent and was told is the successor's
// then. Its wait status; -1: it could not be started.
int run_child(Child& child, Station& successor, const std::string& directory);

// A directory for journal and history, removed with everything in it.
class TrialDirectory {
  public:
    TrialDirectory();
    ~TrialDirectory();
    TrialDirectory(const TrialDirectory&) = delete;
    TrialDirectory& operator=(const TrialDirectory&) = delete;
    [[nodiscard]] std::string journal() const { return path_ + "/journal"; }

  private:
    std::string path_;
};

}  // namespace outstation::faults
