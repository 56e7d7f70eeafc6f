// SPDX-License-Identifier: GPL-3.0-or-later
// A real snmpd on loopback, polled by our engine between two GETs of the Net-SNMP library: what does not move
// is equal, what counts lies between.
#include <gtest/gtest.h>

#include <thread>

#include "drivers/snmp/engine.hpp"
#include "tests/oracle/agent.hpp"
#include "tests/oracle/net_snmp.hpp"

namespace outstation::oracle {
namespace {

using namespace std::chrono_literals;

struct Object {
    Arcs oid;
    std::uint8_t tag;
    std::uint64_t number;
    std::string bytes;
};

std::string dotted(const Arcs& arcs) {
    std::string text;
    for (const std::uint32_t arc : arcs) text += (text.empty() ? "" : ".") + std::to_string(arc);
    return text;
}

Arcs arcs_of(const std::string& text) {
    Arcs arcs;
    for (std::size_t at = 0; at < text.size(); at = text.find('.', at) + 1) {
        arcs.push_back(static_cast<std::uint32_t>(std::stoul(text.substr(at))));
        if (text.find('.', at) == std::string::npos) break;
    }
    return arcs;
}

std::shared_ptr<const snmp::Plan> make_plan() {
    const auto plan = std::make_shared<snmp::Plan>();
    const auto encode = [](const std::string& tail) {
        return snmp::encode_oid("1.3.6.1.2.1." + tail).value();
    };
    for (const char* tail : {"1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "2.1.0", "25.1.1.0"})
        plan->scalars.push_back(encode(tail));
    plan->tables.resize(3);
    for (const char* column : {"1", "2", "3", "4", "5", "6", "7", "8", "10", "11", "16", "17"})
        plan->tables[0].columns.push_back(encode("2.2.1." + std::string(column)));
    for (const char* column : {"1", "6", "7", "10", "11", "15"})
        plan->tables[1].columns.push_back(encode("31.1.1.1." + std::string(column)));
    for (const char* column : {"2", "3", "4", "5", "6"})
        plan->tables[2].columns.push_back(encode("25.2.3.1." + std::string(column)));
    return plan;
}

Object make_object(const snmp::Cycle& cycle, const std::string& oid, const snmp::Cell& cell) {
    Object made{arcs_of(snmp::decode_oid(oid).value()), static_cast<std::uint8_t>(cell.tag), 0, {}};
    if (cell.is_number()) {
        made.number = cell.number;
    } else {
        made.bytes = cycle.bytes(cell);
        if (cell.tag == snmp::Tag::oid) made.bytes = snmp::decode_oid(made.bytes).value();
    }
    return made;
}

// One cycle; every value that is there, by its OID.
struct Way {
    const char* name;
    const char* host;
    snmp::Transport transport;
};

std::vector<Object> poll(const Agent& agent, const Way& way) {
    std::vector<Object> objects;
    const auto loop = make_epoll_loop().value();
    const bool is_v6 = std::string_view(way.host) == "::1";
    const auto socket = snmp::open_datagram_socket(is_v6 ? AF_INET6 : AF_INET).value();
    snmp::Engine engine(*loop, is_v6 ? nullptr : socket.get(), is_v6 ? socket.get() : nullptr, {});
    const auto plan = make_plan();
    const auto id = engine.add({snmp::Address::parse(way.host, agent.port()).value(),
                                {.community = agent.community()},
                                {},
                                way.transport});
    engine.poll(id, plan, 20s, [&](auto, const snmp::Cycle& cycle) {
        EXPECT_EQ(snmp::cycle_error_name(cycle.error), "none") << cycle.detail;
        for (std::size_t i = 0; i < cycle.scalars.size(); ++i) {
            if (cycle.scalars[i].present())
                objects.push_back(make_object(cycle, plan->scalars[i], cycle.scalars[i]));
        }
        for (std::size_t t = 0; t < cycle.tables.size(); ++t) {
            const auto& columns = plan->tables[t].columns;
            for (std::size_t n = 0; n < cycle.tables[t].cells.size(); ++n) {
                const auto& cell = cycle.tables[t].cells[n];
                if (!cell.present()) continue;
                const auto index = cycle.index(cycle.tables[t], n / columns.size());
                objects.push_back(make_object(cycle, columns[n % columns.size()] + std::string(index), cell));
            }
        }
        loop->stop();
    });
    loop->run();
    return objects;
}

std::vector<Value> get_all(NetSnmp& oracle, const std::vector<Arcs>& oids) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < oids.size(); i += 16) {
        const auto end = std::min(oids.size(), i + 16);
        for (auto& value : oracle.get({oids.begin() + static_cast<std::ptrdiff_t>(i),
                                       oids.begin() + static_cast<std::ptrdiff_t>(end)})) {
            values.push_back(std::move(value));
        }
    }
    return values;
}

// Gauges of the machine's memory and disks: another process may change them at any time.
bool moves_freely(const std::string& oid) {
    return oid.rfind("1.3.6.1.2.1.25.2.3.1.6.", 0) == 0 || oid.rfind("1.3.6.1.2.1.25.2.3.1.5.", 0) == 0;
}

void expect_agrees(const Object& ours, const Value& before, const Value& after) {
    const std::string name = dotted(ours.oid);
    ASSERT_EQ(before.oid, ours.oid);
    EXPECT_EQ(before.tag, ours.tag) << name;
    const bool counts = ours.tag == 0x41 || ours.tag == 0x43 || ours.tag == 0x46;
    if (moves_freely(name)) {
        const auto middle = static_cast<double>(before.number);
        EXPECT_NEAR(static_cast<double>(ours.number), middle, middle * 0.5 + 65536) << name;
    } else if (counts) {
        const bool wrapped = before.number > after.number;
        EXPECT_TRUE(wrapped || (before.number <= ours.number && ours.number <= after.number))
            << name << ": " << before.number << " " << ours.number << " " << after.number;
    } else {
        EXPECT_EQ(ours.number, before.number) << name;
        EXPECT_EQ(ours.bytes, before.bytes) << name;
    }
}

class SnmpAgentOracle : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, SnmpAgentOracle,
                         testing::Values(Way{"udp", "127.0.0.1", snmp::Transport::udp},
                                         Way{"tcp", "127.0.0.1", snmp::Transport::tcp},
                                         Way{"udp6", "::1", snmp::Transport::udp},
                                         Way{"tcp6", "::1", snmp::Transport::tcp}),
                         [](const auto& param) { return param.param.name; });

TEST_P(SnmpAgentOracle, TheEngineReadsARealAgentAsNetSnmpDoes) {
    if (!Agent::is_installed()) GTEST_SKIP() << "snmpd is not installed";
    if (std::string_view(GetParam().host) == "::1" && !Agent::has_ipv6())
        GTEST_SKIP() << "this machine has no IPv6";
    const Agent agent;
    NetSnmp oracle(agent.port(), agent.community());
    for (int i = 0; i < 5 && oracle.get({{1, 3, 6, 1, 2, 1, 1, 3, 0}}).empty(); ++i)
        std::this_thread::sleep_for(100ms);
    std::vector<Arcs> oids;
    for (const Object& object : poll(agent, GetParam())) oids.push_back(object.oid);
    ASSERT_GE(oids.size(), 50U);
    const auto before = get_all(oracle, oids);
    const auto ours = poll(agent, GetParam());
    const auto after = get_all(oracle, oids);
    ASSERT_EQ(before.size(), oids.size());
    ASSERT_EQ(after.size(), oids.size());
    ASSERT_EQ(ours.size(), oids.size());
    std::size_t octets = 0;
    std::size_t storage = 0;
    for (std::size_t i = 0; i < oids.size(); ++i) {
        expect_agrees(ours[i], before[i], after[i]);
        octets += dotted(oids[i]).rfind("1.3.6.1.2.1.31.1.1.1.6.", 0) == 0 ? 1 : 0;
        storage += dotted(oids[i]).rfind("1.3.6.1.2.1.25.2.3.1.6.", 0) == 0 ? 1 : 0;
    }
    EXPECT_GT(octets, 0U);
    EXPECT_GT(storage, 0U);
}

}  // namespace
}  // namespace outstation::oracle
