// SPDX-License-Identifier: GPL-3.0-or-later
// Search, the states of a device and the past of an attribute over the API.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

TEST_F(SiteTest, SearchTellsWhereWordsStandAndLeavesOutDevicesThatAreGone) {
    facts_.facts = {{"ups-1", "", "sys_location", "三楼机房", "", now_ns_ - kSecond, 0, 4},
                    {"gone", "", "sys_location", "旧机房", "", now_ns_, 0, 5},
                    {"sw-1", "interface:1", "state", "down", "", now_ns_, 0, 6, "GE0/1"}};
    const Reply reply = get("/api/v1/search?q=%E6%9C%BA%E6%88%BF%20ups&limit=20");
    record("search", "get", "/api/v1/search", reply);
    EXPECT_EQ(searched_.typed, "机房 ups");
    const Json found = reply.json();
    ASSERT_EQ(found["items"].size(), 2U);
    EXPECT_EQ(found["items"][0]["device"], "ups-1");
    EXPECT_EQ(found["items"][0]["value"], "三楼机房");
    EXPECT_TRUE(found["items"][0]["component"].is_null());
    EXPECT_TRUE(found["items"][0]["until"].is_null());
    EXPECT_EQ(found["items"][1]["device_name"], "core switch");
    EXPECT_EQ(found["items"][1]["component"], "interface:1");
    EXPECT_EQ(found["items"][1]["name"], "GE0/1");
    EXPECT_TRUE(found["items"][0]["name"].is_null());
    EXPECT_FALSE(found["more"].get<bool>());
    EXPECT_TRUE(get("/api/v1/search?q=x&limit=1").json()["more"].get<bool>());
    EXPECT_EQ(get("/api/v1/search").status, 400);
    EXPECT_EQ(get("/api/v1/search?q=" + std::string(201, 'a')).status, 400);
}

TEST_F(SiteTest, StatesOfADeviceArePagedNowAndAtAMoment) {
    facts_.facts = {{"sw-1", "GE0/0/1 a", "state", "down", "timeout", now_ns_ - kSecond, 0, 4}};
    facts_.more = facts_.behind = true;
    const Reply first = get("/api/v1/devices/sw-1/states?limit=1");
    record("states", "get", "/api/v1/devices/{id}/states", first);
    EXPECT_EQ(states_asked_, (wire::StatesRequest{"sw-1", 0, "", "", 1}));
    EXPECT_EQ(first.json()["items"][0]["reason"], "timeout");
    EXPECT_TRUE(first.json()["behind"].get<bool>());
    EXPECT_EQ(first.json()["next"], "state GE0/0/1 a");
    facts_.more = false;
    EXPECT_TRUE(
        get("/api/v1/devices/sw-1/states?at=1.5&cursor=state%20GE0/0/1%20a").json()["next"].is_null());
    EXPECT_EQ(states_asked_, (wire::StatesRequest{"sw-1", 1'500'000'000, "GE0/0/1 a", "state", 50}));
    EXPECT_EQ(get("/api/v1/devices/nobody/states").status, 404);
    EXPECT_EQ(get("/api/v1/devices/sw-1/states?at=yesterday").status, 400);
}

TEST_F(SiteTest, WhatADeviceIsBuiltOfStandsInItsFacts) {
    facts_.facts = {
        {"sw-1", "part:slot 1", "part", "kind=module; model=X1; serial=S=1", "", now_ns_, 0, 4, "slot 1"},
        {"sw-1", "part:slot 2", "part", "", "", now_ns_, 0, 5, "slot 2"},
        {"sw-1", "state:1.3", "state", "kind=none", "ok", now_ns_, 0, 6, "Battery"}};
    const Reply reply = get("/api/v1/devices/sw-1/inventory");
    record("inventory", "get", "/api/v1/devices/{id}/inventory", reply);
    EXPECT_EQ(states_asked_, (wire::StatesRequest{"sw-1", 0, "part:", "", 500}));
    const Json items = reply.json()["items"];
    ASSERT_EQ(items.size(), 1U) << "one is gone, one is no part";
    EXPECT_EQ(items[0]["name"], "slot 1");
    EXPECT_EQ(items[0]["kind"], "module");
    EXPECT_EQ(items[0]["serial"], "S=1");
    EXPECT_TRUE(items[0]["version"].is_null());
    EXPECT_EQ(get("/api/v1/devices/nobody/inventory").status, 404);
}

TEST_F(SiteTest, TheHistoryOfAnAttributeIsPagedBySequence) {
    facts_.facts = {{"sw-1", "GE0/1", "state", "up", "", now_ns_, 0, 40},
                    {"sw-1", "GE0/1", "state", "down", "", now_ns_ - kSecond, now_ns_, 30}};
    facts_.more = true;
    const Reply reply = get("/api/v1/devices/sw-1/states/history?component=GE0/1&limit=2&cursor=50");
    record("state-history", "get", "/api/v1/devices/{id}/states/history", reply);
    EXPECT_EQ(history_asked_, (wire::StateHistoryRequest{"sw-1", "GE0/1", "state", 50, 2}));
    EXPECT_EQ(reply.json()["next"], "30");
    EXPECT_EQ(reply.json()["items"][1]["until"], json_time(now_ns_));
    (void)get("/api/v1/devices/sw-1/states/history?attribute=sys_name");
    EXPECT_EQ(history_asked_, (wire::StateHistoryRequest{"sw-1", "", "sys_name", 0, 50}));
    EXPECT_EQ(get("/api/v1/devices/nobody/states/history").status, 404);
}

}  // namespace
}  // namespace outstation::webd
