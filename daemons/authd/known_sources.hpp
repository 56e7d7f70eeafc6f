// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses from which a user has signed in before, the newest eight of each user: strangers who guess
// passwords do not lock the user out there. known-sources.yaml in the state directory; this class holds and
// encodes, whoever calls writes the file. Threads: one.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "lib/model/result.hpp"

namespace outstation::authd {

inline constexpr std::size_t kSourcesOfUser = 8;

// What attempts of one place are counted under: an IPv4 address; the /64 of an IPv6 address, because one
// host has all of it; a link-local address whole, because everybody on the line shares the /64. Other text
// stands for itself.
[[nodiscard]] std::string source_key(const std::string& address);

class KnownSources {
  public:
    // not_found: there is no file yet.
    [[nodiscard]] static Result<KnownSources> read(const std::string& path);
    [[nodiscard]] std::string encode() const;

    // True when it was not known before: the file is old then. `source` is a source_key().
    bool add(const std::string& user, const std::string& source);
    void forget(const std::string& user) { of_user_.erase(user); }
    [[nodiscard]] bool has(const std::string& user, const std::string& source) const;

  private:
    std::map<std::string, std::deque<std::string>> of_user_;  // the newest last
};

}  // namespace outstation::authd
