// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of version 3: what is written is read again, and each way they can be broken is refused.
#include "drivers/snmp/v3_message.hpp"

#include <gtest/gtest.h>

#include <array>

#include "drivers/snmp/message.hpp"

namespace outstation::snmp {
namespace {

const std::string kEngine("\x80\x00\x1f\x88\x04test", 9);

V3Message make_head(std::uint8_t flags) {
    V3Message head;
    head.id = 0x12345678;
    head.flags = flags;
    head.engine_id = kEngine;
    head.boots = 3;
    head.time = 4711;
    head.user = "reader";
    head.mac = "twelve bytes";
    head.salt = "8 bytes.";
    return head;
}

std::string build(const V3Message& head) {
    std::array<char, 1024> buffer;
    BackWriter out(buffer);
    finish_pdu(out, Tag::get_request, 77);
    finish_scoped_pdu(out, kEngine, "room");
    if (head.has_priv()) out.close(Tag::octet_string, 0);
    const std::size_t mac = finish_v3(out, head);
    EXPECT_TRUE(out.ok());
    const auto place = out.at(mac, head.mac.size());
    EXPECT_EQ(std::string(place.begin(), place.end()), std::string(head.mac.size(), '\0'));
    head.mac.copy(place.data(), place.size());
    return std::string(out.bytes());
}

TEST(V3Message, WhatIsWrittenIsRead) {
    for (const std::uint8_t flags : std::to_array<std::uint8_t>({0, 1, 3, 4, 5, 7})) {
        const std::string bytes = build(make_head(flags));
        const auto message = parse_v3(bytes);
        ASSERT_TRUE(message) << message.error().text;
        EXPECT_EQ(message->id, 0x12345678U);
        EXPECT_EQ(message->flags, flags);
        EXPECT_EQ(message->engine_id, kEngine);
        EXPECT_EQ(message->boots, 3U);
        EXPECT_EQ(message->time, 4711U);
        EXPECT_EQ(message->user, "reader");
        EXPECT_EQ(message->mac, "twelve bytes");
        EXPECT_EQ(message->salt, "8 bytes.");
        EXPECT_EQ(message->whole, bytes);
        const auto scoped = parse_scoped_pdu(message->data, false);
        ASSERT_TRUE(scoped) << scoped.error().text;
        EXPECT_EQ(scoped->engine_id, kEngine);
        EXPECT_EQ(scoped->context, "room");
        EXPECT_EQ(scoped->pdu.tag, Tag::get_request);
        EXPECT_FALSE(parse_scoped_pdu(std::string(message->data) + "x", false));
        EXPECT_TRUE(parse_scoped_pdu(std::string(message->data) + "x", true));
    }
}

TEST(V3Message, EveryTruncationIsMalformed) {
    const std::string bytes = build(make_head(kAuthFlag));
    for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_v3(bytes.substr(0, n))) << n;
    EXPECT_FALSE(parse_v3(bytes + "x"));
}

TEST(V3Message, HeadsThatCannotBeAreRefused) {
    EXPECT_FALSE(parse_v3(build(make_head(kPrivFlag))));  // privacy without authentication
    auto long_id = make_head(0);
    const std::string id(33, 'e');
    long_id.engine_id = id;
    EXPECT_FALSE(parse_v3(build(long_id)));
    auto long_user = make_head(0);
    long_user.user = id;
    EXPECT_FALSE(parse_v3(build(long_user)));
    auto late = make_head(0);
    late.time = 0x80000000U;
    EXPECT_FALSE(parse_v3(build(late)));
    std::string unlike = build(make_head(kAuthFlag));  // not encrypted, unlike its flags
    const auto flags = unlike.find("\x04\x01\x01");
    ASSERT_NE(flags, std::string::npos);
    unlike[flags + 2] = 3;
    EXPECT_EQ(parse_v3(unlike).error().text, "encrypted or not, unlike its flags");
}

TEST(V3Message, ABufferThatIsTooSmallIsTold) {
    std::array<char, 60> buffer;
    BackWriter out(buffer);
    finish_pdu(out, Tag::get_request, 77);
    finish_scoped_pdu(out, kEngine, "room");
    static_cast<void>(finish_v3(out, make_head(0)));
    EXPECT_FALSE(out.ok());
}

TEST(BackWriter, ZerosGoBehindWhatIsThere) {
    std::array<char, 8> buffer;
    BackWriter out(buffer);
    out.put("abc");
    out.append_zeros(0);
    out.append_zeros(5);
    EXPECT_EQ(out.bytes(), std::string_view("abc\0\0\0\0\0", 8));
    out.append_zeros(1);
    EXPECT_FALSE(out.ok());
}

}  // namespace
}  // namespace outstation::snmp
