// SPDX-License-Identifier: GPL-3.0-or-later
// Set-up over the API, from a fake of confd: what is proposed, what is sent on, and that no secret comes
// back.
#include "daemons/webd/networks.hpp"
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

class SetupSiteTest : public SiteTest {
  protected:
    void SetUp() override {
        SiteTest::SetUp();
        config_.proposal = {{"127.18.0.0/26"}, {}, 20161};
        config_.known_credentials = {{"room", "snmp-v2c", "", "", "", false, {"10.1.0.0/24"}, 1161},
                                     {"core", "snmp-v3", kHostile, "sha256", "aes128", true}};
        config_.discovery = {{{"10.0.0.0/22"}, {"room", "core"}, 161, true}};
        auto& confd = *fakes_["confd"];
        confd.on<wire::NameStation>(
            [this](ipc::Peer&, const wire::NameStation& request, const ipc::Responder& responder) {
                named_ = request;
                config_.station.name = request.name;
                responder.reply(wire::Done{});
            });
        confd.on<wire::PutCredential>(
            [this](ipc::Peer&, const wire::PutCredential& request, const ipc::Responder& responder) {
                put_ = request;
                if (request.credential.name == "fixed")
                    return responder.fail(Error{ErrorCode::refused, "fixed stands in station.yaml"});
                if (request.credential.name == "a b")
                    return responder.fail(Error{ErrorCode::config, "name: expected letters"});
                responder.reply(wire::Done{});
            });
        confd.on<wire::SetScope>(
            [this](ipc::Peer&, const wire::SetScope& request, const ipc::Responder& responder) {
                scope_ = request;
                responder.reply(wire::Done{});
            });
        // As after a change: webd asks again.
        make_site();
        ASSERT_TRUE(run_until([this] { return site_->config() && !site_->config()->discovery.empty(); }));
    }
    static constexpr const char* kStation = R"({"name":"机房","site":"江澜省 / 云渡市/ 青禾县 /"})";
    static constexpr const char* kCredential =
        R"({"name":"new","protocol":"snmp-v3","user":"u","auth_protocol":"sha256","auth_passphrase":"hush-hush-1",)"
        R"("priv_protocol":"aes128","priv_passphrase":"hush-hush-2"})";
    static constexpr const char* kScope =
        R"({"subnets":"10.1.0.0/24 10.2.0.7","credentials":"room core","port":1161})";

    wire::NameStation named_;
    wire::PutCredential put_;
    wire::SetScope scope_;
};

TEST_F(SetupSiteTest, FollowsTheContract) {
    const std::string path = "/api/v1/setup";
    record("setup-1", "get", path, get(path));
    record("setup-2", "post", path + "/station", post(path + "/station", kStation));
    record("setup-3", "post", path + "/credentials", post(path + "/credentials", kCredential));
    record("setup-4", "post", path + "/scope", post(path + "/scope", kScope));
}

TEST_F(SetupSiteTest, TellsWhatThereIsAndNoSecret) {
    const Reply reply = get("/api/v1/setup");
    const Json json = reply.json();
    EXPECT_FALSE(json["needed"]);
    EXPECT_EQ(json["networks"][0]["subnet"], "127.18.0.0/26");
    EXPECT_EQ(json["networks"][0]["addresses"], 62);
    EXPECT_EQ(json["networks"][0]["port"], 20161);
    EXPECT_EQ(json["credentials"][0]["name"], "room");
    EXPECT_TRUE(json["credentials"][0]["user"].is_null());
    EXPECT_EQ(json["credentials"][0]["limits"], (Json{{"subnets", {"10.1.0.0/24"}}, {"port", 1161}}));
    EXPECT_TRUE(json["credentials"][1]["fixed"]);
    EXPECT_TRUE(json["credentials"][1]["limits"].is_null());
    EXPECT_EQ(json["scopes"][0]["credentials"], (Json{"room", "core"}));
    EXPECT_EQ(reply.body.find("s3cr3t"), std::string::npos);
    EXPECT_FALSE(get("/api/v1/overview").json()["needs_setup"]);
}

TEST_F(SetupSiteTest, AStationWithoutDevicesNeedsIt) {
    config_.devices.clear();
    make_site();
    ASSERT_TRUE(run_until([this] { return site_->config() != nullptr; }));
    EXPECT_TRUE(get("/api/v1/setup").json()["needed"]);
    EXPECT_TRUE(get("/api/v1/overview").json()["needs_setup"]);
}

TEST_F(SetupSiteTest, WhatIsSetGoesToConfdInThePersonsName) {
    EXPECT_EQ(post("/api/v1/setup/station", kStation).json()["station"]["name"], "机房");
    EXPECT_EQ(named_, (wire::NameStation{"机房", {"江澜省", "云渡市", "青禾县"}, "admin"}));
    const Reply put = post("/api/v1/setup/credentials", kCredential);
    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.body.find("hush"), std::string::npos);
    EXPECT_EQ(put_.credential.auth_passphrase, "hush-hush-1");
    EXPECT_EQ(put_.credential.priv_protocol, "aes128");
    EXPECT_EQ(put_.by, "admin");
    EXPECT_EQ(post("/api/v1/setup/scope", kScope).status, 200);
    EXPECT_EQ(scope_, (wire::SetScope{{{"10.1.0.0/24", "10.2.0.7"}, {"room", "core"}, 1161}, "admin"}));
}

TEST_F(SetupSiteTest, WhatConfdRefusesIsToldWithItsReason) {
    const char* path = "/api/v1/setup/credentials";
    EXPECT_EQ(post(path, R"({"name":"fixed","protocol":"snmp-v2c","community":"c"})").status, 409);
    EXPECT_EQ(post(path, R"({"name":"a b","protocol":"snmp-v2c","community":"c"})").status, 400);
    EXPECT_EQ(post(path, R"({"name":"x","protocol":"snmp-v2c","secret":"c"})").status, 400);
    EXPECT_EQ(post("/api/v1/setup/scope", R"({"subnets":"","credentials":"","port":0})").status, 400);
}

TEST_F(SetupSiteTest, IsTheAdministratorsAlone) {
    for (const wire::Role role : {wire::Role::viewer, wire::Role::technician, wire::Role::operator_}) {
        role_ = role;
        EXPECT_EQ(get("/api/v1/setup").status, 200);
        EXPECT_EQ(post("/api/v1/setup/station", kStation).status, 403);
        EXPECT_EQ(post("/api/v1/setup/credentials", kCredential).status, 403);
        EXPECT_EQ(post("/api/v1/setup/scope", kScope).status, 403);
    }
    EXPECT_EQ(put_, wire::PutCredential{});
}

TEST(Networks, AreThoseReachedWithoutAGateway) {
    const char* table =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0107240A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t0007240A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
        "eth1\t0007240A\t00000000\t0001\t0\t0\t101\t00FFFFFF\t0\t0\t0\n"
        "eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
        "docker0\t000011AC\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "eth2\t0008240A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0\n"
        "half a line";
    const auto networks = parse_networks(table);
    ASSERT_EQ(networks.size(), 2U);
    EXPECT_EQ(networks[0].subnet + " " + networks[0].interface, "10.36.7.0/24 eth0");
    EXPECT_EQ(networks[1].subnet + " " + networks[1].interface, "10.36.8.0/22 eth2");
    EXPECT_TRUE(parse_networks("").empty());
    EXPECT_TRUE(read_networks("/nonexistent").empty());
}

}  // namespace
}  // namespace outstation::webd
