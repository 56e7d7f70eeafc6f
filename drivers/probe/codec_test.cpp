// SPDX-License-Identifier: GPL-3.0-or-later
// Octets of requests, and answers that are none.
#include <gtest/gtest.h>

#include "drivers/probe/asf.hpp"
#include "drivers/probe/icmp.hpp"

namespace outstation::probe {
namespace {

using namespace std::string_view_literals;

// Type, code, checksum, identifier, sequence 1, data.
constexpr std::string_view kReply =
    "\x00\x00\x5c\x35\x12\x34\x00\x01"
    "abcdefgh"sv;

TEST(Icmp, ARequestHasItsChecksum) {
    const std::string request = encode_echo_request(0x0102, "abc");
    EXPECT_EQ(request,
              "\x08\x00\x32\x9b\x00\x00\x01\x02"
              "abc"sv);
}

TEST(Icmp, AReplyGivesItsSequenceAndData) {
    const auto echo = parse_echo_reply(kReply);
    ASSERT_TRUE(echo) << echo.error().text;
    EXPECT_EQ(echo->sequence, 1U);
    EXPECT_EQ(echo->data, "abcdefgh");
}

TEST(Icmp, WhatIsNoReplyIsRefused) {
    for (std::size_t n = 0; n < 8; ++n) EXPECT_FALSE(parse_echo_reply(kReply.substr(0, n))) << n;
    EXPECT_FALSE(parse_echo_reply(encode_echo_request(1, "abcdefgh"))) << "a request";
    std::string unreachable(kReply);
    unreachable[0] = 3;
    EXPECT_FALSE(parse_echo_reply(unreachable));
    for (std::size_t at = 2; at < kReply.size(); ++at) {
        std::string bent(kReply);
        bent[at] = static_cast<char>(bent[at] ^ 0x10);
        EXPECT_FALSE(parse_echo_reply(bent)) << at;
    }
}

TEST(Icmp, TheMessageOfAPacketLiesBehindItsHeader) {
    std::string packet(20, '\0');
    packet[0] = '\x45';
    packet[9] = 1;
    packet += kReply;
    EXPECT_EQ(parse_ip_packet(packet).value(), kReply);
    std::string with_options = packet;
    with_options[0] = '\x46';
    with_options.insert(20, 4, '\0');
    EXPECT_EQ(parse_ip_packet(with_options).value(), kReply);
    for (const auto& [at, octet] : std::vector<std::pair<std::size_t, char>>{
             {0, '\x65'}, {0, '\x44'}, {6, '\x20'}, {7, '\x01'}, {9, '\x11'}}) {
        std::string wrong = packet;
        wrong[at] = octet;
        EXPECT_FALSE(parse_ip_packet(wrong)) << at;
    }
    packet[0] = '\x4f';
    EXPECT_FALSE(parse_ip_packet(packet.substr(0, 36))) << "the header is longer than the packet";
    EXPECT_FALSE(parse_ip_packet(""));
}

TEST(Asf, APingIsThatOfTheSpecification) {
    EXPECT_EQ(encode_presence_ping(7), "\x06\x00\xFF\x06\x00\x00\x11\xBE\x80\x07\x00\x00"sv);
}

// IPMI 2.0, table 13-7: entities 0x81 are IPMI and ASF 1.0.
constexpr std::string_view kPong =
    "\x06\x00\xFF\x06\x00\x00\x11\xBE\x40\x07\x00\x10"
    "\x00\x00\x11\xBE\x00\x00\x00\x00\x81\x00\x00\x00\x00\x00\x00\x00"sv;

TEST(Asf, APongSaysWhetherThereIsIpmi) {
    const auto pong = parse_presence_pong(kPong);
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->tag, 7U);
    EXPECT_TRUE(pong->has_ipmi);
    std::string without(kPong);
    without[20] = 1;
    EXPECT_FALSE(parse_presence_pong(without)->has_ipmi);
}

TEST(Asf, WhatIsNoPongIsRefused) {
    for (std::size_t n = 0; n < kPong.size(); ++n) EXPECT_FALSE(parse_presence_pong(kPong.substr(0, n))) << n;
    EXPECT_FALSE(parse_presence_pong(encode_presence_ping(7)));
    for (const std::size_t at : {0U, 3U, 4U, 7U, 8U, 11U}) {
        std::string wrong(kPong);
        wrong[at] = '\x01';
        EXPECT_FALSE(parse_presence_pong(wrong)) << at;
    }
}

}  // namespace
}  // namespace outstation::probe
