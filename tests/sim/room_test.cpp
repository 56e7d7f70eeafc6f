// SPDX-License-Identifier: GPL-3.0-or-later
// The demonstration room and how devices are named on the command line.
#include "tests/sim/room.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/sim/values.hpp"

namespace outstation::sim {
namespace {

std::string text_at(const Mib& mib, const char* oid) {
    const std::size_t at = mib.find(snmp::encode_oid(oid).value());
    DeviceClock clock;
    clock.time = {1.7e9, 60};
    std::string scratch;
    return at < mib.size() ? std::string(content_at(mib.at(at), clock, scratch)) : "absent";
}

// A file beside the recording `one.snmprec`.
class RoomFile : public testing::Test {
  protected:
    RoomFile() : folder_(testing::TempDir() + "/sim_room_test/") {
        std::filesystem::create_directories(folder_);
        std::ofstream(folder_ + "one.snmprec") << "1.3.6.1.2.1.1.5.0|4|x\nnot a line\n";
    }
    ~RoomFile() override { std::filesystem::remove_all(folder_); }
    Result<Room> read(const std::string& text) {
        std::ofstream(folder_ + "room.yaml") << text;
        return read_room(folder_ + "room.yaml", 161, library_);
    }
    std::string folder_;
    Library library_;
};

TEST(Room, ACableIsSeenFromBothEnds) {
    Library library;
    const auto room = read_room("tests/sim/room/room.yaml", 20161, library);
    ASSERT_TRUE(room) << room.error().text;
    const auto mib = [&room](const std::string& id) -> const Mib& {
        for (const Device& device : room->devices)
            if (device.id == id) return *device.mib;
        return *room->devices.front().mib;
    };
    // XGE1/0/1 is port 49 of the core, XGE0/0/1 port 25 of the access switch.
    EXPECT_EQ(text_at(mib("core-sw-01"), "1.0.8802.1.1.2.1.4.1.1.9.0.49.1"), "acc-sw-01");
    EXPECT_EQ(text_at(mib("core-sw-01"), "1.0.8802.1.1.2.1.4.1.1.7.0.49.1"), "XGE0/0/1");
    EXPECT_NE(text_at(mib("core-sw-01"), "1.0.8802.1.1.2.1.4.2.1.3.0.49.1.1.4.127.18.0.21"), "absent");
    EXPECT_EQ(text_at(mib("acc-sw-01"), "1.0.8802.1.1.2.1.4.1.1.9.0.25.1"), "core-sw-01");
    EXPECT_EQ(text_at(mib("acc-sw-01"), "1.0.8802.1.1.2.1.4.1.1.5.0.25.1"),
              text_at(mib("core-sw-01"), "1.0.8802.1.1.2.1.3.2.0"));
    EXPECT_EQ(text_at(mib("acc-sw-01"), "1.0.8802.1.1.2.1.4.1.1.9.0.7.1"), "ap-lobby");
    EXPECT_EQ(text_at(mib("ups-01"), "1.0.8802.1.1.2.1.3.2.0"), "absent");
    EXPECT_EQ(text_at(mib("acc-sw-04"), "1.3.6.1.2.1.17.1.4.1.2.3"), "\x03");
}

TEST_F(RoomFile, ACableNeedsADeviceAndAPort) {
    const auto nobody = read("devices: []\nlinks:\n  - {a: nobody, a_port: p, b: x}\n");
    ASSERT_FALSE(nobody);
    EXPECT_NE(nobody.error().text.find("nobody"), std::string::npos) << nobody.error().text;
    std::ofstream(folder_ + "one.yaml") << "system: {descr: d, object_id: 1.3.6.1}\n";
    const auto room = read(
        "devices:\n  - {id: d, address: 127.0.0.1, play: one.yaml}\nlinks:\n"
        "  - {a: d, a_port: GE9, b: x}\n");
    ASSERT_FALSE(room);
    EXPECT_NE(room.error().text.find("GE9"), std::string::npos) << room.error().text;
}

TEST(Room, TheDemonstrationIsADozenDevicesAtTheirOwnAddresses) {
    Library library;
    const auto read = read_room("tests/sim/room/room.yaml", 20161, library);
    ASSERT_TRUE(read) << read.error().text;
    const std::vector<Device>* const room = &read->devices;
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

TEST_F(RoomFile, AFleetSharesWhatItShowsAndHasNamesOfItsOwn) {
    const auto room = read(
        "devices:\n"
        "  - {id: sw, address: 127.9.0.254, count: 5000, play: one.snmprec, behaves: [loss 5 %, reindex]}\n"
        "  - {id: alone, address: 127.1.0.1, port: 9, play: one.snmprec}\n"
        "users:\n"
        "  - {name: a, auth: sha256, auth_passphrase: long enough, priv: aes128, priv_passphrase: as long as "
        "it}\n");
    ASSERT_TRUE(room) << room.error().text;
    ASSERT_EQ(room->devices.size(), 5001U);
    const Device& second = room->devices[2];
    EXPECT_EQ(second.id, "sw-00003");
    EXPECT_EQ(second.sys_name, "sw-00003");
    EXPECT_EQ(second.address, "127.9.1.0");
    EXPECT_EQ(second.behaviours->size(), 2U);
    EXPECT_EQ(second.mib, room->devices.front().mib);
    EXPECT_EQ(second.mib, room->devices.back().mib);
    EXPECT_EQ(second.renumbered, room->devices.front().renumbered);
    EXPECT_NE(second.renumbered, nullptr);
    EXPECT_EQ(room->devices.back().behaviours, nullptr);
    ASSERT_EQ(room->users.size(), 1U);
    EXPECT_EQ(room->users[0]->auth, snmp::AuthProtocol::sha256);
    EXPECT_EQ(library_.left_out(),
              (std::vector<std::string>{folder_ + "one.snmprec:2: expected OID|TAG|VALUE"}));
}

TEST_F(RoomFile, EveryMistakeIsToldWithItsLine) {
    const auto room = read(
        "devices:\n"
        "  - {id: a, address: 192.0.2.1, play: one.snmprec}\n"
        "  - {id: b, address: 127.0.0.1, play: one.snmprec, behaves: [lose 5 %]}\n"
        "users:\n"
        "  - {name: c, auth: md6}\n"
        "  - {name: d, auth: sha1, auth_passphrase: short}\n");
    ASSERT_FALSE(room);
    for (const char* expected :
         {"room.yaml:2:", "room.yaml:3:", "room.yaml:5:", "room.yaml:6:", "md6", "lose 5 %"})
        EXPECT_NE(room.error().text.find(expected), std::string::npos) << expected << "\n"
                                                                       << room.error().text;
    EXPECT_FALSE(read("devices:\n  - {id: a, address: 127.255.255.250, count: 9, play: one.snmprec}\n"));
    EXPECT_FALSE(read("devices:\n  - {id: a, address: '::1', count: 9, play: one.snmprec}\n"));
    EXPECT_FALSE(read("devices:\n  - {id: a, address: 127.0.0.1, play: two.snmprec}\n"));
}

TEST_F(RoomFile, DevicesOnTheCommandLine) {
    const std::string file = folder_ + "one.snmprec";
    const auto ports = parse_device("127.0.0.1:20161+3=" + file, library_);
    ASSERT_TRUE(ports) << ports.error().text;
    ASSERT_EQ(ports->size(), 3U);
    EXPECT_EQ(ports->back().port, 20163);
    EXPECT_EQ(ports->back().address, "127.0.0.1");
    EXPECT_EQ(ports->front().mib, ports->back().mib);
    const auto addresses = parse_device("127.0.0.255*3:161=" + file, library_);
    ASSERT_TRUE(addresses) << addresses.error().text;
    EXPECT_EQ(addresses->back().address, "127.0.1.1");
    EXPECT_EQ(addresses->back().mib, ports->back().mib);
    EXPECT_EQ(parse_device("[::1]:161=" + file, library_).value().front().address, "::1");
    for (const std::string place :
         {"192.0.2.1:161", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65535+2", "127.0.0.1:1x", "127.0.0.1*0:161",
          "127.255.255.254*2:161", "[::1]*2:161"})
        EXPECT_FALSE(parse_device(place + "=" + file, library_)) << place;
}

}  // namespace
}  // namespace outstation::sim
