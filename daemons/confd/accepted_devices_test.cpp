// SPDX-License-Identifier: GPL-3.0-or-later
// Devices taken over from discovery: kept over a restart, refused when they are wrong, never over
// station.yaml.
#include "daemons/confd/accepted_devices.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "lib/crypto/private_file.hpp"

namespace outstation::confd {
namespace {

class AcceptedDevicesTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(dir_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    [[nodiscard]] std::string path() const { return std::string(dir_) + "/accepted.yaml"; }
    static StationFile station(const std::string& more = "") {
        auto document = config::Document::parse(
            "credentials:\n  - {name: room, protocol: snmp-v2c, community: {secret: room}}\n" + more,
            "station.yaml");
        auto out = read_station(document.root());
        EXPECT_TRUE(document.check());
        return out;
    }
    static wire::DeviceConfig device(const std::string& id, const std::string& address) {
        wire::DeviceConfig out;
        out.id = id;
        out.name = "the \"UPS\" \\ of\nroom 1";
        out.address = address;
        out.port = 161;
        out.device_class = "ups";
        out.credential = "room";
        return out;
    }
    // A former start's file, as this one sees it.
    [[nodiscard]] std::vector<std::string> ids_after_restart(const StationFile& with) const {
        StationFile file = with;
        AcceptedDevices again(path());
        EXPECT_TRUE(again.add_to(file));
        std::vector<std::string> out;
        for (const auto& one : file.devices) out.push_back(one.id);
        return out;
    }

    char dir_[40] = "/tmp/outstation-accepted-XXXXXX";
};

TEST_F(AcceptedDevicesTest, AreThereAtOnceAndAfterARestart) {
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("ups-01", "10.0.0.5"), file));
    ASSERT_TRUE(accepted.add(device("ups-02", "10.0.0.6"), file));
    ASSERT_EQ(file.devices.size(), 2U);
    EXPECT_EQ(file.devices[0].name, "the \"UPS\" \\ of room 1");
    EXPECT_EQ(file.devices[0].interval_ms, 60'000U);
    EXPECT_EQ(ids_after_restart(station()), (std::vector<std::string>{"ups-01", "ups-02"}));
}

TEST_F(AcceptedDevicesTest, WhatIsTakenOrWrongIsRefusedAndChangesNothing) {
    AcceptedDevices accepted(path());
    StationFile file = station("devices:\n  - {id: sw, address: 10.0.0.1, credential: room}\n");
    ASSERT_TRUE(accepted.add_to(file));
    EXPECT_EQ(accepted.add(device("sw", "10.0.0.2"), file).error().code, ErrorCode::refused);
    EXPECT_EQ(accepted.add(device("ups", "10.0.0.1"), file).error().code, ErrorCode::refused);
    EXPECT_EQ(accepted.add(device("not a word", "10.0.0.2"), file).error().code, ErrorCode::config);
    EXPECT_EQ(accepted.add(device("ups", "here"), file).error().code, ErrorCode::config);
    auto stranger = device("ups", "10.0.0.2");
    stranger.credential = "nobody";
    EXPECT_EQ(accepted.add(stranger, file).error().code, ErrorCode::config);
    EXPECT_EQ(file.devices.size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(AcceptedDevicesTest, StationYamlGoesBeforeAndACredentialThatWentIsNoMistake) {
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("ups", "10.0.0.5"), file));
    StationFile later = station("devices:\n  - {id: ups, address: 10.0.0.9, credential: room}\n");
    ASSERT_TRUE(accepted.add_to(later));
    ASSERT_EQ(later.devices.size(), 1U);
    EXPECT_EQ(later.devices[0].address, "10.0.0.9");
    EXPECT_EQ(ids_after_restart(StationFile{}), std::vector<std::string>{"ups"});
}

TEST_F(AcceptedDevicesTest, AFileWithMistakesIsToldAndNotWrittenOver) {
    ASSERT_TRUE(crypto::write_private_file(path(), "devices: [{id: a, address: b, credential: room}]\n"));
    AcceptedDevices accepted(path());
    StationFile file = station();
    const auto added = accepted.add_to(file);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().text.find("accepted.yaml:1:"), std::string::npos) << added.error().text;
    EXPECT_EQ(accepted.add(device("ups", "10.0.0.5"), file).error().code, ErrorCode::refused);
    EXPECT_TRUE(file.devices.empty());
}

TEST_F(AcceptedDevicesTest, WhatSomebodyWroteIntoTheFileStays) {
    ASSERT_TRUE(crypto::write_private_file(
        path(),
        "devices:\n  - {id: a, address: 10.0.0.5, credential: room, transport: tcp, interval: 10s}\n"
        "  - {id: b, address: 10.0.0.6, credential: room}\n"));
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("c", "10.0.0.7"), file));
    StationFile later = station("polling: {interval: 30s}\n");
    ASSERT_TRUE(AcceptedDevices(path()).add_to(later));
    ASSERT_EQ(later.devices.size(), 3U);
    EXPECT_EQ(later.devices[0].transport, "tcp");
    EXPECT_EQ(later.devices[0].interval_ms, 10'000U);
    EXPECT_EQ(later.devices[1].interval_ms, 30'000U) << "the station's";
}

TEST_F(AcceptedDevicesTest, AFileThatChangedMeanwhileIsNotWrittenOver) {
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    const std::string edited = "devices: [{id: a, address: 10.0.0.5, credential: room}]\n";
    ASSERT_TRUE(crypto::write_private_file(path(), edited));
    const auto added = accepted.add(device("b", "10.0.0.6"), file);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::refused);
    EXPECT_EQ(crypto::read_small_file(path()).value(), edited);
    ASSERT_TRUE(accepted.add_to(file));
    EXPECT_TRUE(accepted.add(device("b", "10.0.0.6"), file));
    EXPECT_EQ(ids_after_restart(station()), (std::vector<std::string>{"a", "b"}));
}

TEST_F(AcceptedDevicesTest, WithAMistakeThoseOfBeforeGoOn) {
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("ups", "10.0.0.5"), file));
    ASSERT_TRUE(crypto::write_private_file(path(), "devices:\n\t- {id: a}\n"));
    StationFile reloaded = station();
    EXPECT_EQ(accepted.add_to(reloaded).error().code, ErrorCode::config);
    ASSERT_EQ(reloaded.devices.size(), 1U);
    EXPECT_EQ(reloaded.devices[0].id, "ups");
}

TEST_F(AcceptedDevicesTest, AFileThatCannotBeLookedAtIsNotWrittenOver) {
    const std::string folder = std::string(dir_) + "/a";
    ASSERT_TRUE(crypto::write_private_file(folder, "no folder"));
    AcceptedDevices accepted(folder + "/accepted.yaml");  // ENOTDIR
    StationFile file = station();
    EXPECT_EQ(accepted.add_to(file).error().code, ErrorCode::io);
    const auto added = accepted.add(device("ups", "10.0.0.5"), file);
    EXPECT_NE(added.error().text.find("cannot be read"), std::string::npos) << added.error().text;
}

TEST_F(AcceptedDevicesTest, DevicesOverTheMostAreToldOf) {
    AcceptedDevices accepted(path());
    StationFile file = station();
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("ups", "10.0.0.5"), file));
    StationFile full = station();
    full.devices.resize(kMaxDevices);
    const auto added = accepted.add_to(full);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().text.find("1 devices are over the 10000"), std::string::npos);
    EXPECT_EQ(full.devices.size(), kMaxDevices);
}

TEST_F(AcceptedDevicesTest, AScopeSaysWhereACredentialMayGo) {
    const StationFile file = station(
        "discovery: [{subnets: [10.1.0.0/22, 10.2.0.7], credentials: [room]},\n"
        "            {subnets: [10.3.0.0/24], credentials: [room], port: 1161}]\n");
    EXPECT_TRUE(is_in_scope(file, device("a", "10.1.3.9")));
    EXPECT_TRUE(is_in_scope(file, device("a", "10.2.0.7")));
    EXPECT_FALSE(is_in_scope(file, device("a", "10.2.0.8")));
    EXPECT_FALSE(is_in_scope(file, device("a", "10.3.0.9"))) << "at another port";
    EXPECT_FALSE(is_in_scope(file, device("a", "fd00::1")));
    auto other = device("a", "10.1.3.9");
    other.credential = "core";
    EXPECT_FALSE(is_in_scope(file, other));
}

TEST_F(AcceptedDevicesTest, ScopesOfDiscoveryAreReadAndTheirCredentialsAreInUse) {
    const StationFile file =
        station("discovery: [{subnets: [10.1.0.0/22, 10.2.0.7], credentials: [room]}]\n");
    ASSERT_EQ(file.discovery.size(), 1U);
    EXPECT_EQ(file.discovery[0].subnets.size(), 2U);
    EXPECT_EQ(credentials_in_use(file).size(), 1U);
    auto wrong = config::Document::parse("discovery: [{subnets: [10.1.0.0/8], credentials: [nobody]}, {}]\n",
                                         "s.yaml");
    static_cast<void>(read_station(wrong.root()));
    const auto checked = wrong.check();
    ASSERT_FALSE(checked);
    for (const char* part :
         {"expected a prefix from /16", "no credential is named 'nobody'", "a list of subnets"})
        EXPECT_NE(checked.error().text.find(part), std::string::npos) << checked.error().text;
}

TEST_F(AcceptedDevicesTest, OneThatMovedIsThereAtOnceAndAfterARestart) {
    AcceptedDevices accepted(path());
    StationFile file = station("devices: [{id: fixed, address: 10.0.0.1, credential: room}]\n");
    ASSERT_TRUE(accepted.add_to(file));
    ASSERT_TRUE(accepted.add(device("ups-01", "10.0.0.5"), file));
    ASSERT_TRUE(accepted.add(device("ups-02", "10.0.0.6"), file));
    EXPECT_EQ(accepted.move("ups-03", "10.0.0.7", file).error().code, ErrorCode::not_found);
    EXPECT_EQ(accepted.move("ups-01", "10.0.0.6", file).error().code, ErrorCode::refused) << "it is another";
    EXPECT_EQ(accepted.move("fixed", "10.0.0.7", file).error().code, ErrorCode::refused) << "station.yaml";
    EXPECT_FALSE(accepted.move("ups-01", "the moon", file));
    ASSERT_TRUE(accepted.move("ups-01", "10.0.0.7", file));
    EXPECT_EQ(file.devices.at(1).address, "10.0.0.7");
    StationFile later = station();
    ASSERT_TRUE(AcceptedDevices(path()).add_to(later));
    EXPECT_EQ(later.devices.at(0).address + " " + later.devices.at(0).name,
              "10.0.0.7 " + file.devices[1].name);
    EXPECT_EQ(later.devices.at(1).address, "10.0.0.6");
}

}  // namespace
}  // namespace outstation::confd
