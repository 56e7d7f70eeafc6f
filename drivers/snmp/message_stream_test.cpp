// SPDX-License-Identifier: GPL-3.0-or-later
// Messages in a stream, however it is cut.
#include "drivers/snmp/message_stream.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "drivers/snmp/ber.hpp"

namespace outstation::snmp {
namespace {

std::string message(std::size_t content, char filler) {
    std::vector<char> buffer(content + 8);
    BackWriter out(buffer);
    out.element(Tag::sequence, std::string(content, filler));
    return std::string(out.bytes());
}

std::vector<std::string> take_all(MessageStream& stream) {
    std::vector<std::string> out;
    for (std::string_view one = stream.take(); !one.empty(); one = stream.take()) out.emplace_back(one);
    return out;
}

TEST(MessageStream, EveryCutGivesTheSameMessages) {
    const std::vector<std::string> sent = {message(0, 'a'), message(127, 'b'), message(128, 'c'),
                                           message(300, 'd')};
    std::string bytes;
    for (const std::string& one : sent) bytes += one;
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        MessageStream stream;
        std::vector<std::string> got;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            stream.append(std::string_view(bytes).substr(at, piece));
            for (std::string& one : take_all(stream)) got.push_back(std::move(one));
        }
        EXPECT_EQ(got, sent) << piece;
        EXPECT_EQ(stream.held(), 0U);
        EXPECT_FALSE(stream.is_broken());
    }
}

TEST(MessageStream, TheLongestMessageFitsAndOneByteMoreBreaksIt) {
    const std::string longest = message(MessageStream::kMostBytes - 4, 'x');  // a head of four bytes
    ASSERT_EQ(longest.size(), MessageStream::kMostBytes);
    MessageStream stream;
    stream.append(longest);
    EXPECT_EQ(stream.take(), longest);
    stream.append(message(MessageStream::kMostBytes - 3, 'x').substr(0, 4));  // known by its head
    EXPECT_EQ(stream.take(), "");
    EXPECT_TRUE(stream.is_broken());
}

TEST(MessageStream, WhatIsNoMessageBreaksItForGood) {
    for (const std::string& bad :
         {std::string("\x31\x00", 2), std::string("HTTP/1.1 400"), std::string("\x30\x80"),
          std::string("\x30\x85\0\0\0\0\1x", 8), std::string("\x30\x84\xff\xff\xff\xff", 6)}) {
        MessageStream stream;
        stream.append(message(1, 'a') + bad);
        EXPECT_EQ(stream.take(), message(1, 'a'));
        EXPECT_EQ(stream.take(), "");
        EXPECT_TRUE(stream.is_broken());
        stream.append(message(1, 'b'));
        EXPECT_EQ(stream.take(), "");
        EXPECT_LE(stream.held(), bad.size());
    }
}

}  // namespace
}  // namespace outstation::snmp
