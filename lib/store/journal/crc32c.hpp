// SPDX-License-Identifier: GPL-3.0-or-later
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.
#pragma once

#include <cstdint>
#include <string_view>

namespace outstation::store {

// Checksum of `bytes`; `seed` is the checksum of what came before them (0: nothing).
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The same by table, for tests and for processors without the instruction.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace outstation::store
