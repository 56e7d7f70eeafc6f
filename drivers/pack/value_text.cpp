// SPDX-License-Identifier: GPL-3.0-or-later
// Octets to text.
#include "drivers/pack/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
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
        case Format::hex:
            return hex_text(value.text, "");
    }
    return {};
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

std::string number_text(double number) {
    return fmt::format("{:.15g}", number);
}

}  // namespace outstation::pack
