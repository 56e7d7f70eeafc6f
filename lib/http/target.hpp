// SPDX-License-Identifier: GPL-3.0-or-later
// The target of a request, from bytes to decoded parts (RFC 9112 §3.2.1, RFC 3986). Strict: what could mean
// two things to two readers is refused. Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::http {

inline constexpr std::size_t kMaxTargetBytes = 4096;
inline constexpr std::size_t kMaxSegments = 16;
inline constexpr std::size_t kMaxQueryFields = 32;

struct QueryField {
    std::string name;
    std::string value;
    bool operator==(const QueryField&) const = default;
};

struct Target {
    std::string path;                   // as sent, without the query
    std::vector<std::string> segments;  // decoded; "/a/b" has two, "/" none, "/a/" has "a" and ""
    std::vector<QueryField> query;      // decoded, each name once
};

// Fails with malformed: no leading slash, a broken escape, a control character, a segment "." or "..", a name
// given twice, or more than the limits above.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

}  // namespace outstation::http
