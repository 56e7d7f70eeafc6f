// SPDX-License-Identifier: GPL-3.0-or-later
// Values to lines of a recording.
#include <algorithm>

#include "drivers/pack/recording.hpp"

namespace outstation::pack {
namespace {

const char* tag_of(Type type) {
    switch (type) {
        case Type::integer:
            return "2";
        case Type::unsigned_number:
            return "66";
        case Type::counter32:
            return "65";
        case Type::counter64:
            return "70";
        case Type::ticks:
            return "67";
        case Type::object_id:
            return "6";
        case Type::address:
            return "64";
        case Type::octets:
            break;
    }
    return "4";
}

std::string hex_of(const std::string& octets) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string out;
    for (const char octet : octets) {
        out += kDigits[static_cast<unsigned char>(octet) >> 4];
        out += kDigits[static_cast<unsigned char>(octet) & 15U];
    }
    return out;
}

bool is_plain(const std::string& octets) {
    return std::all_of(octets.begin(), octets.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::string recording_text(const Values& values) {
    std::string out;
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first)) {
        const Value& value = entry->second;
        const bool is_hex = value.type == Type::octets && !is_plain(value.text);
        out.append(format_oid(entry->first))
            .append("|")
            .append(tag_of(value.type))
            .append(is_hex ? "x|" : "|");
        out.append(is_hex ? hex_of(value.text) : value.text).append("\n");
    }
    return out;
}

}  // namespace outstation::pack
