// SPDX-License-Identifier: GPL-3.0-or-later
// Text that comes from devices, made fit for JSON: it is data for ever. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace outstation::webd {

inline constexpr std::size_t kMaxTextBytes = 1024;

// Valid UTF-8 (RFC 3629; what is not becomes U+FFFD), no control characters (C0, DEL, C1: left out; a line
// break or tab becomes a blank), at most kMaxTextBytes, cut between characters.
[[nodiscard]] std::string clean_text(std::string_view text);

// "2026-11-21T06:30:00.123Z" (RFC 3339). Nothing for 0 and for years outside 1 to 9999.
[[nodiscard]] std::optional<std::string> format_time(std::int64_t wall_ns);

}  // namespace outstation::webd
