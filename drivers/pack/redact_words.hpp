// SPDX-License-Identifier: GPL-3.0-or-later
// Text as redaction sees it: pieces of letters and digits, and what stands where a name, a serial number or a
// password would. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace outstation::pack {

struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
};
// Runs of letters, digits and bytes above ASCII.
[[nodiscard]] std::vector<Piece> pieces_of(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);
// No control characters, and UTF-8; a closing zero is allowed.
[[nodiscard]] bool is_text(std::string_view octets);
// What a text names as such: "SN: X", "user=X", "password X", who stands before and behind an @, /home/X.
[[nodiscard]] std::vector<std::string> named_secrets(std::string_view text);
// "10.2.0.1" of "v10.2.0.1_B020": versions.
[[nodiscard]] std::vector<std::string> dotted_numbers(std::string_view text);
// A word of hexadecimal digits that is a key, or names one thing in the world.
[[nodiscard]] bool is_like_key(std::string_view text);
// One word of letters and digits that looks like nothing but a serial number.
[[nodiscard]] bool is_like_serial(std::string_view text);
// Letters and digits that stand directly before this place.
[[nodiscard]] std::string_view run_before(std::string_view text, std::size_t at);
// The last words before a number say that it is a version. One for an address that is nearer says that it is
// none.
[[nodiscard]] bool is_version_before(std::string_view before);
// Numbers with a dot between each two, from this place on.
[[nodiscard]] std::vector<Piece> dotted_run(std::string_view text, std::size_t at);
// Four octets of four such numbers, leading zeros allowed; empty: it is no address.
[[nodiscard]] std::string parse_quad(std::string_view text);
// Where an IPv6 address that begins here ends; 0: none does.
[[nodiscard]] std::size_t ipv6_end(std::string_view text, std::size_t at);
struct MacShape {
    std::size_t end = 0;
    bool is_alone = false;  // nothing continues it; otherwise it is one only if it is known
};
// What begins here and could be a hardware address.
[[nodiscard]] std::vector<MacShape> mac_shapes(std::string_view text, std::size_t at);
// What a device calls itself before anybody gave it a name: no secret, and part of other texts.
[[nodiscard]] bool is_common_name(const std::string& lower_name);

}  // namespace outstation::pack
