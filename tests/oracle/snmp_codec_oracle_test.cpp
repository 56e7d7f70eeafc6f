// SPDX-License-Identifier: GPL-3.0-or-later
// The same SNMPv2c messages by our codec and by Net-SNMP: what one writes the other must read alike.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/walk.hpp"
#include "tests/oracle/net_snmp.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;

constexpr int kMessages = 20'000;

std::string dotted(const Arcs& arcs) {
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

void expect_same(const Value& expected, const Varbind& varbind) {
    ASSERT_EQ(decode_oid(varbind.oid).value(), dotted(expected.oid));
    ASSERT_EQ(static_cast<std::uint8_t>(varbind.value.tag), expected.tag);
    Cell cell;
    std::string arena;
    ASSERT_TRUE(store_value(varbind.value, cell, arena)) << "tag " << int{expected.tag};
    if (cell.is_number()) {
        ASSERT_EQ(cell.number, expected.number);
    } else if (cell.tag == Tag::oid) {
        ASSERT_EQ(decode_oid(arena).value(), expected.bytes);
    } else {
        ASSERT_EQ(arena, expected.bytes.substr(0, 4096));  // longer text is cut
    }
}

void expect_read_alike(NetSnmp& oracle, const Message& message) {
    const std::string bytes = oracle.build(message);
    ASSERT_FALSE(bytes.empty());
    const auto response = parse_response(bytes);
    ASSERT_TRUE(response) << response.error().text;
    ASSERT_EQ(response->request_id, message.request_id);
    ASSERT_EQ(response->community, message.community);
    ASSERT_EQ(response->error_status, message.first);
    ASSERT_EQ(response->error_index, message.second);
    Cursor list = response->varbinds;
    Varbind varbind;
    bool malformed = false;
    for (const Value& value : message.values) {
        ASSERT_TRUE(take_varbind(list, varbind, malformed)) << dotted(value.oid);
        expect_same(value, varbind);
    }
    ASSERT_FALSE(take_varbind(list, varbind, malformed));
    ASSERT_FALSE(malformed);
}

TEST(SnmpCodecOracle, WeReadWhatNetSnmpWrites) {
    NetSnmp oracle(9, "c");
    Generator generator;
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        Message message{static_cast<std::uint8_t>(Tag::response),
                        static_cast<std::uint32_t>(generator.number() & 0x7fffffffU),
                        generator.text(generator.below(40)),
                        static_cast<std::int64_t>(generator.below(19)),
                        static_cast<std::int64_t>(generator.below(200)),
                        {}};
        for (std::uint64_t n = generator.below(6); n > 0; --n) message.values.push_back(generator.value());
        expect_read_alike(oracle, message);
    }
}

TEST(SnmpCodecOracle, WeReadTheLongestString) {
    NetSnmp oracle(9, "c");
    Generator generator;
    const Value value{{1, 3, 6, 1}, static_cast<std::uint8_t>(Tag::octet_string), 0, generator.text(65400)};
    expect_read_alike(oracle, {static_cast<std::uint8_t>(Tag::response), 7, "c", 0, 0, {value}});
}

TEST(SnmpCodecOracle, NetSnmpReadsWhatWeWrite) {
    NetSnmp oracle(9, "c");
    Generator generator;
    std::vector<char> buffer(65536);
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        const bool bulk = generator.below(2) == 0;
        const auto id = static_cast<std::uint32_t>(generator.number() & 0x7fffffffU);
        const std::int64_t second = bulk ? static_cast<std::int64_t>(generator.number() & 0x7fffffffU) : 0;
        const std::string community = generator.text(generator.below(40));
        std::vector<Arcs> oids;
        for (std::uint64_t n = generator.below(30); n > 0; --n) oids.push_back(generator.oid());
        BackWriter out(buffer);
        for (auto it = oids.rbegin(); it != oids.rend(); ++it)
            request_varbind(out, encode_oid(dotted(*it)).value(), {});
        finish_request(out, bulk ? Tag::get_bulk_request : Tag::get_request, community, id, 0, second);
        ASSERT_TRUE(out.ok());
        Message read;
        ASSERT_TRUE(oracle.parse(out.bytes(), read));
        ASSERT_EQ(read.pdu, static_cast<std::uint8_t>(bulk ? Tag::get_bulk_request : Tag::get_request));
        ASSERT_EQ(read.request_id, id);
        ASSERT_EQ(read.community, community);
        ASSERT_EQ(read.second, second);
        ASSERT_EQ(read.values.size(), oids.size());
        for (std::size_t v = 0; v < oids.size(); ++v) ASSERT_EQ(read.values[v].oid, oids[v]);
    }
}

}  // namespace
}  // namespace outstation::oracle
