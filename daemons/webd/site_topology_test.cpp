// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room over the API.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

class TopologyTest : public SiteTest {
  protected:
    void SetUp() override {
        SiteTest::SetUp();
        states_.devices[0].neighbours = {
            {"lldp|GE1/0/1|x", "GE1/0/1", "lldp", std::string(kHostile) + "|p1|02:00:00:00:00:09|", now_ns_},
            {"arp|Vlan1|y", "Vlan1", "arp", "||02:00:00:00:00:0a|10.0.0.10", now_ns_ - kSecond}};
    }
};

TEST_F(TopologyTest, ShowsNodesLinksAndEvidence) {
    const Reply reply = get("/api/v1/topology");
    record("topology", "get", "/api/v1/topology", reply);
    const Json map = reply.json();
    ASSERT_EQ(map["nodes"].size(), 4U);
    ASSERT_EQ(map["links"].size(), 2U);
    const auto node = [&map](const std::string& id) {
        for (const Json& one : map["nodes"])
            if (one["id"] == id) return one;
        return Json();
    };
    EXPECT_EQ(node("ups-1")["state"], "down");
    EXPECT_EQ(node("ups-1")["parent"], "sw-1");
    EXPECT_EQ(node("sw-1")["layer"], "access");
    const Json stranger = node("?02:00:00:00:00:09");
    EXPECT_EQ(stranger["name"], clean_text(kHostile));
    EXPECT_FALSE(stranger["polled"].get<bool>());
    EXPECT_TRUE(stranger["state"].is_null());
    EXPECT_TRUE(node("new-1")["parent"].is_null());
    const Json& link = map["links"][1];
    EXPECT_EQ(link["b"], "ups-1");
    EXPECT_EQ(link["strength"], "arp");
    EXPECT_EQ(link["since"], json_time(now_ns_ - kSecond));
    EXPECT_EQ(link["evidence"][0]["device"], "sw-1");
    EXPECT_EQ(link["evidence"][0]["remote_address"], "10.0.0.10");
    EXPECT_TRUE(link["evidence"][0]["remote_name"].is_null());
    EXPECT_FALSE(map["more"].get<bool>());
    EXPECT_TRUE(map["fresh"].get<bool>());
}

TEST_F(TopologyTest, OfOneDeviceItShowsItsLinksAlone) {
    const Reply reply = get("/api/v1/topology?device=ups-1");
    record("topology-device", "get", "/api/v1/topology", reply);
    EXPECT_EQ(reply.json()["links"].size(), 1U);
    EXPECT_EQ(reply.json()["nodes"].size(), 2U);
    EXPECT_EQ(get("/api/v1/topology?device=new-1").json()["nodes"].size(), 1U);
    EXPECT_EQ(get("/api/v1/topology?device=none").status, 404);
}

TEST_F(TopologyTest, TheWorstAlarmOfADeviceIsShown) {
    const Json before = get("/api/v1/topology").json();
    EXPECT_TRUE(before["alarms_known"].get<bool>());
    std::map<std::string, std::string> worst;
    for (const Json& node : before["nodes"])
        if (!node["alarm"].is_null()) worst[node["id"]] = node["alarm"];
    EXPECT_EQ(worst, (std::map<std::string, std::string>{{"sw-1", "critical"}}));
    fakes_.erase("alertd");
    EXPECT_TRUE(run_until([this] { return !site_->alertd().connected(); }));
    EXPECT_FALSE(get("/api/v1/topology").json()["alarms_known"].get<bool>());
}

TEST_F(TopologyTest, WithoutTheStoreItIsTheLastOneOrNone) {
    EXPECT_TRUE(get("/api/v1/topology").json()["fresh"].get<bool>());
    fakes_.erase("stored");
    EXPECT_TRUE(run_until([this] { return !site_->stored().connected(); }));
    const Json map = get("/api/v1/topology").json();
    EXPECT_FALSE(map["fresh"].get<bool>());
    EXPECT_EQ(map["links"].size(), 2U);
}

}  // namespace
}  // namespace outstation::webd
