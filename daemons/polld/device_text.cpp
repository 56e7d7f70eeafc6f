// SPDX-License-Identifier: GPL-3.0-or-later
// Cleaning text character by character.
#include "daemons/polld/device_text.hpp"

#include <fmt/format.h>

namespace outstation::polld {
namespace {

// The well-formed character at the front (RFC 3629 section 4): its length and code; length 0 when there is
// none.
struct Character {
    std::size_t bytes = 0;
    char32_t code = 0;
};

Character first_character(std::string_view s) {
    const auto lead = static_cast<unsigned char>(s.front());
    if (lead < 0x80) return {1, lead};
    const std::size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || s.size() < n) return {};
    char32_t code = lead & (0x7fU >> n);
    for (std::size_t i = 1; i < n; ++i) {
        const auto c = static_cast<unsigned char>(s[i]);
        if ((c & 0xc0U) != 0x80) return {};
        code = code << 6 | (c & 0x3fU);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < kSmallest[n] || code > 0x10ffff || surrogate) return {};
    return {n, code};
}

bool is_control(char32_t code) {
    const bool c0_c1 = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bool line_or_bidi = (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                              (code >= 0x2066 && code <= 0x2069);
    return c0_c1 || line_or_bidi || code == 0xfeff;
}

}  // namespace

std::string clean_text(std::string_view raw, std::size_t max_bytes) {
    std::string out;
    while (!raw.empty()) {
        const Character c = first_character(raw);
        std::string_view piece = raw.substr(0, c.bytes);
        if (c.bytes == 0) piece = "\xef\xbf\xbd";
        if (c.bytes != 0 && is_control(c.code)) piece = " ";
        if (out.size() + piece.size() > max_bytes) break;
        if (piece != " " || !out.empty()) out += piece;
        raw.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string mac_text(std::string_view raw) {
    std::string out;
    for (const char c : raw.substr(0, 32))
        out += fmt::format("{}{:02x}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
    return out;
}

}  // namespace outstation::polld
