// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv2c requests as an agent reads them (RFC 3416 section 3).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "drivers/snmp/message.hpp"

namespace outstation::sim {

inline constexpr std::size_t kMaxVarbinds = 256;

struct Request {
    std::string_view community;
    snmp::Tag pdu = snmp::Tag::none;
    std::uint32_t id = 0;
    std::int64_t non_repeaters = 0;  // GETBULK only, as the next
    std::int64_t max_repetitions = 0;
    std::vector<snmp::OidBytes> oids;
};

// GET, GETNEXT and GETBULK; malformed for everything else, and for more than kMaxVarbinds.
[[nodiscard]] Result<Request> parse_request(std::string_view datagram);

}  // namespace outstation::sim
