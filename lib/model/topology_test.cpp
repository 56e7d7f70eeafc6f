// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms of a few devices, and what is drawn of them.
#include "lib/model/topology.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace outstation::topology {
namespace {

Device device(const char* id, const char* device_class, const char* address = "") {
    return {id, id, device_class, address, id, {}};
}

void says(Device& device, Neighbour neighbour, std::int64_t since_ns = 1) {
    device.evidence.push_back({std::move(neighbour), since_ns});
}

// "a a_port - b b_port strength proofs"
std::vector<std::string> links_of(const Map& map) {
    std::vector<std::string> out;
    for (const Link& link : map.links)
        out.push_back(link.a + " " + link.a_port + " - " + link.b + " " + link.b_port + " " +
                      strength_name(link.strength) + " " + std::to_string(link.proofs.size()));
    return out;
}

// "id layer parent"
std::vector<std::string> nodes_of(const Map& map) {
    std::vector<std::string> out;
    for (const Node& node : map.nodes)
        out.push_back(node.id + " " + layer_name(node.layer) + " " + node.parent);
    return out;
}

using Texts = std::vector<std::string>;

TEST(Topology, BothEndsOfALinkAreOneLink) {
    Device core = device("core", "switch");
    Device access = device("acc", "switch");
    says(core, {kOwn, "", "", "", "00:00:00:00:00:01", ""});
    says(access, {kOwn, "", "", "", "00:00:00:00:00:02", ""});
    says(core, {"lldp", "XGE1/0/1", "", "XGE0/0/1", "00:00:00:00:00:02", ""}, 7);
    says(access, {"lldp", "XGE0/0/1", "core", "to the core", "00:00:00:00:00:01", ""}, 5);
    says(access, {"cdp", "XGE0/0/1", "core(SN1)", "XGE1/0/1", "", ""}, 9);
    const Map map = draw({core, access});
    EXPECT_EQ(links_of(map), (Texts{"acc XGE0/0/1 - core XGE1/0/1 both_ends 3"}));
    EXPECT_EQ(map.links[0].since_ns, 5);
}

TEST(Topology, TwoCablesBetweenTheSameDevicesAreTwoLinks) {
    Device core = device("core", "switch");
    Device access = device("acc", "switch");
    for (const char* n : {"1", "2"}) {
        says(core,
             {"lldp", std::string("GigabitEthernet1/0/") + n, "acc", std::string("Gi0/0/") + n, "", ""});
        says(access,
             {"lldp", std::string("GigabitEthernet0/0/") + n, "core", std::string("Gi1/0/") + n, "", ""});
    }
    EXPECT_EQ(links_of(draw({core, access})),
              (Texts{"acc GigabitEthernet0/0/1 - core GigabitEthernet1/0/1 both_ends 2",
                     "acc GigabitEthernet0/0/2 - core GigabitEthernet1/0/2 both_ends 2"}));
}

TEST(Topology, ANeighbourThatIsNotPolledIsANodeOfItsOwn) {
    Device core = device("core", "switch");
    Device access = device("acc", "switch");
    says(core, {"lldp", "1", "phone-7", "p", "00:00:00:00:00:09", ""});
    says(access, {"lldp", "2", "", "p", "00:00:00:00:00:09", "192.0.2.9"});
    const Map map = draw({core, access});
    EXPECT_EQ(links_of(map),
              (Texts{"?00:00:00:00:00:09 p - acc 2 one_end 1", "?00:00:00:00:00:09 p - core 1 one_end 1"}));
    EXPECT_EQ(map.nodes[0].name, "phone-7");
    EXPECT_EQ(map.nodes[0].address, "192.0.2.9");
    EXPECT_FALSE(map.nodes[0].is_polled);
}

TEST(Topology, AMacBehindASwitchIsNoLinkOfTheOneInFront) {
    Device core = device("core", "switch");
    Device access = device("acc", "switch");
    Device server = device("srv", "server", "192.0.2.5");
    says(server, {kOwn, "eth0", "", "", "00:00:00:00:00:05", ""});
    says(core, {"lldp", "1", "acc", "24", "", ""});
    says(core, {"fdb", "1", "", "", "00:00:00:00:00:05", ""});
    says(access, {"fdb", "3", "", "", "00:00:00:00:00:05", ""});
    says(access, {"fdb", "4", "", "", "00:00:00:00:00:77", ""});
    const Map map = draw({core, access, server});
    EXPECT_EQ(links_of(map), (Texts{"acc 24 - core 1 one_end 1", "acc 3 - srv  fdb 1"}));
    const auto acc =
        std::find_if(map.nodes.begin(), map.nodes.end(), [](const Node& n) { return n.id == "acc"; });
    EXPECT_EQ(acc->other_ends, 1U);
}

TEST(Topology, AMacIsKnownByArpToo) {
    Device router = device("rtr", "router");
    Device access = device("acc", "switch");
    Device ups = device("ups", "ups", "192.0.2.7");
    says(router, {"arp", "GE0/1", "", "", "00:00:00:00:00:07", "192.0.2.7"});
    says(access, {"fdb", "9", "", "", "00:00:00:00:00:07", ""});
    EXPECT_EQ(links_of(draw({router, access, ups})), (Texts{"acc 9 - ups  fdb 1"}));
}

TEST(Topology, ADeviceThatNothingElseKnowsHangsOnTheGatewayOfItsSubnet) {
    Device router = device("rtr", "router");
    Device ups = device("ups", "ups", "192.0.2.7");
    Device server = device("srv", "server", "192.0.2.8");
    says(router, {"arp", "GE0/1", "", "", "00:00:00:00:00:07", "192.0.2.7"});
    says(server, {"arp", "eth0", "", "", "00:00:00:00:00:07", "192.0.2.7"});
    EXPECT_EQ(links_of(draw({router, ups, server})), (Texts{"rtr GE0/1 - ups  arp 1"}));
}

TEST(Topology, ARoutingNeighbourIsOutThere) {
    Device router = device("rtr", "router", "192.0.2.1");
    Device firewall = device("fw", "firewall", "192.0.2.2");
    says(router, {"bgp", "", "", "", "", "198.51.100.1"});
    says(router, {"ospf", "GE0/2", "", "", "", "192.0.2.2"});
    says(firewall, {"lldp", "wan", "rtr", "GE0/2", "", ""});
    const Map map = draw({router, firewall});
    EXPECT_EQ(links_of(map), (Texts{"rtr  - ?198.51.100.1  routing 1", "rtr GE0/2 - fw wan one_end 2"}));
    EXPECT_EQ(nodes_of(map)[0], "?198.51.100.1 wan rtr");
}

TEST(Topology, WhatSeveralHaveInCommonTellsNothing) {
    Device one = device("a", "server", "192.0.2.1");
    Device two = device("b", "server", "192.0.2.2");
    one.sys_name = two.sys_name = "localhost";
    Device access = device("acc", "switch");
    for (Device* each : {&one, &two}) says(*each, {kOwn, "", "", "", "02:00:00:00:00:01", "10.0.0.1"});
    says(access, {"fdb", "1", "", "", "02:00:00:00:00:01", ""});
    says(access, {"lldp", "2", "localhost", "eth0", "", "10.0.0.1"});
    EXPECT_EQ(links_of(draw({one, two, access})), (Texts{"acc 2 - ?localhost eth0 one_end 1"}));
}

TEST(Topology, TheTreeGoesFromTheWayOutToTheEnds) {
    Device firewall = device("fw", "firewall");
    Device router = device("rtr", "router");
    Device core = device("core", "switch");
    Device access = device("acc", "switch");
    Device server = device("srv", "server");
    says(server, {kOwn, "", "", "", "00:00:00:00:00:05", ""});
    says(firewall, {"lldp", "wan", "rtr", "1", "", ""});
    says(core, {"lldp", "48", "fw", "lan", "", ""});
    says(core, {"lldp", "1", "acc", "24", "", ""});
    says(access, {"fdb", "3", "", "", "00:00:00:00:00:05", ""});
    EXPECT_EQ(nodes_of(draw({server, access, core, firewall, router})),
              (Texts{"fw wan rtr", "rtr wan ", "core core fw", "acc access core", "srv end acc"}));
}

TEST(Topology, WithoutAWayOutTheCoreIsWhereTheSwitchesMeet) {
    Device core = device("m", "switch");
    Device left = device("a", "switch");
    Device right = device("z", "switch");
    says(left, {"lldp", "24", "m", "1", "", ""});
    says(right, {"lldp", "24", "m", "2", "", ""});
    EXPECT_EQ(nodes_of(draw({left, core, right})), (Texts{"m core ", "a access m", "z access m"}));
}

TEST(Topology, NothingIsReachedThroughWhatStandsBelowIt) {
    Device server = device("srv", "server");
    Device left = device("a", "switch");
    Device right = device("b", "switch");
    for (Device* each : {&left, &right}) says(*each, {"lldp", "1", "srv", "eth" + each->id, "", ""});
    EXPECT_EQ(nodes_of(draw({server, left, right})), (Texts{"a access ", "b access ", "srv end a"}));
}

TEST(Topology, ARingHasAParentForEachAndALinkMore) {
    std::vector<Device> ring{device("a", "switch"), device("b", "switch"), device("c", "switch")};
    says(ring[0], {"lldp", "1", "b", "2", "", ""});
    says(ring[1], {"lldp", "1", "c", "2", "", ""});
    says(ring[2], {"lldp", "1", "a", "2", "", ""});
    const Map map = draw(ring);
    EXPECT_EQ(map.links.size(), 3U);
    EXPECT_EQ(nodes_of(map), (Texts{"a core ", "b core a", "c core a"}));
}

TEST(Topology, StrangersAreBounded) {
    Device core = device("core", "switch");
    for (int n = 0; n < 3000; ++n)
        says(core, {"lldp", std::to_string(n), "x" + std::to_string(n), "", "", ""});
    EXPECT_EQ(draw({core}).nodes.size(), kMaxStrangers + 1);
}

TEST(Topology, PortsAreTheSameWhereTheirNumbersAre) {
    EXPECT_TRUE(is_same_port("GigabitEthernet1/0/1", "Gi1/0/1"));
    EXPECT_TRUE(is_same_port("eth0", "eth0"));
    EXPECT_FALSE(is_same_port("GigabitEthernet1/0/1", "GigabitEthernet1/0/11"));
    EXPECT_FALSE(is_same_port("Gi1/0/1", "Te1/0/1"));
    EXPECT_FALSE(is_same_port("", "1"));
    EXPECT_FALSE(is_same_port("uplink", "up"));
}

TEST(Neighbour, TheTextOfANeighbourIsReadBack) {
    const Neighbour whole{"lldp", "GE1/0/1", "core|01", "XGE1", "00:11:22:33:44:55", "192.0.2.1"};
    EXPECT_EQ(neighbour_text(whole), "core/01|XGE1|00:11:22:33:44:55|192.0.2.1");
    EXPECT_EQ(neighbour_key(whole), "lldp|GE1/0/1|00:11:22:33:44:55");
    Neighbour read = parse_neighbour("lldp", "GE1/0/1", neighbour_text(whole));
    EXPECT_EQ(read.remote_name, "core/01");
    read.remote_name = whole.remote_name;
    EXPECT_EQ(read, whole);
    EXPECT_EQ(parse_neighbour("arp", "p", "only a name").remote_name, "only a name");
    EXPECT_EQ(parse_neighbour("arp", "p", "").remote_address, "");
}

}  // namespace
}  // namespace outstation::topology
