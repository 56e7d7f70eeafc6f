// SPDX-License-Identifier: GPL-3.0-or-later
// Times as people write them, in UTC, and what time it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::ctl {

// "2026-11-21T10:00:00.250Z" (RFC 3339), milliseconds only when there are any.
[[nodiscard]] std::string iso_time(std::int64_t wall_ns);
// To the nanosecond: "2026-11-21T10:00:00.250000001Z".
[[nodiscard]] std::string exact_time(std::int64_t wall_ns);

[[nodiscard]] std::int64_t now_ns();  // since 1970 UTC

// Nanoseconds since 1970 UTC of "2026-11-21", "2026-11-21T10:00", "2026-11-21T10:00:00", with or without a Z
// and a fraction of up to nine digits, a blank instead of the T. Fails with config.
[[nodiscard]] Result<std::int64_t> parse_time(std::string_view text);

}  // namespace outstation::ctl
