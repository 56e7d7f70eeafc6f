// SPDX-License-Identifier: GPL-3.0-or-later
// How a command ends: its exit code, and the one line it says about a failure.
#pragma once

#include <string>

#include "lib/model/result.hpp"

namespace outstation::ctl {

// Exit codes, for scripts (README.md here).
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  // the station said no, or the system failed
inline constexpr int kUsage = 2;   // wrong arguments, or a wrong file
inline constexpr int kAway = 3;    // a daemon does not run or does not answer

// Where the station is, and how to print.
struct Target {
    std::string run_dir;
    bool json = false;
    std::string state_dir = {};  // of everything the station keeps
};

// Prints the error to standard error (with --json as {"error": {"code", "message"}}) and gives the exit code.
[[nodiscard]] int failed(const Target& target, const Error& error);
// Prints `text`, or with --json {"done": true}.
[[nodiscard]] int done(const Target& target, const std::string& text);

}  // namespace outstation::ctl
