// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv1 and SNMPv2c messages (RFC 1157, RFC 1901) and the PDUs of all versions (RFC 3416): built into a
// caller's buffer, parsed in place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "drivers/snmp/ber.hpp"
#include "drivers/snmp/oid.hpp"
#include "lib/model/result.hpp"

namespace outstation::snmp {

enum class Version : std::uint8_t { v1 = 0, v2c = 1, v3 = 3 };

// error-status values that we react to (RFC 3416 section 3).
inline constexpr std::int64_t kNoError = 0;
inline constexpr std::int64_t kTooBig = 1;
inline constexpr std::int64_t kNoSuchName = 2;
inline constexpr std::int64_t kGenErr = 5;
// "notWritable", or its number where there is no name.
[[nodiscard]] std::string error_status_name(std::int64_t status);

// A response as it lies in the datagram.
struct Response {
    Version version = Version::v2c;
    Tag pdu = Tag::none;         // response or report
    std::string_view community;  // of v1 and v2c
    std::uint32_t request_id = 0;
    std::int64_t error_status = 0;
    std::int64_t error_index = 0;
    Cursor varbinds;  // take_varbind() reads them
};

// Lies in its message: at least 8 bytes end where a value ends that is not empty.
struct Varbind {
    OidBytes oid;
    Tlv value;
};

// The version that a datagram says it has; fails with malformed when it is none of ours.
[[nodiscard]] Result<Version> parse_version(std::string_view datagram);
// A message of v1 or v2c. Fails with malformed, naming what broke. Trailing bytes after the message are
// malformed too.
[[nodiscard]] Result<Response> parse_response(std::string_view datagram);
[[nodiscard]] Result<void> parse_response(std::string_view datagram, Response& out);
// The PDU of a response, of any version; fails likewise.
[[nodiscard]] Result<void> parse_response_pdu(const Tlv& pdu, Response& out);

// One varbind from the list, its OID valid. False at the end or when malformed; `malformed` tells which.
[[nodiscard]] bool take_varbind(Cursor& list, Varbind& out, bool& malformed);
// The same, but nobody has looked at the bytes of the OID yet.
[[nodiscard]] inline bool take_raw_varbind(Cursor& list, Varbind& out, bool& malformed);

// A request from the end of `buffer`: the varbind list is written by the caller into `out` first (see
// request_varbind), then finish_pdu() puts the PDU's head in front, and a message's head follows. For GETBULK
// the two numbers are non-repeaters and max-repetitions.
void request_varbind(BackWriter& out, OidBytes prefix, OidBytes suffix);
// For a SET: with a value.
void set_varbind(BackWriter& out, OidBytes oid, const Tlv& value);
void finish_pdu(BackWriter& out, Tag pdu, std::uint32_t request_id, std::int64_t first = 0,
                std::int64_t second = 0);
void finish_message(BackWriter& out, Version version, std::string_view community);

// Of the two parts of take_raw_varbind() the one for any varbind; false: malformed.
[[nodiscard]] bool take_long_varbind(Cursor& list, Varbind& out);

inline constexpr std::size_t kMaxShortLength = 0x7f;  // of one octet
inline constexpr std::size_t kVarbindHeadBytes = 4;   // heads of the OID and of an empty value

// Nearly every varbind: all three lengths are of one octet. False: it is not, and nothing is taken.
[[nodiscard]] inline bool take_short_varbind(Cursor& list, Varbind& out) {
    const std::string_view rest = list.rest();
    const auto* p = reinterpret_cast<const unsigned char*>(rest.data());
    if (rest.size() < 2 + kVarbindHeadBytes || p[1] > kMaxShortLength) return false;
    const std::size_t end = std::size_t{2} + p[1];
    const std::size_t value = std::size_t{4} + p[3];
    if (end > rest.size() || value + 2 > end) return false;
    const bool is_sound = p[0] == static_cast<unsigned char>(Tag::sequence) &&
                          p[2] == static_cast<unsigned char>(Tag::oid) && p[3] != 0 &&
                          value + 2 + p[value + 1] == end;
    if (!is_sound) return false;
    out.oid = {rest.data() + 4, p[3]};
    out.value = {static_cast<Tag>(p[value]), {rest.data() + value + 2, p[value + 1]}};
    list.skip(end);
    return true;
}

inline bool take_raw_varbind(Cursor& list, Varbind& out, bool& malformed) {
    malformed = false;
    if (list.at_end()) return false;
    malformed = !take_short_varbind(list, out) && !take_long_varbind(list, out);
    return !malformed;
}

}  // namespace outstation::snmp
