// SPDX-License-Identifier: GPL-3.0-or-later
// ICMP echo (RFC 792): the octets of a request, and what an answer says. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::probe {

struct Echo {
    std::uint16_t sequence = 0;
    std::string_view data;  // of the message that was parsed
};

// The identifier is 0: the kernel puts in that of a ping socket.
[[nodiscard]] std::string encode_echo_request(std::uint16_t sequence, std::string_view data);

// malformed: no echo reply, or its checksum is wrong.
[[nodiscard]] Result<Echo> parse_echo_reply(std::string_view message);

// The ICMP message in what a raw socket receives (RFC 791 §3.1). malformed: there is none, or it is a
// fragment.
[[nodiscard]] Result<std::string_view> parse_ip_packet(std::string_view packet);

}  // namespace outstation::probe
