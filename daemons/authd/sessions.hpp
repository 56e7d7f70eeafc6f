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
    std::string
        password;  // password_mark() of the user when it was opened, or when the user changed it in it
    MonoTime started{};
    MonoTime seen{};
};

// Tells whether a password is still the one it was: of its hash, in hex. A session stands while it is.
[[nodiscard]] std::string password_mark(const std::string& password_hash);

class Sessions {
  public:
    // Sessions of the file that still stand. Times in the file are wall clock: a session from the future (the
    // clock was set back, or a box without a battery has just started) and one that looks too old have ended.
    [[nodiscard]] static Result<Sessions> read(const std::string& path, WallTime wall, MonoTime now);
    [[nodiscard]] std::string encode(WallTime wall, MonoTime now) const;

    // Makes a session and gives its token. Fails with io without randomness.
    [[nodiscard]] Result<std::string> open(const std::string& user, const std::string& mark, MonoTime now);
    // The session of the token if it stands; a use by a person prolongs it.
    [[nodiscard]] const Session* use(const std::string& token, bool passive, MonoTime now);
    void close(const std::string& token);
    // Closes all of the user but the one of this token, which goes on with the new password.
    void change_password(const std::string& user, const std::string& token, const std::string& mark);
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  private:
    void forget_ended(MonoTime now);
    void make_room(const std::string& user);

    std::map<std::string, Session> sessions_;  // by the hex SHA-256 of the token
};

}  // namespace outstation::authd
