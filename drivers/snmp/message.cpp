// SPDX-License-Identifier: GPL-3.0-or-later
// Message heads and varbinds.
#include "drivers/snmp/message.hpp"

#include <algorithm>
#include <array>

namespace outstation::snmp {
namespace {

tl::unexpected<Error> broken(const char* what) {
    return fail(ErrorCode::malformed, what);
}

bool take_integer(Cursor& in, std::int64_t& out) {
    std::string_view content;
    return in.take(Tag::integer, content) && parse_signed(content, out);
}

// The version, and a cursor at what follows it.
Result<Version> take_version(std::string_view datagram, Cursor& message) {
    Cursor outer(datagram);
    std::string_view content;
    if (!outer.take(Tag::sequence, content)) return broken("the message is not a sequence");
    if (!outer.at_end()) return broken("bytes after the message");
    message = Cursor(content);
    std::int64_t version = 0;
    if (!take_integer(message, version)) return broken("no version");
    if (version != 0 && version != 1 && version != 3) return broken("no version of SNMP that we know");
    return static_cast<Version>(version);
}

}  // namespace

Result<Version> parse_version(std::string_view datagram) {
    Cursor message;
    return take_version(datagram, message);
}

Result<Response> parse_response(std::string_view datagram) {
    Response out;
    if (const auto parsed = parse_response(datagram, out); !parsed) return fail(parsed.error());
    return out;
}

Result<void> parse_response(std::string_view datagram, Response& out) {
    Cursor message;
    const auto version = take_version(datagram, message);
    if (!version) return fail(version.error());
    if (*version == Version::v3) return broken("not SNMPv1 or SNMPv2c");
    out.version = *version;
    Tlv pdu;
    if (!message.take(Tag::octet_string, out.community)) return broken("no community");
    if (!message.take(pdu) || !message.at_end()) return broken("no PDU");
    return parse_response_pdu(pdu, out);
}

Result<void> parse_response_pdu(const Tlv& pdu, Response& out) {
    if (pdu.tag != Tag::response && pdu.tag != Tag::report) return broken("not a response");
    out.pdu = pdu.tag;
    Cursor body(pdu.content);
    std::int64_t id = 0;
    if (!take_integer(body, id) || !take_integer(body, out.error_status) ||
        !take_integer(body, out.error_index)) {
        return broken("no request-id, error-status and error-index");
    }
    out.request_id = static_cast<std::uint32_t>(id);
    std::string_view content;
    if (!body.take(Tag::sequence, content) || !body.at_end()) return broken("no varbind list");
    out.varbinds = Cursor(content);
    return {};
}

bool take_long_varbind(Cursor& list, Varbind& out) {
    std::string_view content;
    if (!list.take(Tag::sequence, content)) return false;
    Cursor varbind(content);
    if (!varbind.take(Tag::oid, out.oid) || out.oid.empty()) return false;
    return varbind.take(out.value) && varbind.at_end();
}

bool take_varbind(Cursor& list, Varbind& out, bool& malformed) {
    if (!take_raw_varbind(list, out, malformed)) return false;
    malformed = !is_valid_oid(out.oid);
    return !malformed;
}

void request_varbind(BackWriter& out, OidBytes prefix, OidBytes suffix) {
    const std::size_t oid_size = prefix.size() + suffix.size();
    if (oid_size + kVarbindHeadBytes <= kMaxShortLength) {
        char* at = out.reserve_front(oid_size + kVarbindHeadBytes + 2);
        if (at == nullptr) return;
        *at++ = static_cast<char>(Tag::sequence);
        *at++ = static_cast<char>(oid_size + kVarbindHeadBytes);
        *at++ = static_cast<char>(Tag::oid);
        *at++ = static_cast<char>(oid_size);
        at = std::copy(prefix.begin(), prefix.end(), at);
        at = std::copy(suffix.begin(), suffix.end(), at);
        *at++ = static_cast<char>(Tag::null);
        *at = 0;
        return;
    }
    const std::size_t start = out.mark();
    out.element(Tag::null, {});
    const std::size_t oid = out.mark();
    out.put(suffix);
    out.put(prefix);
    out.close(Tag::oid, oid);
    out.close(Tag::sequence, start);
}

void set_varbind(BackWriter& out, OidBytes oid, const Tlv& value) {
    const std::size_t start = out.mark();
    out.element(value.tag, value.content);
    out.element(Tag::oid, oid);
    out.close(Tag::sequence, start);
}

std::string error_status_name(std::int64_t status) {
    constexpr std::array kNames = {"noError",
                                   "tooBig",
                                   "noSuchName",
                                   "badValue",
                                   "readOnly",
                                   "genErr",
                                   "noAccess",
                                   "wrongType",
                                   "wrongLength",
                                   "wrongEncoding",
                                   "wrongValue",
                                   "noCreation",
                                   "inconsistentValue",
                                   "resourceUnavailable",
                                   "commitFailed",
                                   "undoFailed",
                                   "authorizationError",
                                   "notWritable",
                                   "inconsistentName"};
    const auto at = static_cast<std::uint64_t>(status);
    return at < kNames.size() ? kNames[at] : "error-status " + std::to_string(status);
}

void finish_pdu(BackWriter& out, Tag pdu, std::uint32_t request_id, std::int64_t first, std::int64_t second) {
    out.close(Tag::sequence, 0);
    out.integer(second);
    out.integer(first);
    out.integer(request_id);
    out.close(pdu, 0);
}

void finish_message(BackWriter& out, Version version, std::string_view community) {
    out.element(Tag::octet_string, community);
    out.integer(static_cast<std::int64_t>(version));
    out.close(Tag::sequence, 0);
}

}  // namespace outstation::snmp
