// SPDX-License-Identifier: GPL-3.0-or-later
// The checksum at the end of each page of a database: CRC-32C of the page's other octets, started with the
// page's number, in the 4 octets that SQLite leaves unused there. The page at 1 GiB has none: SQLite locks
// octets in it and never writes it (https://www.sqlite.org/fileformat.html section 1.4). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outstation::store {

inline constexpr std::size_t kPageChecksumOctets = 4;

// Writes the checksum into `page` (kPageOctets), the `number`-th of its file, from 0.
void seal_page(std::string& page, std::uint64_t number);
[[nodiscard]] bool page_is_whole(std::string_view page, std::uint64_t number);

}  // namespace outstation::store
