// SPDX-License-Identifier: GPL-3.0-or-later
// Who may try a password now: 5 failures in a row lock a user for 15 minutes, and one source may try 20 times
// in a minute. Names that do not exist are counted like those that do. Attempts under way count, so that a
// burst gains nothing. Memory is bounded. Threads: one.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "lib/event/loop.hpp"

namespace outstation::authd {

inline constexpr int kFailuresToLock = 5;
inline constexpr Duration kLockTime = std::chrono::minutes(15);
inline constexpr int kTriesOfSource = 20;
inline constexpr Duration kSourceWindow = std::chrono::minutes(1);
inline constexpr std::size_t kMostCounted = 4096;  // users, and sources

class Lockout {
  public:
    // How long to wait before the next attempt; 0: begin it now. A begun attempt must be finished.
    [[nodiscard]] Duration begin(const std::string& user, const std::string& source, MonoTime now);
    // True when this failure has locked the user.
    bool failed(const std::string& user, MonoTime now);
    void succeeded(const std::string& user);
    // Neither: the attempt could not be made.
    void abandoned(const std::string& user);
    [[nodiscard]] Duration locked_for(const std::string& user, MonoTime now) const;

  private:
    struct User {
        int failures = 0;
        int under_way = 0;
        MonoTime last{};
        MonoTime locked_until{};
    };
    struct Source {
        int tries = 0;
        MonoTime window_end{};
    };
    [[nodiscard]] Duration wait_of_source(const std::string& source, MonoTime now);
    void forget_old(MonoTime now);

    std::map<std::string, User> users_;
    std::map<std::string, Source> sources_;
};

}  // namespace outstation::authd
