// SPDX-License-Identifier: GPL-3.0-or-later
// Message heads and varbinds.
#include "drivers/snmp/message.hpp"

namespace outstation::snmp {
namespace {

tl::unexpected<Error> broken(const char* what) {
    return fail(ErrorCode::malformed, what);
}

bool take_integer(Cursor& in, std::int64_t& out) {
    std::string_view content;
    return in.take(Tag::integer, content) && parse_signed(content, out);
}

}  // namespace

Result<Version> parse_version(std::string_view datagram) {
    Cursor outer(datagram);
    std::string_view content;
    if (!outer.take(Tag::sequence, content)) return broken("the message is not a sequence");
    if (!outer.at_end()) return broken("bytes after the message");
    Cursor message(content);
    std::int64_t version = 0;
    if (!take_integer(message, version)) return broken("no version");
    if (version != 0 && version != 1 && version != 3) return broken("no version of SNMP that we know");
    return static_cast<Version>(version);
}

Result<Response> parse_response(std::string_view datagram) {
    const auto version = parse_version(datagram);
    if (!version) return fail(version.error());
    if (*version == Version::v3) return broken("not SNMPv1 or SNMPv2c");
    std::string_view content;
    std::int64_t number = 0;
    Cursor outer(datagram);
    Response out;
    out.version = *version;
    Tlv pdu;
    if (!outer.take(Tag::sequence, content)) return broken("the message is not a sequence");
    Cursor message(content);
    if (!take_integer(message, number) || !message.take(Tag::octet_string, out.community))
        return broken("no community");
    if (!message.take(pdu) || !message.at_end()) return broken("no PDU");
    if (const auto parsed = parse_response_pdu(pdu, out); !parsed) return fail(parsed.error());
    return out;
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

bool take_varbind(Cursor& list, Varbind& out, bool& malformed) {
    malformed = false;
    if (list.at_end()) return false;
    std::string_view content;
    malformed = true;
    if (!list.take(Tag::sequence, content)) return false;
    Cursor varbind(content);
    if (!varbind.take(Tag::oid, out.oid) || !is_valid_oid(out.oid)) return false;
    if (!varbind.take(out.value) || !varbind.at_end()) return false;
    malformed = false;
    return true;
}

void request_varbind(BackWriter& out, OidBytes prefix, OidBytes suffix) {
    const std::size_t start = out.mark();
    out.element(Tag::null, {});
    const std::size_t oid = out.mark();
    out.put(suffix);
    out.put(prefix);
    out.close(Tag::oid, oid);
    out.close(Tag::sequence, start);
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

void finish_request(BackWriter& out, Tag pdu, std::string_view community, std::uint32_t request_id,
                    std::int64_t first, std::int64_t second) {
    finish_pdu(out, pdu, request_id, first, second);
    finish_message(out, Version::v2c, community);
}

}  // namespace outstation::snmp
