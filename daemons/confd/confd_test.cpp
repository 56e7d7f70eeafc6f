// SPDX-License-Identifier: GPL-3.0-or-later
// station.yaml right and wrong, and secrets on disk.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "daemons/confd/secrets.hpp"
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

class SecretsTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(dir_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    char dir_[32] = "/tmp/outstation-sec-XXXXXX";
};

TEST_F(SecretsTest, PutAndGet) {
    const Secrets secrets(std::string(dir_) + "/secrets");
    EXPECT_EQ(secrets.get("a").error().code, ErrorCode::not_found);
    ASSERT_TRUE(secrets.put("a", "x y\n"));
    EXPECT_EQ(secrets.get("a").value(), "x y");
    EXPECT_FALSE(secrets.put("../a", "x"));
    EXPECT_FALSE(secrets.get("../a"));
    EXPECT_FALSE(secrets.put("a", ""));
}

TEST_F(SecretsTest, AFileThatOthersMayReadIsRefused) {
    const Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("a", "x"));
    ASSERT_EQ(chmod((std::string(dir_) + "/a").c_str(), 0644), 0);
    EXPECT_EQ(secrets.get("a").error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace outstation::confd
