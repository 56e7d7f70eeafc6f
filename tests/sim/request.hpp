// SPDX-License-Identifier: GPL-3.0-or-later
// Requests as an agent reads them (RFC 1157 section 4.1, RFC 3416 section 3).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "drivers/snmp/message.hpp"

namespace outstation::sim {

inline constexpr std::size_t kMaxVarbinds = 256;
inline constexpr auto kSetRequest = static_cast<snmp::Tag>(0xa3);

struct Request {
    snmp::Version version = snmp::Version::v2c;
    std::string_view community;  // of v1 and v2c
    snmp::Tag pdu = snmp::Tag::none;
    std::uint32_t id = 0;
    std::int64_t non_repeaters = 0;  // GETBULK only, as the next
    std::int64_t max_repetitions = 0;
    std::string_view varbinds;  // as they came
    std::vector<snmp::OidBytes> oids;
};

// A message of v1 or v2c. Malformed for everything that is no GET, GETNEXT, GETBULK or SET, and for more than
// kMaxVarbinds. What is in `out` is replaced.
[[nodiscard]] Result<void> parse_request(std::string_view datagram, Request& out);
// The PDU of a request, of any version; fails likewise.
[[nodiscard]] Result<void> parse_request_pdu(const snmp::Tlv& pdu, Request& out);

}  // namespace outstation::sim
