// SPDX-License-Identifier: GPL-3.0-or-later
// station.yaml right and wrong, and what is read from it.
#include <gtest/gtest.h>

#include "daemons/confd/station_file.hpp"

namespace outstation::confd {
namespace {

TEST(StationFile, ReadsAWholeStation) {
    auto doc = config::Document::parse(
        "station: {name: 青禾县机房, site: [江澜省, 云渡市, 青禾县], zone: Asia/Shanghai}\n"
        "polling: {interval: 10 s}\n"
        "credentials:\n"
        "  - {name: demo, protocol: snmp-v2c, community: {secret: demo-community}}\n"
        "devices:\n"
        "  - {id: core-sw-01, address: 127.0.0.1, port: 16101, class: switch, location: A1, credential: "
        "demo}\n"
        "  - {id: ups, name: UPS 1, address: '::1', credential: demo, interval: 30 s}\n",
        "station.yaml");
    const StationFile file = read_station(doc.root());
    ASSERT_TRUE(doc.check()) << doc.check().error().text;
    EXPECT_EQ(file.station.name, "青禾县机房");
    EXPECT_EQ(file.station.site_path.size(), 3U);
    ASSERT_EQ(file.devices.size(), 2U);
    EXPECT_EQ(file.devices[0].port, 16101U);
    EXPECT_EQ(file.devices[0].interval_ms, 10'000U);
    EXPECT_EQ(file.devices[0].name, "core-sw-01");
    EXPECT_EQ(file.devices[1].interval_ms, 30'000U);
    EXPECT_EQ(file.devices[1].device_class, "other");
    EXPECT_EQ(file.credentials[0].community_secret, "demo-community");
}

TEST(StationFile, NothingMeansTheDefaults) {
    auto doc = config::Document::parse("", "station.yaml");
    const StationFile file = read_station(doc.root());
    EXPECT_TRUE(doc.check());
    EXPECT_EQ(file.station.origin, wire::Origin::defaults);
    EXPECT_EQ(file.station.flush_interval_ms, 10'000U);
}

TEST(StationFile, TellsEveryMistake) {
    auto doc = config::Document::parse(
        "credentials:\n"
        "  - {name: demo, community: public}\n"
        "devices:\n"
        "  - {id: 'a b', address: example.org, credential: none}\n"
        "  - {id: x, address: 10.0.0.1, credential: demo}\n"
        "  - {id: x, address: 10.0.0.2, credential: demo, port: 70000}\n",
        "s");
    (void)read_station(doc.root());
    const auto problems = doc.problems();
    std::string all;
    for (const auto& problem : problems) all += problem + "\n";
    for (const char* expected :
         {"s:2:18: expected a mapping", "s:4:6: 'id': expected letters",
          "s:4:17: 'address': expected an IPv4", "s:4:39: no credential is named 'none'",
          "s:6:6: 'x' is there twice", "s:6:50: 'port'"}) {
        EXPECT_NE(all.find(expected), std::string::npos) << expected << " in\n" << all;
    }
}

TEST(StationFile, OnlyCredentialsOfDevicesAreHandedOut) {
    StationFile file;
    file.credentials = {{"used", "snmp-v2c", "a"}, {"spare", "snmp-v2c", "b"}};
    EXPECT_TRUE(credentials_in_use(file).empty());
    file.devices.resize(2);
    file.devices[0].credential = file.devices[1].credential = "used";
    ASSERT_EQ(credentials_in_use(file).size(), 1U);
    EXPECT_EQ(credentials_in_use(file)[0].name, "used");
}

TEST(StationFile, ChoosesTheCipherOfSecrets) {
    auto sm4 = config::Document::parse("secrets: {cipher: sm4}\n", "s");
    EXPECT_EQ(read_station(sm4.root()).seal_suite, crypto::SealSuite::sm4_ctr_hmac_sm3);
    EXPECT_TRUE(sm4.check());
    auto wrong = config::Document::parse("secrets: {cipher: rot13}\n", "s");
    EXPECT_EQ(read_station(wrong.root()).seal_suite, crypto::SealSuite::aes_256_gcm);
    EXPECT_FALSE(wrong.check());
}

}  // namespace
}  // namespace outstation::confd
