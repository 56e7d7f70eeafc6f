// SPDX-License-Identifier: GPL-3.0-or-later
// Heads of SNMPv3 messages.
#include "drivers/snmp/v3_message.hpp"

#include <array>

namespace outstation::snmp {
namespace {

constexpr std::int64_t kVersion = 3;
constexpr std::int64_t kUsm = 3;  // msgSecurityModel
constexpr std::int64_t kLeastMaxSize = 484;
constexpr std::int64_t kMaxSize = 65507;  // what a datagram to us may hold
constexpr std::size_t kMostUser = 32;
constexpr std::size_t kMostParameter = 64;  // of authentication and privacy

tl::unexpected<Error> broken(const char* what) {
    return fail(ErrorCode::malformed, what);
}

// INTEGER (0..2147483647)
bool take_number(Cursor& in, std::uint32_t& out) {
    std::string_view content;
    std::int64_t value = 0;
    if (!in.take(Tag::integer, content) || !parse_signed(content, value)) return false;
    if (value < 0 || value > INT32_MAX) return false;
    out = static_cast<std::uint32_t>(value);
    return true;
}

bool take_text(Cursor& in, std::size_t most, std::string_view& out) {
    return in.take(Tag::octet_string, out) && out.size() <= most;
}

// msgGlobalData, RFC 3412 section 6.
bool take_header(Cursor& message, V3Message& out) {
    std::string_view content;
    std::string_view flags;
    std::uint32_t max_size = 0;
    std::uint32_t model = 0;
    if (!message.take(Tag::sequence, content)) return false;
    Cursor header(content);
    if (!take_number(header, out.id) || !take_number(header, max_size) || !take_text(header, 1, flags) ||
        !take_number(header, model) || !header.at_end())
        return false;
    if (max_size < kLeastMaxSize || flags.size() != 1 || model != kUsm) return false;
    out.flags = static_cast<std::uint8_t>(flags[0]);
    return out.level() != kPrivFlag;
}

// UsmSecurityParameters, RFC 3414 section 2.4.
bool take_security(Cursor& message, V3Message& out) {
    std::string_view packed;
    std::string_view content;
    if (!message.take(Tag::octet_string, packed)) return false;
    Cursor outer(packed);
    if (!outer.take(Tag::sequence, content) || !outer.at_end()) return false;
    Cursor in(content);
    return take_text(in, kMostEngineId, out.engine_id) && take_number(in, out.boots) &&
           take_number(in, out.time) && take_text(in, kMostUser, out.user) &&
           take_text(in, kMostParameter, out.mac) && take_text(in, kMostParameter, out.salt) && in.at_end();
}

}  // namespace

Result<V3Message> parse_v3(std::string_view datagram) {
    V3Message out;
    std::string_view content;
    Cursor outer(datagram);
    if (!outer.take(Tag::sequence, content)) return broken("the message is not a sequence");
    if (!outer.at_end()) return broken("bytes after the message");
    out.whole = datagram;
    Cursor message(content);
    std::uint32_t version = 0;
    if (!take_number(message, version) || version != kVersion) return broken("not SNMPv3");
    if (!take_header(message, out)) return broken("no sound header of SNMPv3");
    if (!take_security(message, out)) return broken("no sound parameters of security");
    Tlv data;
    out.data = message.rest();
    if (!message.take(data) || !message.at_end()) return broken("no scoped PDU");
    if (data.tag != (out.has_priv() ? Tag::octet_string : Tag::sequence))
        return broken("encrypted or not, unlike its flags");
    if (out.has_priv()) out.data = data.content;
    return out;
}

Result<ScopedPdu> parse_scoped_pdu(std::string_view bytes, bool is_padded) {
    ScopedPdu out;
    std::string_view content;
    Cursor outer(bytes);
    if (!outer.take(Tag::sequence, content) || (!is_padded && !outer.at_end()))
        return broken("no scoped PDU");
    Cursor scoped(content);
    if (!scoped.take(Tag::octet_string, out.engine_id) || !scoped.take(Tag::octet_string, out.context) ||
        !scoped.take(out.pdu) || !scoped.at_end())
        return broken("no sound scoped PDU");
    return out;
}

void finish_scoped_pdu(BackWriter& out, std::string_view engine_id, std::string_view context) {
    out.element(Tag::octet_string, context);
    out.element(Tag::octet_string, engine_id);
    out.close(Tag::sequence, 0);
}

std::size_t finish_v3(BackWriter& out, const V3Message& head) {
    constexpr std::array<char, kMostParameter> kZeros{};
    const std::size_t data = out.mark();
    out.element(Tag::octet_string, head.salt);
    out.put({kZeros.data(), head.mac.size()});
    const std::size_t mac = out.mark();
    out.close(Tag::octet_string, mac - head.mac.size());
    out.element(Tag::octet_string, head.user);
    out.integer(head.time);
    out.integer(head.boots);
    out.element(Tag::octet_string, head.engine_id);
    out.close(Tag::sequence, data);
    out.close(Tag::octet_string, data);
    const std::size_t security = out.mark();
    const char flags = static_cast<char>(head.flags);
    out.integer(kUsm);
    out.element(Tag::octet_string, {&flags, 1});
    out.integer(kMaxSize);
    out.integer(head.id);
    out.close(Tag::sequence, security);
    out.integer(kVersion);
    out.close(Tag::sequence, 0);
    return mac;
}

}  // namespace outstation::snmp
