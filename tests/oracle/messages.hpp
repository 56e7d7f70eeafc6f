// SPDX-License-Identifier: GPL-3.0-or-later
// Messages made up for the oracle, and what both must agree on.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/walk.hpp"
#include "tests/oracle/net_snmp.hpp"

namespace outstation::oracle {

using snmp::Cell;
using snmp::Tag;
using snmp::Varbind;

inline std::string dotted(const Arcs& arcs) {
    std::string text;
    for (const std::uint32_t arc : arcs) text += (text.empty() ? "" : ".") + std::to_string(arc);
    return text;
}

// Reproducible messages with everything at its edges.
class Generator {
  public:
    [[nodiscard]] std::uint64_t below(std::uint64_t n) { return random_() % n; }
    [[nodiscard]] std::uint64_t number() {
        const std::uint64_t edge = std::uint64_t{1} << below(64);
        return below(4) == 0 ? random_() : edge + below(3) - 1;
    }
    [[nodiscard]] Arcs oid() {
        constexpr std::array<std::size_t, 8> kLengths = {2, 3, 10, 11, 12, 40, 127, 128};
        Arcs arcs(kLengths[below(kLengths.size())]);
        for (auto& arc : arcs) arc = static_cast<std::uint32_t>(number());
        arcs[0] = 1;
        arcs[1] = static_cast<std::uint32_t>(below(40));
        return arcs;
    }
    [[nodiscard]] Value value() {
        constexpr std::array<Tag, 12> kTags = {
            Tag::integer,          Tag::octet_string,    Tag::oid,
            Tag::ip_address,       Tag::counter32,       Tag::gauge32,
            Tag::time_ticks,       Tag::counter64,       Tag::no_such_object,
            Tag::no_such_instance, Tag::end_of_mib_view, Tag::null};
        const Tag tag = kTags[below(kTags.size())];
        Value made{oid(), static_cast<std::uint8_t>(tag), 0, {}};
        if (tag == Tag::integer) {
            made.number = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(number())});
        } else if (tag == Tag::counter64) {
            made.number = number();
        } else if (tag == Tag::counter32 || tag == Tag::gauge32 || tag == Tag::time_ticks) {
            made.number = number() & 0xffffffffU;
        } else if (tag == Tag::oid) {
            made.bytes = dotted(oid());
        } else if (tag == Tag::ip_address) {
            made.bytes = text(4);
        } else if (tag == Tag::octet_string) {
            constexpr std::array<std::size_t, 8> kSizes = {0, 1, 126, 127, 128, 255, 256, 1400};
            made.bytes = text(kSizes[below(kSizes.size())]);
        }
        return made;
    }
    [[nodiscard]] std::string text(std::size_t size) {
        std::string made(size, '\0');
        for (char& c : made) c = static_cast<char>(random_());
        return made;
    }

  private:
    std::mt19937_64 random_{20260101};
};

inline void expect_same(const Value& expected, const Varbind& varbind) {
    ASSERT_EQ(snmp::decode_oid(varbind.oid).value(), dotted(expected.oid));
    ASSERT_EQ(static_cast<std::uint8_t>(varbind.value.tag), expected.tag);
    Cell cell;
    std::string arena;
    ASSERT_TRUE(snmp::store_value(varbind, cell, arena)) << "tag " << int{expected.tag};
    if (cell.is_number()) {
        ASSERT_EQ(cell.number, expected.number);
    } else if (cell.tag == Tag::oid) {
        ASSERT_EQ(snmp::decode_oid(arena).value(), expected.bytes);
    } else {
        ASSERT_EQ(arena, expected.bytes.substr(0, 4096));  // longer text is cut
    }
}

// The varbinds of `response` are those of `message`.
inline void expect_varbinds(const Message& message, const snmp::Response& response) {
    snmp::Cursor list = response.varbinds;
    Varbind varbind;
    bool malformed = false;
    for (const Value& value : message.values) {
        ASSERT_TRUE(snmp::take_varbind(list, varbind, malformed)) << dotted(value.oid);
        expect_same(value, varbind);
    }
    ASSERT_FALSE(snmp::take_varbind(list, varbind, malformed));
    ASSERT_FALSE(malformed);
}

}  // namespace outstation::oracle
