// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to a request.
#include "tests/sim/request.hpp"

namespace outstation::sim {
namespace {

using namespace snmp;

bool take_integer(Cursor& in, std::int64_t& out) {
    std::string_view content;
    return in.take(Tag::integer, content) && parse_signed(content, out);
}

bool is_request(Version version, Tag pdu) {
    return pdu == Tag::get_request || pdu == Tag::get_next_request || pdu == kSetRequest ||
           (pdu == Tag::get_bulk_request && version != Version::v1);
}

Result<void> parse_oids(std::string_view list, std::vector<OidBytes>& out) {
    Cursor varbinds(list);
    Varbind varbind;
    bool malformed = false;
    out.clear();
    while (take_varbind(varbinds, varbind, malformed)) {
        if (out.size() == kMaxVarbinds) return fail(ErrorCode::exhausted, "too many varbinds");
        out.push_back(varbind.oid);
    }
    if (malformed) return fail(ErrorCode::malformed, "a varbind");
    return {};
}

}  // namespace

Result<void> parse_request(std::string_view datagram, Request& out) {
    const auto version = parse_version(datagram);
    if (!version) return fail(version.error());
    if (*version == Version::v3) return fail(ErrorCode::malformed, "not SNMPv1 or SNMPv2c");
    out.version = *version;
    Cursor outer(datagram);
    std::string_view content;
    std::int64_t number = 0;
    Tlv pdu;
    if (!outer.take(Tag::sequence, content)) return fail(ErrorCode::malformed, "no message");
    Cursor message(content);
    if (!take_integer(message, number) || !message.take(Tag::octet_string, out.community) ||
        !message.take(pdu) || !message.at_end())
        return fail(ErrorCode::malformed, "no PDU");
    return parse_request_pdu(pdu, out);
}

Result<void> parse_request_pdu(const Tlv& pdu, Request& out) {
    if (!is_request(out.version, pdu.tag)) return fail(ErrorCode::refused, "no request that is answered");
    out.pdu = pdu.tag;
    Cursor body(pdu.content);
    std::int64_t id = 0;
    if (!take_integer(body, id) || !take_integer(body, out.non_repeaters) ||
        !take_integer(body, out.max_repetitions) || !body.take(Tag::sequence, out.varbinds))
        return fail(ErrorCode::malformed, "a PDU");
    out.id = static_cast<std::uint32_t>(id);
    return parse_oids(out.varbinds, out.oids);
}

}  // namespace outstation::sim
