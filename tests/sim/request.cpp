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

Result<std::vector<OidBytes>> parse_oids(std::string_view list) {
    std::vector<OidBytes> out;
    Cursor varbinds(list);
    Varbind varbind;
    bool malformed = false;
    while (take_varbind(varbinds, varbind, malformed)) {
        if (out.size() == kMaxVarbinds) return fail(ErrorCode::exhausted, "too many varbinds");
        out.push_back(varbind.oid);
    }
    if (malformed) return fail(ErrorCode::malformed, "a varbind");
    return out;
}

}  // namespace

Result<Request> parse_request(std::string_view datagram) {
    Request out;
    Cursor outer(datagram);
    std::string_view content;
    if (!outer.take(Tag::sequence, content)) return fail(ErrorCode::malformed, "no message");
    Cursor message(content);
    std::int64_t version = 0;
    Tlv pdu;
    if (!take_integer(message, version) || version != 1 || !message.take(Tag::octet_string, out.community) ||
        !message.take(pdu))
        return fail(ErrorCode::malformed, "not a message of SNMPv2c");
    if (pdu.tag != Tag::get_request && pdu.tag != Tag::get_next_request && pdu.tag != Tag::get_bulk_request)
        return fail(ErrorCode::refused, "only GET, GETNEXT and GETBULK are answered");
    out.pdu = pdu.tag;
    Cursor body(pdu.content);
    std::int64_t id = 0;
    if (!take_integer(body, id) || !take_integer(body, out.non_repeaters) ||
        !take_integer(body, out.max_repetitions) || !body.take(Tag::sequence, content))
        return fail(ErrorCode::malformed, "a PDU");
    out.id = static_cast<std::uint32_t>(id);
    auto oids = parse_oids(content);
    if (!oids) return fail(oids.error());
    out.oids = std::move(*oids);
    return out;
}

}  // namespace outstation::sim
