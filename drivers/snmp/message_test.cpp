// SPDX-License-Identifier: GPL-3.0-or-later
// Messages byte for byte, and each way they can be broken.
#include "drivers/snmp/message.hpp"

#include <gtest/gtest.h>

#include <array>

namespace outstation::snmp {
namespace {

std::string build_response(std::uint32_t id, std::int64_t status, OidBytes oid, Tag tag,
                           std::string_view value) {
    std::array<char, 512> buffer;
    BackWriter out(buffer);
    const std::size_t start = out.mark();
    out.element(tag, value);
    out.element(Tag::oid, oid);
    out.close(Tag::sequence, start);
    finish_pdu(out, Tag::response, id, status, 0);
    finish_message(out, Version::v2c, "public");
    return std::string(out.bytes());
}

TEST(Message, AGetRequestIsTheseBytes) {
    std::array<char, 128> buffer;
    BackWriter out(buffer);
    request_varbind(out, encode_oid("1.3.6.1.2.1.1.3.0").value(), {});
    finish_pdu(out, Tag::get_request, 0x12345678);
    finish_message(out, Version::v2c, "public");
    const std::string expected(
        "\x30\x29\x02\x01\x01\x04\x06public\xa0\x1c\x02\x04\x12\x34\x56\x78\x02\x01\x00\x02\x01\x00"
        "\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x05\x00",
        43);
    EXPECT_EQ(std::string(out.bytes()), expected);
}

TEST(Message, IntegersAreMinimalTwosComplement) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{127}, std::int64_t{128}, std::int64_t{-1}, std::int64_t{-128},
          std::int64_t{-129}, std::int64_t{0x7fffffff}, INT64_MAX, INT64_MIN}) {
        std::array<char, 16> buffer;
        BackWriter out(buffer);
        out.integer(value);
        Cursor cursor(out.bytes());
        std::string_view content;
        ASSERT_TRUE(cursor.take(Tag::integer, content));
        std::int64_t back = 0;
        ASSERT_TRUE(parse_signed(content, back));
        EXPECT_EQ(back, value);
        if (content.size() > 1) {
            const auto first = static_cast<unsigned char>(content[0]);
            const bool next_high = (static_cast<unsigned char>(content[1]) & 0x80U) != 0;
            EXPECT_FALSE((first == 0 && !next_high) || (first == 0xff && next_high)) << value;
        }
    }
}

TEST(Message, AResponseIsReadInPlace) {
    const auto oid = encode_oid("1.3.6.1.2.1.31.1.1.1.6.1").value();
    const auto bytes = build_response(77, 0, oid, Tag::counter64,
                                      std::string_view("\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9));
    const auto response = parse_response(bytes);
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->request_id, 77U);
    EXPECT_EQ(response->community, "public");
    Cursor list = response->varbinds;
    Varbind varbind;
    bool malformed = true;
    ASSERT_TRUE(take_varbind(list, varbind, malformed));
    EXPECT_EQ(varbind.oid, oid);
    std::uint64_t number = 0;
    ASSERT_TRUE(parse_unsigned(varbind.value.content, number));
    EXPECT_EQ(number, UINT64_MAX);
    EXPECT_FALSE(take_varbind(list, varbind, malformed));
    EXPECT_FALSE(malformed);
}

TEST(Message, EveryTruncationIsMalformed) {
    const auto bytes = build_response(77, 0, encode_oid("1.3.6.1").value(), Tag::integer, "\x05");
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(parse_response(std::string_view(bytes).substr(0, n))) << n;
    EXPECT_FALSE(parse_response(bytes + "x"));
}

TEST(Message, LengthsThatLieAreRefused) {
    for (const std::string& head :
         {std::string("\x30\x80\x02\x01\x01", 5),              // indefinite
          std::string("\x30\x85\x00\x00\x00\x00\x01\x00", 8),  // five bytes of length
          std::string("\x30\x84\xff\xff\xff\xff\x00", 7),      // 4 GiB
          std::string("\x30\x81", 2)}) {
        EXPECT_FALSE(parse_response(head));
    }
}

TEST(Message, OtherVersionsAndPdusAreRefused) {
    auto bytes = build_response(1, 0, encode_oid("1.3").value(), Tag::null, "");
    bytes[4] = 2;  // SNMPv2p
    EXPECT_EQ(parse_response(bytes).error().text, "no version of SNMP that we know");
    bytes[4] = 3;
    EXPECT_EQ(parse_response(bytes).error().text, "not SNMPv1 or SNMPv2c");
    bytes[4] = 0;
    EXPECT_EQ(parse_response(bytes)->version, Version::v1);
    std::array<char, 128> buffer;
    BackWriter out(buffer);
    request_varbind(out, encode_oid("1.3.6").value(), {});
    finish_pdu(out, Tag::get_request, 5);
    finish_message(out, Version::v2c, "public");
    EXPECT_EQ(parse_response(out.bytes()).error().text, "not a response");
}

TEST(Message, ABufferThatIsTooSmallIsTold) {
    std::array<char, 20> buffer;
    BackWriter out(buffer);
    request_varbind(out, encode_oid("1.3.6.1.2.1.1.3.0").value(), {});
    finish_pdu(out, Tag::get_request, 5);
    finish_message(out, Version::v2c, "public");
    EXPECT_FALSE(out.ok());
}

}  // namespace
}  // namespace outstation::snmp
