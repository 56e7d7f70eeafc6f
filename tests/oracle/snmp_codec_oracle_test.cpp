// SPDX-License-Identifier: GPL-3.0-or-later
// The same messages of SNMPv1 and v2c by our codec and by Net-SNMP: what one writes the other must read
// alike.
#include <gtest/gtest.h>

#include "tests/oracle/messages.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;

constexpr int kMessages = 20'000;

void expect_read_alike(NetSnmp& oracle, const Message& message) {
    const std::string bytes = oracle.build(message);
    ASSERT_FALSE(bytes.empty());
    const auto response = parse_response(bytes);
    ASSERT_TRUE(response) << response.error().text;
    ASSERT_EQ(response->request_id, message.request_id);
    ASSERT_EQ(response->community, message.community);
    ASSERT_EQ(response->error_status, message.first);
    ASSERT_EQ(response->error_index, message.second);
    ASSERT_EQ(static_cast<int>(response->version), message.version);
    expect_varbinds(message, *response);
}

TEST(SnmpCodecOracle, WeReadWhatNetSnmpWrites) {
    NetSnmp oracle(9, "c");
    Generator generator;
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        Message message{static_cast<int>(generator.below(2)),
                        static_cast<std::uint8_t>(Tag::response),
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
    expect_read_alike(oracle, {1, static_cast<std::uint8_t>(Tag::response), 7, "c", 0, 0, {value}});
}

TEST(SnmpCodecOracle, NetSnmpReadsWhatWeWrite) {
    NetSnmp first(9, "c", 0);
    NetSnmp second(9, "c", 1);
    Generator generator;
    std::vector<char> buffer(65536);
    for (int i = 0; i < kMessages && !testing::Test::HasFatalFailure(); ++i) {
        const bool bulk = generator.below(2) == 0;
        const auto id = static_cast<std::uint32_t>(generator.number() & 0x7fffffffU);
        const std::int64_t number = bulk ? static_cast<std::int64_t>(generator.number() & 0x7fffffffU) : 0;
        const std::string community = generator.text(generator.below(40));
        std::vector<Arcs> oids;
        for (std::uint64_t n = generator.below(30); n > 0; --n) oids.push_back(generator.oid());
        BackWriter out(buffer);
        for (auto it = oids.rbegin(); it != oids.rend(); ++it)
            request_varbind(out, encode_oid(dotted(*it)).value(), {});
        const Version version = bulk || generator.below(2) == 0 ? Version::v2c : Version::v1;
        finish_pdu(out, bulk ? Tag::get_bulk_request : Tag::get_request, id, 0, number);
        finish_message(out, version, community);
        ASSERT_TRUE(out.ok());
        Message read;
        ASSERT_TRUE((version == Version::v1 ? first : second).parse(out.bytes(), read));
        ASSERT_EQ(read.pdu, static_cast<std::uint8_t>(bulk ? Tag::get_bulk_request : Tag::get_request));
        ASSERT_EQ(read.version, static_cast<int>(version));
        ASSERT_EQ(read.request_id, id);
        ASSERT_EQ(read.community, community);
        ASSERT_EQ(read.second, number);
        ASSERT_EQ(read.values.size(), oids.size());
        for (std::size_t v = 0; v < oids.size(); ++v) ASSERT_EQ(read.values[v].oid, oids[v]);
    }
}

}  // namespace
}  // namespace outstation::oracle
