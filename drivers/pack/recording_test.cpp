// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a recording, and how values read as text and number.
#include "drivers/pack/recording.hpp"

#include <gtest/gtest.h>

#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

TEST(Recording, ReadsEveryTagAndCountsWhatIsNotALine) {
    const auto read = parse_recording(
        "1.3.6.1.9.1.0|2|-5\r\n.1.3.6.1.9.2.0|4|a|b\n1.3.6.1.9.3.0|4x|00ff\n1.3.6.1.9.4.0|64x|0a000001\n"
        "1.3.6.1.9.5.0|6|.1.3.6\n1.3.6.1.9.6.0|70|18446744073709551615   \n1.3.6.1.9.7.0|68x|9f780441bc0000\n"
        "1.3.6.1.9.8.0|2|x\n1.3.6.1.9.9.0|4x|0\nnonsense\n1.3.a|2|1\n1.3.6.1.9.10.0|99|1\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->bad_lines, 5U);
    std::string all;
    const Values& values = read->values;
    for (const auto* at = values.next({}); at != nullptr; at = values.next(at->first))
        all += format_oid(at->first).substr(10) + "=" + format_value(at->second, Format::plain) + " ";
    EXPECT_EQ(all, "1.0=-5 2.0=a|b 3.0=00:ff 4.0=10.0.0.1 5.0=1.3.6 6.0=18446744073709551615 7.0=23.500000 ");
    EXPECT_FALSE(parse_recording("nothing here\n"));
    EXPECT_FALSE(read_recording("/nonexistent.snmprec"));
}

TEST(Recording, ReadsEscapedTexts) {
    const auto read = parse_recording(
        "1.3.1|4e|\\x00\\x1a\\\\ \\\"a\\\"\\n\n1.3.2|4e|ends in "
        "\\x0\n1.3.3|4e|\\xg0\n1.3.4|4e|\\\n1.3.5|2e|\\x37\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->values.next({1, 3})->second.text, std::string("\0\x1a\\ \"a\"\n", 8));
    EXPECT_EQ(read->values.next({1, 3, 3})->second.text, "\\");
    EXPECT_EQ(read->values.next({1, 3, 4})->second.text, "7");
    EXPECT_EQ(read->bad_lines, 2U);
}

TEST(Recording, TheNextValueIsInTheOrderOfArcs) {
    const auto read = parse_recording("1.3.10|2|3\n1.3.9|2|1\n1.3.9.5|2|2\n");
    ASSERT_TRUE(read);
    const Values& values = read->values;
    EXPECT_EQ(values.next({1, 3})->second.text, "1");
    EXPECT_EQ(values.next({1, 3, 9})->second.text, "2");
    EXPECT_EQ(values.next({1, 3, 9, 5})->second.text, "3");
    EXPECT_EQ(values.next({1, 3, 10}), nullptr);
}

TEST(ValueText, FormatsAndNumbers) {
    const Value mac{Type::octets, std::string("\x00\x01\x02\xaa\xbb\xcc", 6)};
    EXPECT_EQ(format_value(mac, Format::mac), "00:01:02:aa:bb:cc");
    EXPECT_EQ(format_value({Type::octets, "eth0"}, Format::mac), "eth0");
    EXPECT_EQ(format_value({Type::octets, std::string("\x0a\x00\x00\x01", 4)}, Format::address), "10.0.0.1");
    EXPECT_EQ(format_value({Type::octets, std::string("\x07\xea\x0b\x16\x06\x07\x08\x00", 8)}, Format::date),
              "2026-11-22T06:07:08");
    EXPECT_EQ(format_value({Type::octets, std::string("text \n\0", 7)}, Format::plain), "text");
    EXPECT_EQ(number_of(" +24.5 C"), 24.5);
    EXPECT_EQ(number_of("-3,2"), -3.2);
    for (const char* text : {"", "C 5", "inf", "nan", "-"}) EXPECT_EQ(number_of(text), std::nullopt) << text;
}

}  // namespace
}  // namespace outstation::pack
