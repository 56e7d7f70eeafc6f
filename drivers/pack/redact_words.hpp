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
// What a device calls itself before anybody gave it a name: no secret, and part of other texts.
[[nodiscard]] bool is_common_name(const std::string& lower_name);

}  // namespace outstation::pack
