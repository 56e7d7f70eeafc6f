// SPDX-License-Identifier: GPL-3.0-or-later
// Octets in network order.
#include "drivers/probe/icmp.hpp"

#include <cstddef>

namespace outstation::probe {
namespace {

constexpr std::size_t kHeader = 1 + 1 + 2 + 2 + 2;  // type, code, checksum, identifier, sequence
constexpr char kEchoReply = 0;
constexpr char kEchoRequest = 8;
constexpr std::size_t kShortestIp = 20;
constexpr unsigned kIcmp = 1;

unsigned octet(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

unsigned number16(std::string_view bytes, std::size_t at) {
    return octet(bytes, at) << 8U | octet(bytes, at + 1);
}

void put16(std::string& out, std::size_t at, unsigned value) {
    out[at] = static_cast<char>(value >> 8U & 0xFFU);
    out[at + 1] = static_cast<char>(value & 0xFFU);
}

// RFC 1071: 0 over a message that has its checksum.
unsigned checksum(std::string_view message) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < message.size(); at += 2)
        sum += at + 1 < message.size() ? number16(message, at) : octet(message, at) << 8U;
    while (sum >> 16U != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<unsigned>(~sum & 0xFFFFU);
}

}  // namespace

std::string encode_echo_request(std::uint16_t sequence, std::string_view data) {
    std::string out(kHeader, '\0');
    out[0] = kEchoRequest;
    put16(out, 6, sequence);
    out += data;
    put16(out, 2, checksum(out));
    return out;
}

Result<Echo> parse_echo_reply(std::string_view message) {
    if (message.size() < kHeader || message[0] != kEchoReply || message[1] != 0)
        return fail(ErrorCode::malformed, "no echo reply");
    if (checksum(message) != 0) return fail(ErrorCode::malformed, "wrong checksum");
    return Echo{static_cast<std::uint16_t>(number16(message, 6)), message.substr(kHeader)};
}

Result<std::string_view> parse_ip_packet(std::string_view packet) {
    const bool is_ipv4 = packet.size() >= kShortestIp && octet(packet, 0) >> 4U == 4;
    const std::size_t header = is_ipv4 ? (octet(packet, 0) & 0x0FU) * std::size_t{4} : 0;
    if (header < kShortestIp || header > packet.size())
        return fail(ErrorCode::malformed, "no header of IPv4");
    const bool is_fragment = (number16(packet, 6) & 0x3FFFU) != 0;  // more of them, or an offset
    if (is_fragment || octet(packet, 9) != kIcmp) return fail(ErrorCode::malformed, "no whole ICMP message");
    return packet.substr(header);
}

}  // namespace outstation::probe
