// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a recording to values.
#include "drivers/pack/recording.hpp"

#include <cerrno>
#include <fstream>

#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.substr(0, 2) == "0x") hex.remove_prefix(2);
    if (hex.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        int byte = 0;
        for (const char c : hex.substr(i, 2)) {
            const char lower = static_cast<char>(c | 0x20);
            if (c >= '0' && c <= '9') {
                byte = byte * 16 + (c - '0');
            } else if (lower >= 'a' && lower <= 'f') {
                byte = byte * 16 + (lower - 'a' + 10);
            } else {
                return std::nullopt;
            }
        }
        out += static_cast<char>(byte);
    }
    return out;
}

// A backslash and what it stands for: \xHH is an octet, \n, \r and \t as in C, before anything else it is
// dropped.
std::optional<std::string> from_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        const auto octet = c == 'x' && i + 3 <= text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        if (c == 'x' && !octet) return std::nullopt;
        if (octet) i += 2;
        out += octet ? *octet : std::string(1, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
    }
    return out;
}

bool is_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Value> make_value(std::string_view tag, std::string text) {
    const bool hex = !tag.empty() && tag.back() == 'x';
    if (hex) {
        tag.remove_suffix(1);
        auto bytes = from_hex(text);
        if (!bytes) return std::nullopt;
        text = std::move(*bytes);
    }
    if (!tag.empty() && tag.back() == 'e') {
        tag.remove_suffix(1);
        auto plain = from_escapes(text);
        if (!plain) return std::nullopt;
        text = std::move(*plain);
    }
    if (tag == "4") return Value{Type::octets, std::move(text)};
    if (tag == "68") return Value{Type::octets, opaque_text(text)};
    if (tag == "64") return Value{Type::address, hex ? dotted_octets(text) : std::move(text)};
    if (tag == "6") {
        const auto oid = parse_oid(text);
        return Value{Type::object_id, oid ? format_oid(*oid) : std::move(text)};
    }
    text.resize(text.find_last_not_of(" \t") + 1);  // some agents' numbers were recorded with their padding
    if (!is_number(text)) return std::nullopt;
    if (tag == "2") return Value{Type::integer, std::move(text)};
    if (tag == "65") return Value{Type::counter32, std::move(text)};
    if (tag == "66") return Value{Type::unsigned_number, std::move(text)};
    if (tag == "67") return Value{Type::ticks, std::move(text)};
    if (tag == "70") return Value{Type::counter64, std::move(text)};
    return std::nullopt;
}

bool take_line(std::string_view line, ValueTable& out) {
    const std::size_t first = line.find('|');
    if (first == std::string_view::npos) return false;
    const std::size_t second = line.find('|', first + 1);
    if (second == std::string_view::npos) return false;
    auto oid = parse_oid(line.substr(0, first));
    auto value = make_value(line.substr(first + 1, second - first - 1), std::string(line.substr(second + 1)));
    if (!oid || !value) return false;
    out.set(std::move(*oid), std::move(*value));
    return true;
}

}  // namespace

Result<Recording> parse_recording(std::string_view text) {
    Recording out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (!take_line(line, out.values)) ++out.bad_lines;
    }
    if (out.values.size() == 0) return fail(ErrorCode::malformed, "no line of 'OID|tag|value'");
    return out;
}

Result<Recording> read_recording(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return fail_errno(path, errno);
    const auto size = in.tellg();
    if (size < 0) return fail(ErrorCode::io, path + ": cannot be read");
    if (static_cast<std::size_t>(size) > kMaxRecordingBytes)
        return fail(ErrorCode::malformed, path + ": larger than 64 MiB");
    std::string text(static_cast<std::size_t>(size), '\0');
    in.seekg(0);
    if (!in.read(text.data(), size)) return fail(ErrorCode::io, path + ": cannot be read");
    auto out = parse_recording(text);
    if (!out) return fail(out.error().code, path + ": " + out.error().text);
    return out;
}

}  // namespace outstation::pack
