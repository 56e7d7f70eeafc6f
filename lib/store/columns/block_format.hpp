// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of the block's bytes that its writer and its reader share; docs/formats/columns.md, "Block".
#pragma once

#include <cstdint>
#include <string_view>

namespace outstation::store::columns {

inline constexpr std::string_view kBlockMagic = "OBLK";
inline constexpr std::uint16_t kBlockVersion = 1;
inline constexpr std::size_t kBlockPrefixOctets = 4 + 2 + 2 + 4 + 4 + 4;
static_assert(kBlockPrefixOctets == 20);

// The columns of stamps, in their order in the block.
enum StampColumn : std::size_t {
    kSequence = 0,
    kWall = 1,
    kMonoLessWall = 2,
    kQuality = 3,
    kBoot = 4,
    kLayout = 5,
    kStampColumnCount = 6
};

// A group is closed once it holds so many head octets: what must be decompressed to read one column.
inline constexpr std::size_t kGroupHeadOctets = 16384;

// A column's key: the kind in the lowest bit, the part above it.
inline constexpr unsigned kMaxKeyOctet = 5 * 2 + 1;

}  // namespace outstation::store::columns
