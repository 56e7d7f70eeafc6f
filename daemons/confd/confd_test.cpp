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
        "  - {id: core-sw-01, address: 127.0.0.1, port: 16101, transport: tcp, class: switch, location: A1, "
        "credential: demo}\n"
        "  - {id: ups, name: UPS 1, address: '::1', credential: demo, interval: 30 s}\n",
        "station.yaml");
    const StationFile file = read_station(doc.root());
    ASSERT_TRUE(doc.check()) << doc.check().error().text;
    EXPECT_EQ(file.station.name, "青禾县机房");
    EXPECT_EQ(file.station.site_path.size(), 3U);
    ASSERT_EQ(file.devices.size(), 2U);
    EXPECT_EQ(file.devices[0].port, 16101U);
    EXPECT_EQ(file.devices[0].transport, "tcp");
    EXPECT_EQ(file.devices[1].transport, "udp");
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

TEST(StationFile, ReadsUsersOfSnmpV3) {
    auto doc = config::Document::parse(
        "credentials:\n"
        "  - {name: old, protocol: snmp-v1, community: {secret: c}}\n"
        "  - {name: whole, protocol: snmp-v3, user: reader, context: room,\n"
        "     auth: {protocol: sha512, secret: a}, priv: {protocol: aes256c, secret: p}}\n"
        "  - {name: usual, protocol: snmp-v3, user: reader, auth: {secret: a}, priv: {secret: p}}\n"
        "  - {name: bare, protocol: snmp-v3, user: reader}\n",
        "s");
    const StationFile file = read_station(doc.root());
    ASSERT_TRUE(doc.check()) << doc.check().error().text;
    ASSERT_EQ(file.credentials.size(), 4U);
    EXPECT_EQ(file.credentials[0].protocol, "snmp-v1");
    EXPECT_EQ(file.credentials[0].community_secret, "c");
    EXPECT_EQ(file.credentials[1].user, "reader");
    EXPECT_EQ(file.credentials[1].context, "room");
    EXPECT_EQ(file.credentials[1].auth_protocol + " " + file.credentials[1].auth_secret, "sha512 a");
    EXPECT_EQ(file.credentials[1].priv_protocol + " " + file.credentials[1].priv_secret, "aes256c p");
    EXPECT_EQ(file.credentials[2].auth_protocol + " " + file.credentials[2].priv_protocol, "sha256 aes128");
    EXPECT_EQ(file.credentials[3].auth_secret + file.credentials[3].priv_secret, "");
}

TEST(StationFile, TellsMistakesInUsers) {
    auto doc = config::Document::parse(
        "credentials:\n"
        "  - {name: a, protocol: snmp-v3}\n"
        "  - {name: b, protocol: snmp-v3, user: u, priv: {secret: p}}\n"
        "  - {name: c, protocol: snmp-v3, user: u, auth: {protocol: sha3, secret: p}}\n"
        "  - {name: d, protocol: snmp-v3, user: u, community: {secret: c}}\n"
        "  - {name: e, protocol: snmp-v2c, community: {secret: c}, user: u}\n"
        "  - {name: f, protocol: snmp-v3, user: a-name-that-is-longer-than-any-user}\n",
        "s");
    (void)read_station(doc.root());
    std::string all;
    for (const auto& problem : doc.problems()) all += problem + "\n";
    for (const char* expected : {"s:2:5: 'user'", "s:3:43: 'priv': there is no privacy", "s:4:50: 'protocol'",
                                 "s:5:43: ", "s:6:59: ", "s:7:34: 'user': expected at most 32"}) {
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
