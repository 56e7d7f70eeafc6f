// SPDX-License-Identifier: GPL-3.0-or-later
// Who may try a password now: 5 failures in a row lock a user for 15 minutes, and one source may try 20 times
// in a minute. A source from which the user has signed in before is counted by itself, so that strangers
// cannot lock the user out there. Names that do not exist are counted like those that do. Attempts under way
// count, so that a burst gains nothing. Memory is bounded: when it is full the oldest that no user needs
// gives way. Times are monotonic: setting the clock changes nothing. Threads: one.
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
inline constexpr std::size_t kMostCounted = 4096;  // names, and sources

// One attempt to give a password.
struct Attempt {
    std::string user;
    std::string source;     // a source_key()
    bool exists = false;    // there is such a user
    bool is_known = false;  // the user has signed in from this source before
};

class Lockout {
  public:
    // How long to wait before the attempt; 0: begin it now. A begun attempt must be finished, once, by one of
    // the three below with the same Attempt.
    [[nodiscard]] Duration begin(const Attempt& attempt, MonoTime now);
    // True when this failure has locked the user (from this source, when it is known).
    bool failed(const Attempt& attempt, MonoTime now);
    void succeeded(const Attempt& attempt);
    // Neither: the attempt could not be made.
    void abandoned(const Attempt& attempt);

    // The console: the user may try again from everywhere.
    void forgive(const std::string& user);
    [[nodiscard]] std::size_t counted() const { return counts_.size() + sources_.size(); }

  private:
    struct Count {
        int failures = 0;
        int under_way = 0;
        bool exists = false;
        MonoTime last{};
        MonoTime locked_until{};
    };
    struct Source {
        int tries = 0;
        MonoTime window_end{};
    };
    using Key = std::pair<std::string, std::string>;  // user, and the source when it is known
    [[nodiscard]] static Key key_of(const Attempt& attempt);
    [[nodiscard]] Duration wait_of_source(const std::string& source, MonoTime now);
    Count& finish(const Attempt& attempt);
    void make_room(MonoTime now);

    std::map<Key, Count> counts_;
    std::map<std::string, Source> sources_;
};

}  // namespace outstation::authd
