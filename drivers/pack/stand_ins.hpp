// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in a redacted recording for an address, a hardware address or a text: of the same shape and
// length, the same for the same within one recording, and nothing that the original can be computed from.
// Threads: an object belongs to one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace outstation::pack {

class StandIns {
  public:
    // Of four octets: of 198.18.0.0/15 (RFC 2544), then of 240.0.0.0/4 (RFC 1112). None that is a mask, this
    // host, a group or everybody is replaced.
    [[nodiscard]] std::string ipv4(const std::string& octets);
    // Of 16 octets: of 2001:db8::/32 (RFC 3849), or of fe80::/10 when it is link-local.
    [[nodiscard]] std::string ipv6(const std::string& octets);
    // Of six octets: the maker's half stays, unless the address was made up (IEEE 802, the bit "local").
    [[nodiscard]] std::string mac(const std::string& octets);
    // A letter for a letter, a digit for a digit, what is neither stays.
    [[nodiscard]] std::string text(const std::string& original);

    // They say nothing of where a device is.
    [[nodiscard]] static bool is_special_ipv4(std::string_view octets);
    [[nodiscard]] static bool is_special_ipv6(std::string_view octets);
    [[nodiscard]] static bool is_special_mac(std::string_view octets);
    // The number of values that something stands in for.
    [[nodiscard]] std::size_t count() const { return known_.size(); }

  private:
    [[nodiscard]] std::uint32_t next() { return ++last_; }

    std::map<std::string, std::string> known_;  // by kind and original
    std::uint32_t last_ = 0;
};

// "00:1a:2b" and its like in any of the ways to write six octets; empty: it is none.
[[nodiscard]] std::string parse_mac(std::string_view text);
// `octets` written as `like` is.
[[nodiscard]] std::string format_mac_like(std::string_view octets, std::string_view like);

}  // namespace outstation::pack
