// SPDX-License-Identifier: GPL-3.0-or-later
// Octets to text.
#include "drivers/pack/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace outstation::pack {
namespace {

bool is_text(std::string_view bytes) {
    return std::none_of(bytes.begin(), bytes.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
    });
}

std::string hex_text(std::string_view bytes, std::string_view between) {
    std::string out;
    for (const char c : bytes) {
        if (!out.empty()) out += between;
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string address_text(std::string_view bytes) {
    if (bytes.size() != 4 && bytes.size() != 16) return trimmed(bytes);
    std::string out;
    if (bytes.size() == 4) {
        for (const char c : bytes)
            out += (out.empty() ? "" : ".") + std::to_string(static_cast<unsigned char>(c));
        return out;
    }
    for (std::size_t i = 0; i < 16; i += 2) out += (i == 0 ? "" : ":") + hex_text(bytes.substr(i, 2), "");
    return out;
}

// DateAndTime, RFC 2579: year (2), month, day, hour, minutes, seconds.
std::string date_text(std::string_view bytes) {
    if (bytes.size() < 8) return trimmed(bytes);
    const auto at = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(bytes[i]));
    };
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at(0) * 256 + at(1), at(2), at(3), at(4), at(5),
                       at(6));
}

// Days since 1970 of a date of the Gregorian calendar (H. Hinnant's formula, years from March on).
std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto of_era = static_cast<unsigned>(year - era * 400);
    const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

// DateAndTime as seconds since 1970; without a zone (the last three octets) it is UTC.
std::string unix_time_text(std::string_view bytes) {
    if (bytes.size() != 8 && bytes.size() != 11) return {};
    const auto at = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(bytes[i]));
    };
    if (at(2) < 1 || at(2) > 12 || at(3) < 1 || at(3) > 31) return {};
    std::int64_t seconds =
        days_of(at(0) * 256 + at(1), at(2), at(3)) * 86400 + at(4) * 3600 + at(5) * 60 + at(6);
    if (bytes.size() == 11) {
        const std::int64_t zone = at(9) * 3600 + at(10) * 60;
        seconds += bytes[8] == '-' ? zone : -zone;
    }
    return std::to_string(seconds);
}

std::string plain_text(std::string_view bytes) {
    while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
    return is_text(bytes) ? trimmed(bytes) : hex_text(bytes, ":");
}

}  // namespace

std::string trimmed(std::string_view text) {
    const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string format_value(const Value& value, Format format) {
    // Agents put counts over 2^31 into an Integer32.
    if (value.type == Type::integer && format == Format::unsigned_32 && value.text.front() == '-')
        return number_text(number_of(value.text).value_or(0) + 4294967296.0);
    if (value.type != Type::octets) return value.text;
    switch (format) {
        case Format::plain:
        case Format::unsigned_32:
            return plain_text(value.text);
        case Format::mac:
            return value.text.size() == 6 ? hex_text(value.text, ":") : plain_text(value.text);
        case Format::address:
            return address_text(value.text);
        case Format::date:
            return date_text(value.text);
        case Format::unix_time:
            return unix_time_text(value.text);
        case Format::hex:
            return hex_text(value.text, "");
    }
    return {};
}

bool has_bit(const Value& value, unsigned bit) {
    if (value.type == Type::octets) {
        const std::size_t octet = bit / 8;
        return octet < value.text.size() &&
               (static_cast<unsigned char>(value.text[octet]) >> (7 - bit % 8) & 1U) != 0;
    }
    std::uint64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [rest, error] = std::from_chars(value.text.data(), end, number);
    return error == std::errc{} && rest == end && bit < 64 && (number >> bit & 1U) != 0;
}

std::optional<double> number_of(std::string_view text) {
    std::string copy = trimmed(text.substr(0, 64));
    if (!copy.empty() && copy.front() == '+') copy.erase(0, 1);
    if (const std::size_t comma = copy.find(','); comma != std::string::npos) copy[comma] = '.';
    double out = 0;
    const auto [rest, error] =
        std::from_chars(copy.data(), copy.data() + copy.size(), out, std::chars_format::general);
    if (error != std::errc{} || !std::isfinite(out)) return std::nullopt;
    return out;
}

std::optional<std::uint64_t> count_of(std::string_view text) {
    constexpr double kEnd = 18446744073709551616.0;  // 2^64
    const std::string copy = trimmed(text);
    std::uint64_t out = 0;
    const auto [rest, error] = std::from_chars(copy.data(), copy.data() + copy.size(), out);
    if (error == std::errc{} && rest == copy.data() + copy.size()) return out;
    const auto number = number_of(copy);
    if (!number || *number < 0 || *number >= kEnd) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::string number_text(double number) {
    return fmt::format("{:.15g}", number);
}

std::string opaque_text(const std::string& bytes) {
    if (bytes.size() != 7 || bytes.compare(0, 3, "\x9f\x78\x04", 3) != 0) return bytes;
    std::uint32_t bits = 0;
    for (std::size_t i = 3; i < 7; ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    return std::to_string(std::bit_cast<float>(bits));
}

std::string dotted_octets(const std::string& bytes) {
    std::string out;
    for (const char byte : bytes) {
        if (!out.empty()) out += '.';
        out += std::to_string(static_cast<unsigned char>(byte));
    }
    return out;
}

}  // namespace outstation::pack
