// SPDX-License-Identifier: GPL-3.0-or-later
// Checksums of pages.
#include "lib/store/sqlite/page_checksum.hpp"

#include "lib/store/journal/crc32c.hpp"
#include "lib/store/sqlite/database.hpp"

namespace outstation::store {
namespace {

constexpr std::uint64_t kLockPage = (1U << 30) / kPageOctets;

std::uint32_t checksum_of(std::string_view page, std::uint64_t number) {
    std::string head(8, '\0');
    for (std::size_t i = 0; i < head.size(); ++i) head[i] = static_cast<char>(number >> (8 * i));
    return crc32c(page.substr(0, page.size() - kPageChecksumOctets), crc32c(head));
}

}  // namespace

void seal_page(std::string& page, std::uint64_t number) {
    const std::uint32_t sum = checksum_of(page, number);
    const std::size_t at = page.size() - kPageChecksumOctets;
    for (std::size_t i = 0; i < kPageChecksumOctets; ++i) page[at + i] = static_cast<char>(sum >> (8 * i));
}

bool page_is_whole(std::string_view page, std::uint64_t number) {
    if (number == kLockPage) return true;
    if (page.size() <= kPageChecksumOctets) return false;
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < kPageChecksumOctets; ++i) {
        const auto octet = static_cast<unsigned char>(page[page.size() - kPageChecksumOctets + i]);
        kept |= static_cast<std::uint32_t>(octet) << (8 * i);
    }
    return kept == checksum_of(page, number);
}

}  // namespace outstation::store
