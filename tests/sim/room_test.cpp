// SPDX-License-Identifier: GPL-3.0-or-later
// The demonstration room and how devices are named on the command line.
#include "tests/sim/room.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>

namespace outstation::sim {
namespace {

std::string text_at(const Mib& mib, const char* oid) {
    const std::size_t at = mib.find(snmp::encode_oid(oid).value());
    return at < mib.size() ? content_at(mib.at(at), {1.7e9, 60}) : "absent";
}

TEST(Room, TheDemonstrationIsADozenDevicesAtTheirOwnAddresses) {
    const auto room = read_room("tests/sim/room/room.yaml", 20161);
    ASSERT_TRUE(room) << room.error().text;
    ASSERT_EQ(room->size(), 12U);
    std::set<std::string> addresses;
    for (const Device& device : *room) {
        EXPECT_EQ(device.port, 20161);
        EXPECT_TRUE(addresses.insert(device.address).second);
        EXPECT_EQ(text_at(*device.mib, "1.3.6.1.2.1.1.5.0"), device.id);
        EXPECT_NE(text_at(*device.mib, "1.3.6.1.2.1.1.6.0"), "absent");
    }
    const Mib& core = *room->front().mib;
    EXPECT_EQ(text_at(core, "1.3.6.1.2.1.31.1.1.1.18.49"), "至一楼接入交换机");
    EXPECT_EQ(text_at(core, "1.3.6.1.2.1.2.2.1.8.17"), "\x02");                 // no cable
    EXPECT_EQ(text_at(core, "1.3.6.1.2.1.2.2.1.7.40"), "\x02");                 // switched off
    EXPECT_NE(text_at(core, "1.3.6.1.2.1.2.2.1.14.20"), std::string(1, '\0'));  // errors
    EXPECT_EQ(
        text_at(core, "1.3.6.1.2.1.31.1.1.1.6.1")
            .substr(text_at(core, "1.3.6.1.2.1.31.1.1.1.6.1").size() - 3),
        text_at(core, "1.3.6.1.2.1.2.2.1.10.1").substr(text_at(core, "1.3.6.1.2.1.2.2.1.10.1").size() - 3));
}

TEST(Room, DevicesOnTheCommandLine) {
    const std::string file = testing::TempDir() + "/sim_room_test.snmprec";
    std::ofstream(file) << "1.3.6.1.2.1.1.5.0|4|x\n";
    const auto fleet = parse_device("127.0.0.1:20161+3=" + file);
    ASSERT_TRUE(fleet) << fleet.error().text;
    ASSERT_EQ(fleet->size(), 3U);
    EXPECT_EQ(fleet->back().port, 20163);
    EXPECT_EQ(fleet->front().mib, fleet->back().mib);
    EXPECT_EQ(parse_device("[::1]:161=" + file).value().front().address, "::1");
    for (const std::string place :
         {"192.0.2.1:161", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65535+2", "127.0.0.1:1x"})
        EXPECT_FALSE(parse_device(place + "=" + file)) << place;
    std::remove(file.c_str());
}

}  // namespace
}  // namespace outstation::sim
