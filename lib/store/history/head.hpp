// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a history file's head, and its name. Specified in docs/formats/history.md. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "lib/store/history/types.hpp"

namespace outstation::store {

inline constexpr std::uint16_t kHistoryVersion = 2;
inline constexpr std::size_t kHeadOctets =
    8 + 2 + 1 + 1 + 4 + 16 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 8 + 4 + 4 + 4 + 4;
static_assert(kHeadOctets == 120);

[[nodiscard]] std::string encode_head(const Head& head);
// malformed: damaged; refused: a version or feature this program does not know.
[[nodiscard]] Result<Head> parse_head(std::string_view bytes);

// "raw-20260101T00-2h-00123456789a-00000000000000000001.db": level, start (UTC), span, epoch (hexadecimal),
// first sequence.
[[nodiscard]] std::string history_name(const Head& head);
// What the name says: level, span, start, epoch, first sequence (also as the last). malformed: not such a
// name.
[[nodiscard]] Result<Head> parse_history_name(std::string_view name);

// Stands behind the name of a file that could not be read, when a new one needs its name.
inline constexpr std::string_view kBadHistory = ".bad";
// What the name of such a file says. malformed: not such a name.
[[nodiscard]] Result<Head> parse_bad_history_name(std::string_view name);

// Starts the checksums of what belongs to a file, so that rows of another station are never taken for its
// own.
[[nodiscard]] std::uint32_t history_seed(const Identity& identity, Level level);

}  // namespace outstation::store
