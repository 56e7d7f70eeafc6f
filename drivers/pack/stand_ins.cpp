// SPDX-License-Identifier: GPL-3.0-or-later
// Counting stand-ins up.
#include "drivers/pack/stand_ins.hpp"

#include <cctype>
#include <vector>

namespace outstation::pack {
namespace {

constexpr std::uint32_t kFirstIpv4 = 0xc6120000;  // 198.18.0.0
constexpr std::uint32_t kMostIpv4 = 1U << 17;
constexpr std::uint32_t kReserved = 0xf0000000;  // 240.0.0.0
constexpr unsigned char kLocalBit = 2;
constexpr unsigned char kGroupBit = 1;

unsigned char at(std::string_view octets, std::size_t n) {
    return static_cast<unsigned char>(octets[n]);
}

std::string big_endian(std::uint32_t number, std::size_t bytes) {
    std::string out;
    for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>((number >> (8 * i)) & 0xff);
    return out;
}

bool is_all(std::string_view octets, unsigned char value) {
    for (std::size_t i = 0; i < octets.size(); ++i)
        if (at(octets, i) != value) return false;
    return true;
}

bool is_mask(std::uint32_t number) {
    const std::uint32_t wild = ~number;
    return number >= 0x80000000U && (wild & (wild + 1)) == 0;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        out.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return out;
        begin = end + 1;
    }
}

// Each part is one octet of one or two digits, or of `digits` digits.
std::string octets_of(const std::vector<std::string_view>& parts, std::size_t digits) {
    std::string out;
    for (std::string_view part : parts) {
        if (part.size() != digits && !(digits == 2 && part.size() == 1)) return {};
        if (digits == 2 && part.size() == 1) {
            if (std::isxdigit(at(part, 0)) == 0) return {};
            out += static_cast<char>(std::stoi(std::string(part), nullptr, 16));
            continue;
        }
        for (; !part.empty(); part.remove_prefix(2)) {
            if (std::isxdigit(at(part, 0)) == 0 || std::isxdigit(at(part, 1)) == 0) return {};
            out += static_cast<char>(std::stoi(std::string(part.substr(0, 2)), nullptr, 16));
        }
    }
    return out.size() == 6 ? out : std::string();
}

}  // namespace

bool StandIns::is_special_ipv4(std::string_view octets) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | at(octets, i);
    const std::uint32_t first = number >> 24;
    return first == 0 || first == 127 || first >= 224 || is_mask(number);
}

bool StandIns::is_special_ipv6(std::string_view octets) {
    return at(octets, 0) == 0xff || is_all(octets, 0) ||
           (is_all(octets.substr(0, 15), 0) && at(octets, 15) == 1);
}

bool StandIns::is_special_mac(std::string_view octets) {
    return (at(octets, 0) & kGroupBit) != 0 || is_all(octets, 0);
}

std::string StandIns::ipv4(const std::string& octets) {
    if (is_special_ipv4(octets)) return octets;
    std::string& out = known_["4" + octets];
    if (out.empty()) {
        const std::uint32_t number = next();
        out = big_endian(number < kMostIpv4 ? kFirstIpv4 + number : kReserved + number, 4);
    }
    return out;
}

std::string StandIns::ipv6(const std::string& octets) {
    if (is_special_ipv6(octets)) return octets;
    std::string& out = known_["6" + octets];
    if (out.empty()) {
        const bool is_link_local = at(octets, 0) == 0xfe && (at(octets, 1) & 0xc0U) == 0x80;
        out = (is_link_local ? std::string("\xfe\x80\0\0", 4) : std::string("\x20\x01\x0d\xb8", 4)) +
              std::string(8, '\0') + big_endian(next(), 4);
    }
    return out;
}

std::string StandIns::mac(const std::string& octets) {
    if (is_special_mac(octets)) return octets;
    std::string& out = known_["m" + octets];
    if (out.empty())
        out = ((at(octets, 0) & kLocalBit) != 0 ? std::string("\x02\0\0", 3) : octets.substr(0, 3)) +
              big_endian(next(), 3);
    return out;
}

// The number goes into the last letters and digits.
std::string StandIns::text(const std::string& original) {
    std::string& out = known_["t" + original];
    if (!out.empty()) return out;
    out = original;
    std::uint32_t number = next();
    for (auto it = out.rbegin(); it != out.rend(); ++it) {
        const auto c = static_cast<unsigned char>(*it);
        if (std::isdigit(c) != 0) {
            *it = static_cast<char>('0' + number % 10);
            number /= 10;
        } else if (std::isalpha(c) != 0 || c >= 0x80) {
            *it = static_cast<char>((std::isupper(c) != 0 ? 'A' : 'a') + number % 26);
            number /= 26;
        }
    }
    return out;
}

std::string parse_mac(std::string_view text) {
    for (const char separator : {':', '-', ' '})
        if (const auto parts = split(text, separator); parts.size() == 6) return octets_of(parts, 2);
    for (const char separator : {'.', '-', ':'})
        if (const auto parts = split(text, separator); parts.size() == 3) return octets_of(parts, 4);
    return text.size() == 12 ? octets_of({text}, 12) : std::string();
}

std::string format_mac_like(std::string_view octets, std::string_view like) {
    const bool is_upper = like.find_first_of("ABCDEF") != std::string_view::npos;
    const char* digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const std::size_t separator = like.find_first_not_of("0123456789abcdefABCDEF");
    const std::size_t group = separator == std::string_view::npos ? 12 : separator == 4 ? 4 : 2;
    std::string out;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i != 0 && (i * 2) % group == 0) out += like[separator];
        out += digits[at(octets, i) >> 4];
        out += digits[at(octets, i) & 15U];
    }
    return out;
}

}  // namespace outstation::pack
