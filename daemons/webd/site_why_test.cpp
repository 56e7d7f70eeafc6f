// SPDX-License-Identifier: GPL-3.0-or-later
// Why a device is polled as it is, over the API.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

wire::WhyReply example(std::int64_t now_ns) {
    wire::WhyReply why;
    why.configured_ms = 10'000;
    why.intervals = 2;
    why.strain_ns = 6'300'000'000;
    why.exchange = {now_ns, "GETBULK", "1.3.6.1.2.1.2.2.1.8", 6, 20, 1, 180, 1290, 3'400'000, 0};
    why.last_answer_ns = why.last_error_ns = now_ns;
    why.last_error = "endless: " + std::string(kHostile);
    why.version = "SNMPv3";
    why.has_bulk = true;
    why.timeout_ns = 500'000'000;
    why.smoothed_rtt_ns = 3'300'000;
    why.scalars_per_request = 64;
    why.engine_id = "80001f8804";
    why.engine_boots = 7;
    why.parts = {{"interfaces", 40, 4, 5200, 14'000'000, 12, 0, "endless"}};
    wire::SeriesDef series{3, "sw-1", "if_oper_status", {{"if_name", kHostile}}, {}, "1.3.6.1.8", 1};
    why.sources = {{series, "interfaces", "built-in"}};
    return why;
}

TEST_F(SiteTest, WhyTellsWhatPolldKnowsOfTheDevice) {
    why_ = example(now_ns_);
    const Reply reply = get("/api/v1/devices/sw-1/why?metric=if_oper_status");
    record("why", "get", "/api/v1/devices/{id}/why", reply);
    EXPECT_EQ(why_asked_, (wire::WhyRequest{"sw-1", "if_oper_status"}));
    const Json why = reply.json();
    EXPECT_EQ(why["interval_s"], 20.0);
    EXPECT_EQ(why["strain_ms"], 6300.0);
    EXPECT_EQ(why["request"]["time"], json_time(now_ns_));
    EXPECT_EQ(why["request"]["reply"]["after_ms"], 3.4);
    EXPECT_EQ(why["last_answer"], json_time(now_ns_));
    EXPECT_EQ(why["last_error"]["time"], json_time(now_ns_));
    EXPECT_EQ(why["last_error"]["text"], "endless: " + clean_text(kHostile));
    EXPECT_EQ(why["learned"]["engine"]["boots"], 7);
    EXPECT_EQ(why["parts"][0]["most_rows"], 12);
    EXPECT_TRUE(why["parts"][0]["most_columns"].is_null());
    EXPECT_EQ(why["sources"][0]["labels"]["if_name"], clean_text(kHostile));
}

TEST_F(SiteTest, WhatIsNotKnownOfADeviceIsNull) {
    why_ = wire::WhyReply{};
    const Reply reply = get("/api/v1/devices/sw-1/why");
    record("why-nothing", "get", "/api/v1/devices/{id}/why", reply);
    EXPECT_TRUE(reply.json()["request"].is_null());
    EXPECT_TRUE(reply.json()["learned"].is_null());
    EXPECT_TRUE(reply.json()["strain_ms"].is_null());
    EXPECT_TRUE(reply.json()["last_answer"].is_null());
    EXPECT_TRUE(reply.json()["last_error"].is_null());
    why_ = example(now_ns_);
    why_->exchange.reply_bytes = 0;
    why_->engine_id.clear();
    EXPECT_TRUE(get("/api/v1/devices/ups-1/why").json()["request"]["reply"].is_null());
    EXPECT_TRUE(get("/api/v1/devices/ups-1/why").json()["learned"]["engine"].is_null());
}

TEST_F(SiteTest, ADeviceThatCannotKeepUpShowsBothIntervals) {
    polls_.devices[0].interval_ms = 120'000;
    const Json poll = get("/api/v1/devices/ups-1").json()["poll"];
    EXPECT_EQ(poll["interval_s"], 120.0);
    EXPECT_EQ(poll["configured_s"], 30.0);
    EXPECT_EQ(get("/api/v1/devices/sw-1").json()["poll"]["interval_s"], 30.0);
}

TEST_F(SiteTest, WhyOfWhatIsNotPolledIsAnError) {
    EXPECT_EQ(get("/api/v1/devices/nobody/why").status, 404);
    EXPECT_EQ(get("/api/v1/devices/sw-1/why?metric=" + std::string(201, 'a')).status, 400);
    EXPECT_EQ(get("/api/v1/devices/sw-1/why").status, 503);  // polld has not heard of it yet
}

}  // namespace
}  // namespace outstation::webd
