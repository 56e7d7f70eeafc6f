// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of people at browsers. A session ends 15 minutes after its last use by a person, and 12 hours
// after its start whatever happens. Only the SHA-256 of a token is kept, in memory and in sessions.yaml,
// which lets sessions survive a restart of authd. Threads: one.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "lib/event/loop.hpp"

namespace outstation::authd {

inline constexpr Duration kIdleTime = std::chrono::minutes(15);
inline constexpr Duration kLongestSession = std::chrono::hours(12);
inline constexpr std::size_t kSessionsOfUser = 10;  // the oldest gives way
inline constexpr std::size_t kMostSessions = 256;

struct Session {
    std::string user;
    std::string csrf;
    MonoTime started{};
    MonoTime seen{};
};

class Sessions {
  public:
    // Sessions of the file that still stand. Times in the file are wall clock: a session from the future (the
    // clock was set back, or a box without a battery has just started) and one that looks too old have ended.
    [[nodiscard]] static Result<Sessions> read(const std::string& path, WallTime wall, MonoTime now);
    [[nodiscard]] std::string encode(WallTime wall, MonoTime now) const;

    // Makes a session and gives its token. Fails with io without randomness.
    [[nodiscard]] Result<std::string> open(const std::string& user, MonoTime now);
    // The session of the token if it stands; a use by a person prolongs it.
    [[nodiscard]] const Session* use(const std::string& token, bool passive, MonoTime now);
    void close(const std::string& token);
    // All of the user but the one of this token.
    void close_others(const std::string& user, const std::string& token);
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  private:
    void forget_ended(MonoTime now);
    void make_room(const std::string& user);

    std::map<std::string, Session> sessions_;  // by the hex SHA-256 of the token
};

}  // namespace outstation::authd
