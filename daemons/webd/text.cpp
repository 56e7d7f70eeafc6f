// SPDX-License-Identifier: GPL-3.0-or-later
// Cleaning text; writing times.
#include "daemons/webd/text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace outstation::webd {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// The length of the well-formed character at the front (Unicode 15, table 3-7); 0 when it is not one.
std::size_t character_length(std::string_view text) {
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&byte](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = first == 0xed ? 0x9f : 0xbf;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const unsigned low = first == 0xf0 ? 0x90 : 0x80;
        const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

// What stands for this character.
std::string_view clean_character(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (first == '\n' || first == '\r' || first == '\t') return " ";
    const bool is_c1 = first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
    if (first < 0x20 || first == 0x7f || is_c1) return {};
    return character;
}

}  // namespace

std::string clean_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const std::string_view part = length == 0 ? kReplacement : clean_character(text.substr(0, length));
        if (out.size() + part.size() > kMaxTextBytes) break;
        out += part;
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::optional<std::string> format_time(std::int64_t wall_ns) {
    if (wall_ns <= 0) return std::nullopt;
    const std::time_t seconds = wall_ns / 1'000'000'000;
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr || parts.tm_year > 8099) return std::nullopt;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, wall_ns / 1'000'000 % 1000);
}

}  // namespace outstation::webd
