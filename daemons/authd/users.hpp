// SPDX-License-Identifier: GPL-3.0-or-later
// The users of the station and their password hashes: users.yaml in the state directory. This class holds and
// encodes; whoever calls writes the file, off the loop. Threads: one.
#pragma once

#include <string>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/wire/auth_messages.hpp"

namespace outstation::authd {

inline constexpr std::size_t kShortestPassword = 12;  // characters
inline constexpr std::size_t kLongestPassword = 256;  // characters; and at most four bytes each

struct User {
    std::string name;
    wire::Role role = wire::Role::viewer;
    std::string password_hash;
    bool must_change_password = false;
};

class Users {
  public:
    // Fails when the file breaks its format: it is never replaced then. not_found: there is none yet.
    [[nodiscard]] static Result<Users> read(const std::string& path);
    [[nodiscard]] const User* find(const std::string& name) const;
    // Replaces the user of that name or adds it.
    void put(User user);
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] std::size_t size() const { return users_.size(); }

  private:
    std::vector<User> users_;
};

// Too short, too long, not UTF-8, with control characters, the user's name inside, or of fewer than five
// different characters.
[[nodiscard]] bool is_weak(const std::string& password, const std::string& user);

[[nodiscard]] std::string_view role_name(wire::Role role);

}  // namespace outstation::authd
