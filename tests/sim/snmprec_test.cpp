// SPDX-License-Identifier: GPL-3.0-or-later
// Every tag of a recording, and the lines that are left out.
#include "tests/sim/snmprec.hpp"

#include <gtest/gtest.h>

namespace outstation::sim {
namespace {

using namespace std::string_literals;

std::string content(const Mib& mib, const char* oid) {
    const std::size_t at = mib.find(snmp::encode_oid(oid).value());
    return at < mib.size() ? std::string(mib.at(at).content) : "absent";
}

TEST(Snmprec, EveryTypeAsItIsSent) {
    const auto recording = parse_snmprec(
        "# "
        "comment\n1.3.1|2|-129\n1.3.2|4|a|b\r\n1.3.3|4x|00ff\n1.3.4|5|\n1.3.5|6|1.3.6.1\n1.3.6|64|192.0.2.1\n"
        "1.3.7|65|128\n1.3.8|66|4294967295\n1.3.9|67|0\n1.3.10|70|18446744073709551615\n1.3.11|68x|9f78\n");
    EXPECT_TRUE(recording.left_out.empty());
    const Mib& mib = recording.mib;
    EXPECT_EQ(content(mib, "1.3.1"), "\xff\x7f"s);
    EXPECT_EQ(content(mib, "1.3.2"), "a|b");
    EXPECT_EQ(content(mib, "1.3.3"), "\x00\xff"s);
    EXPECT_EQ(content(mib, "1.3.4"), "");
    EXPECT_EQ(content(mib, "1.3.5"), "\x2b\x06\x01"s);
    EXPECT_EQ(content(mib, "1.3.6"), "\xc0\x00\x02\x01"s);
    EXPECT_EQ(content(mib, "1.3.7"), "\x00\x80"s);
    EXPECT_EQ(content(mib, "1.3.8"), "\x00\xff\xff\xff\xff"s);
    EXPECT_EQ(content(mib, "1.3.9"), "\x00"s);
    EXPECT_EQ(content(mib, "1.3.10"), "\x00\xff\xff\xff\xff\xff\xff\xff\xff"s);
    EXPECT_EQ(content(mib, "1.3.11"), "\x9f\x78"s);
}

TEST(Snmprec, LinesAreSortedByArcsAndTheFirstOfTwoCounts) {
    const auto recording = parse_snmprec("1.3.16384|2|3\n1.3.127|2|1\n1.3.128|2|2\n1.3.128|2|9\n");
    ASSERT_EQ(recording.mib.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(recording.mib.at(i).content, std::string(1, static_cast<char>(i + 1)));
}

TEST(Snmprec, WhatIsNotUnderstoodIsLeftOutWithItsLine) {
    const auto recording = parse_snmprec(
        "1.3.1|2\nx|2|1\n1.3.2|2:numeric|1\n1.3.3|65|-1\n1.3.4|4x|abc\n1.3.5|4~|1\n1.3.6|99|1\n1.3.7|2|7\n",
        "a.snmprec");
    EXPECT_EQ(recording.mib.size(), 1U);
    ASSERT_EQ(recording.left_out.size(), 7U);
    EXPECT_EQ(recording.left_out[0], "a.snmprec:1: expected OID|TAG|VALUE");
    EXPECT_EQ(recording.left_out[6].substr(0, 14), "a.snmprec:7: a");
}

}  // namespace
}  // namespace outstation::sim
