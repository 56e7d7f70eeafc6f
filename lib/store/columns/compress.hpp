// SPDX-License-Identifier: GPL-3.0-or-later
// zstd over a part of known size; a part that would not become smaller stands as it is. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::store::columns {

// No part is larger when decompressed.
inline constexpr std::size_t kMaxPlainOctets = 32U << 20;

// Appends the part and returns how many octets it took: as many as `plain` has means that it is not
// compressed.
std::size_t append_compressed(std::string& out, std::string_view plain);

// Undoes it. plain_octets: at most kMaxPlainOctets, and the caller has reason to believe it. malformed: the
// part is damaged or of another size.
[[nodiscard]] Result<std::string> decompress(std::string_view part, std::size_t plain_octets);

}  // namespace outstation::store::columns
