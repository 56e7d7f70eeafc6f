// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv3 messages (RFC 3412 section 6) with the parameters of the User-based Security Model (RFC 3414 section
// 2.4): built into a caller's buffer, parsed in place. Their shape alone: what is authentic, who may and
// whether it is in time is usm_session's.
#pragma once

#include <cstdint>
#include <string_view>

#include "drivers/snmp/ber.hpp"
#include "lib/model/result.hpp"

namespace outstation::snmp {

inline constexpr std::size_t kLeastEngineId = 5;  // RFC 3411 section 5, SnmpEngineID
inline constexpr std::size_t kMostEngineId = 32;

// msgFlags.
inline constexpr std::uint8_t kAuthFlag = 1;
inline constexpr std::uint8_t kPrivFlag = 2;
inline constexpr std::uint8_t kReportableFlag = 4;
inline constexpr std::uint8_t kLevelFlags = kAuthFlag | kPrivFlag;

struct V3Message {
    std::uint32_t id = 0;    // msgID
    std::uint8_t flags = 0;  // never privacy without authentication
    std::string_view engine_id;
    std::uint32_t boots = 0;
    std::uint32_t time = 0;
    std::string_view user;
    std::string_view mac;    // msgAuthenticationParameters
    std::string_view salt;   // msgPrivacyParameters
    std::string_view data;   // the scoped PDU, or what it was encrypted to
    std::string_view whole;  // the message that the MAC is of

    [[nodiscard]] std::uint8_t level() const { return flags & kLevelFlags; }
    [[nodiscard]] bool has_auth() const { return (flags & kAuthFlag) != 0; }
    [[nodiscard]] bool has_priv() const { return (flags & kPrivFlag) != 0; }
};

struct ScopedPdu {
    std::string_view engine_id;  // contextEngineID
    std::string_view context;    // contextName
    Tlv pdu;
};

// A whole datagram of version 3. Fails with malformed, naming what broke.
[[nodiscard]] Result<V3Message> parse_v3(std::string_view datagram);
// Fails with malformed; bytes behind it are allowed where a cipher padded it.
[[nodiscard]] Result<ScopedPdu> parse_scoped_pdu(std::string_view bytes, bool is_padded);

// In front of a PDU that is the only thing in `out`.
void finish_scoped_pdu(BackWriter& out, std::string_view engine_id, std::string_view context);
// In front of the scoped PDU or of what it was encrypted to (an octet string); of `head` all but data, whole
// and the bytes of the MAC are written. Gives the mark where the MAC's zeros begin: as many as head.mac has.
[[nodiscard]] std::size_t finish_v3(BackWriter& out, const V3Message& head);

}  // namespace outstation::snmp
