// SPDX-License-Identifier: GPL-3.0-or-later
// Lines to instances.
#include "tests/sim/snmprec.hpp"

#include <arpa/inet.h>

#include <cerrno>
#include <charconv>
#include <fstream>

namespace outstation::sim {
namespace {

using snmp::Tag;

Result<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(ErrorCode::malformed, "an odd number of hexadecimal digits");
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        if (error != std::errc{} || end != text.data() + i + 2)
            return fail(ErrorCode::malformed, "not hexadecimal");
        out += static_cast<char>(byte);
    }
    return out;
}

template <typename Number>
Result<Number> parse_number(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorCode::malformed, "not a number of this type");
    return value;
}

Result<std::string> address_content(std::string_view text) {
    in_addr address{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1)
        return fail(ErrorCode::malformed, "not an IPv4 address");
    return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

Result<std::string> integer_content(std::string_view text) {
    return parse_number<std::int32_t>(text).map([](std::int32_t v) {
        return number_content(Tag::integer, static_cast<std::uint64_t>(std::int64_t{v}));
    });
}

Result<std::string> unsigned_content(Tag tag, std::string_view text) {
    if (tag == Tag::counter64)
        return parse_number<std::uint64_t>(text).map([tag](auto v) { return number_content(tag, v); });
    return parse_number<std::uint32_t>(text).map([tag](auto v) { return number_content(tag, v); });
}

Result<std::string> parse_content(Tag tag, std::string_view text) {
    switch (tag) {
        case Tag::integer:
            return integer_content(text);
        case Tag::counter32:
        case Tag::gauge32:
        case Tag::time_ticks:
        case Tag::counter64:
            return unsigned_content(tag, text);
        case Tag::oid:
            return snmp::encode_oid(text);
        case Tag::ip_address:
            return address_content(text);
        case Tag::octet_string:
        case Tag::opaque:
            return std::string(text);
        case Tag::null:
            return std::string();
        default:
            return fail(ErrorCode::malformed, "a type that SNMP does not have");
    }
}

bool can_move(Tag tag) {
    return tag == Tag::integer || tag == Tag::counter32 || tag == Tag::gauge32 || tag == Tag::time_ticks ||
           tag == Tag::counter64;
}

Result<void> parse_line(std::string_view line, Mib& mib) {
    const std::size_t first = line.find('|');
    const std::size_t second = first == line.npos ? line.npos : line.find('|', first + 1);
    if (second == line.npos) return fail(ErrorCode::malformed, "expected OID|TAG|VALUE");
    std::string_view type = line.substr(first + 1, second - first - 1);
    const std::string_view value = line.substr(second + 1);
    const char suffix = type.empty() ? '\0' : type.back();
    if (suffix == 'x' || suffix == '~') type.remove_suffix(1);
    const auto number = parse_number<std::uint8_t>(type);
    if (!number)
        return fail(ErrorCode::malformed, "the tag is not a number, or a variation of other simulators");
    const auto tag = static_cast<Tag>(*number);
    const auto oid = snmp::encode_oid(line.substr(0, first));
    if (!oid) return fail(oid.error());
    std::optional<Motion> motion;
    Result<std::string> content;
    if (suffix == '~') {
        if (!can_move(tag)) return fail(ErrorCode::malformed, "a value of this type cannot move");
        const auto parsed = parse_motion(tag, value);
        if (!parsed) return fail(parsed.error());
        motion = *parsed;
    } else {
        content = suffix == 'x' ? from_hex(value) : parse_content(tag, value);
        if (!content) return fail(content.error());
    }
    if (!mib.add(*oid, tag, *content, motion)) return fail(ErrorCode::exhausted, "no room for more");
    return {};
}

}  // namespace

Recording parse_snmprec(std::string_view text, const std::string& file) {
    Recording out;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (const auto taken = parse_line(line, out.mib); !taken)
            out.left_out.push_back(file + ":" + std::to_string(number) + ": " + taken.error().text);
    }
    out.mib.seal();
    return out;
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail_errno(path, errno);
    std::string text;
    char buffer[65536];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        text.append(buffer, static_cast<std::size_t>(in.gcount()));
        if (text.size() > kMaxRecordingBytes)
            return fail(ErrorCode::exhausted, path + ": larger than 64 MiB");
    }
    if (in.bad()) return fail(ErrorCode::io, path + ": cannot be read");
    return text;
}

Result<Recording> read_snmprec(const std::string& path) {
    return read_text(path).map([&path](const std::string& text) { return parse_snmprec(text, path); });
}

}  // namespace outstation::sim
