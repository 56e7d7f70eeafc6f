// SPDX-License-Identifier: GPL-3.0-or-later
// discover: looks for devices, lists what was found, and takes one into the configuration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// Begins, and says how it goes until it is done; with `detach` it does not wait.
int start_sweep(const Target& target, const std::vector<std::string>& ranges, bool detach);
// pause, resume, stop, or status.
int control_sweep(const Target& target, const std::string& action);
int list_candidates(const Target& target);
// Leaves what was found at the address out, or not any more.
int ignore_candidate(const Target& target, const std::string& address, bool ignored);

// What is new, changed or gone.
int list_differences(const Target& target);
// accept, ignore or restore.
int settle_difference(const Target& target, std::uint64_t id, const std::string& action);

struct AcceptOptions {
    std::string address;
    std::string id;    // empty: made of what it calls itself
    std::string name;  // empty: what it calls itself
    std::string location;
};
int accept_candidate(const Target& target, const AcceptOptions& options);

}  // namespace outstation::ctl
