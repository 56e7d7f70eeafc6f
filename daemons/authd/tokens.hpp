// SPDX-License-Identifier: GPL-3.0-or-later
// API tokens of programs: read-only, without an end until somebody removes them. Only the SHA-256 is kept, in
// tokens.yaml. This class holds and encodes; whoever calls writes the file, off the loop. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/wire/auth_messages.hpp"

namespace outstation::authd {

inline constexpr std::size_t kMostTokens = 64;

class Tokens {
  public:
    // not_found: there is no file yet.
    [[nodiscard]] static Result<Tokens> read(const std::string& path);
    [[nodiscard]] std::string encode() const;

    // Makes a token and gives its text. Fails with malformed (name), refused (the name is taken), exhausted.
    [[nodiscard]] Result<std::string> add(const std::string& name, std::int64_t created_ns);
    [[nodiscard]] Result<void> remove(const std::string& name);
    // The name of the token with this text.
    [[nodiscard]] std::optional<std::string> name_of(const std::string& text) const;
    [[nodiscard]] std::vector<wire::TokenInfo> list() const;

  private:
    struct Token {
        std::string sha256;
        std::int64_t created_ns = 0;
    };
    std::map<std::string, Token> tokens_;  // by name
};

}  // namespace outstation::authd
