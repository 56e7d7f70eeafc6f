// SPDX-License-Identifier: GPL-3.0-or-later
// OIDs: text, bytes, order, and bytes that are none.
#include "drivers/snmp/oid.hpp"

#include <gtest/gtest.h>

namespace outstation::snmp {
namespace {

TEST(Oid, TextAndBytesRoundTrip) {
    for (const char* text :
         {"1.3.6.1.2.1.1.3.0", "0.0", "2.999.3", "1.3.4294967295", "2.5.4.3", "1.3.127.128.16383.16384"}) {
        const auto bytes = encode_oid(text);
        ASSERT_TRUE(bytes) << text;
        EXPECT_EQ(decode_oid(*bytes).value(), text);
    }
    EXPECT_EQ(encode_oid("1.3.6.1").value(), "\x2b\x06\x01");
}

TEST(Oid, WrongTextIsRefused) {
    for (const char* text : {"", "1", "3.1", "1.40", "1.3.", "1..3", "1.3.4294967296", "1.3.x", "1.3.-1"}) {
        EXPECT_FALSE(encode_oid(text)) << text;
    }
}

TEST(Oid, WrongBytesAreRefused) {
    EXPECT_FALSE(is_valid_oid(""));
    EXPECT_FALSE(is_valid_oid("\x2b\x86"));                     // cut sub-identifier
    EXPECT_FALSE(is_valid_oid("\x2b\x9f\xff\xff\xff\x7f"));     // more than 32 bits
    EXPECT_FALSE(is_valid_oid(std::string(kMaxArcs, '\x01')));  // more than 128 arcs
}

TEST(Oid, OrderIsByArcsNotBytes) {
    const auto a = encode_oid("1.3.6.1.2").value();
    const auto b = encode_oid("1.3.6.1.128").value();
    const auto c = encode_oid("1.3.6.1.128.0").value();
    EXPECT_EQ(compare_oid(a, b), std::strong_ordering::less);
    EXPECT_EQ(compare_oid(b, c), std::strong_ordering::less);
    EXPECT_EQ(compare_oid(c, a), std::strong_ordering::greater);
    EXPECT_EQ(compare_oid(b, b), std::strong_ordering::equal);
    EXPECT_EQ(format_index(c.substr(3)), "128.0");
}

}  // namespace
}  // namespace outstation::snmp
