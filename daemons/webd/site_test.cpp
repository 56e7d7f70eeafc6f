// SPDX-License-Identifier: GPL-3.0-or-later
// What the API answers, from fakes of the other daemons, and what it shows while one of them is away.
#include <array>
#include <set>

#include "daemons/webd/openapi_text.hpp"
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

TEST_F(SiteTest, SignsInWithAHostCookieAndOut) {
    const Reply in = post("/api/v1/session", R"({"user":"admin","password":"right"})", "");
    EXPECT_EQ(in.status, 200);
    EXPECT_NE(in.headers.find(
                  "Set-Cookie: __Host-session=fresh-cookie; Path=/; Secure; HttpOnly; SameSite=Strict\r\n"),
              std::string::npos);
    EXPECT_NE(in.headers.find("Cache-Control: no-store\r\n"), std::string::npos);
    EXPECT_EQ(in.json()["csrf"], "fresh-csrf");
    EXPECT_EQ(in.body.find("fresh-cookie"), std::string::npos);
    record("login", "post", "/api/v1/session", in);
    const Reply out = ask("DELETE", "/api/v1/session", kChange);
    EXPECT_EQ(out.status, 204);
    EXPECT_NE(out.headers.find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(logged_out_, "good-cookie");
}

TEST_F(SiteTest, TellsWhySigningInFailed) {
    const Reply wrong = post("/api/v1/session", R"({"user":"admin","password":"wrong"})", "");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.json()["error"]["code"], "bad_credentials");
    record("login-wrong", "post", "/api/v1/session", wrong);
    const Reply locked = post("/api/v1/session", R"({"user":"locked","password":"x"})", "");
    EXPECT_EQ(locked.status, 429);
    EXPECT_EQ(locked.json()["error"]["retry_after_s"], 900);
    EXPECT_NE(locked.headers.find("Retry-After: 900\r\n"), std::string::npos);
    record("login-locked", "post", "/api/v1/session", locked);
    const Reply busy = post("/api/v1/session", R"({"user":"one-of-many","password":"x"})", "");
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.json()["error"]["code"], "busy");
    EXPECT_NE(busy.headers.find("Retry-After: 1\r\n"), std::string::npos);
    record("login-busy", "post", "/api/v1/session", busy);
    EXPECT_EQ(
        post("/api/v1/session", R"({"user":"admin","password":"right"})", "Origin: https://evil.example\r\n")
            .status,
        403);
}

TEST_F(SiteTest, BodiesAreExact) {
    const std::string long_user(65, 'u');
    for (const std::string& body :
         {std::string("{"), std::string("[]"), std::string(R"({"user":"a"})"),
          std::string(R"({"user":7,"password":"x"})"), std::string(R"({"user":"a","password":"x","more":1})"),
          "{\"user\":\"" + long_user + "\",\"password\":\"x\"}"})
        EXPECT_EQ(post("/api/v1/session", body, "").status, 400) << body;
    EXPECT_EQ(
        ask("POST", "/api/v1/session", "Content-Type: text/plain\r\n", R"({"user":"a","password":"right"})")
            .status,
        400);
    EXPECT_EQ(post("/api/v1/session", std::string(70'000, ' '), "").json()["error"]["code"], "too_large");
}

TEST_F(SiteTest, ChangesThePassword) {
    EXPECT_EQ(post("/api/v1/password", R"({"current":"right","new":"long enough now"})").status, 204);
    const Reply weak = post("/api/v1/password", R"({"current":"right","new":"weak"})");
    EXPECT_EQ(weak.status, 400);
    EXPECT_EQ(weak.json()["error"]["code"], "weak_password");
    record("password-weak", "post", "/api/v1/password", weak);
    EXPECT_EQ(post("/api/v1/password", R"({"current":"wrong","new":"long enough now"})").status, 401);
}

TEST_F(SiteTest, ThePagesOwnPollsDoNotProlongASession) {
    get("/api/v1/session");
    EXPECT_FALSE(last_check_.passive);
    ask("GET", "/api/v1/session", std::string(kCookie) + "X-Passive: 1\r\n");
    EXPECT_TRUE(last_check_.passive);
}

TEST_F(SiteTest, EveryAnswerFollowsTheContract) {
    const std::pair<const char*, const char*> paths[] = {
        {"/api/v1/session", "/api/v1/session"},
        {"/api/v1/station", "/api/v1/station"},
        {"/api/v1/overview", "/api/v1/overview"},
        {"/api/v1/devices", "/api/v1/devices?limit=2"},
        {"/api/v1/devices/{id}", "/api/v1/devices/sw-1"},
        {"/api/v1/devices/{id}", "/api/v1/devices/ups-1"},
        {"/api/v1/devices/{id}", "/api/v1/devices/new-1"},
        {"/api/v1/devices/{id}", "/api/v1/devices/none"},
        {"/api/v1/devices/{id}/interfaces", "/api/v1/devices/sw-1/interfaces"},
        {"/api/v1/devices/{id}/interfaces", "/api/v1/devices/new-1/interfaces"},
        {"/api/v1/devices/{id}/sensors", "/api/v1/devices/sw-1/sensors"},
        {"/api/v1/devices/{id}/resources", "/api/v1/devices/sw-1/resources"},
        {"/api/v1/devices/{id}/series", "/api/v1/devices/sw-1/series?limit=3"},
        {"/api/v1/devices/{id}/history", "/api/v1/devices/sw-1/history?hours=2&ticks=8"},
        {"/api/v1/range", "/api/v1/range?series=3,6&from=1000&to=1300"},
        {"/api/v1/range", "/api/v1/range?series=3,6&from=1300&to=1000"},
        {"/api/v1/range", "/api/v1/range?series=999&from=1000&to=1300"},
        {"/api/v1/events", "/api/v1/events"},
        {"/api/v1/ledger", "/api/v1/ledger?device=sw-1"},
        {"/api/v1/ledger", "/api/v1/ledger?cursor=8"},
        {"/api/v1/ledger", "/api/v1/ledger?limit=0"},
        {"/api/v1/ledger", "/api/v1/ledger?account=lost"},
    };
    int number = 0;
    for (const auto& [path, query] : paths) {
        const Reply reply = get(query);
        ASSERT_NE(reply.status, 0) << query;
        record("get-" + std::to_string(++number), "get", path, reply);
        EXPECT_EQ(reply.body.find("s3cr3t"), std::string::npos);
        for (const char c : reply.body) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << query;
    }
}

TEST_F(SiteTest, ShowsDevicesAsTheyAre) {
    const Json list = get("/api/v1/devices").json();
    ASSERT_EQ(list["total"], 3);
    EXPECT_EQ(list["items"][0]["id"], "ups-1");  // trouble first
    EXPECT_EQ(list["items"][0]["state"], "down");
    EXPECT_EQ(list["items"][0]["reason"], "timeout");
    EXPECT_EQ(list["items"][0]["name"], "ups-1");
    EXPECT_EQ(list["items"][1]["id"], "new-1");
    EXPECT_EQ(list["items"][1]["state"], "unknown");
    EXPECT_EQ(list["items"][1]["reason"], "not_polled");
    EXPECT_EQ(list["items"][1]["class"], "other");
    const Json& sw = list["items"][2];
    EXPECT_EQ(sw["interfaces_up"], 1);
    EXPECT_EQ(sw["interfaces_total"], 1);
    EXPECT_EQ(sw["sensors"], 1);
    EXPECT_EQ(sw["uptime_s"], 5000);
    const Json detail = get("/api/v1/devices/sw-1").json();
    EXPECT_EQ(detail["attributes"]["sys_descr"], "<script>alert(1)</script>[2J\ufffd\ufffd  \u202e");
}

TEST_F(SiteTest, ADeadDeviceStaysDownWhileItIsAskedLessOften) {
    const Json since = get("/api/v1/devices/ups-1").json()["since"];
    for (int interval = 1; interval <= 10; ++interval) {
        loop_->forward(30s);
        if (interval % 4 == 0) polls_.devices[0].last_ns = site_->now_ns();
        const Json ups = get("/api/v1/devices/ups-1").json();
        EXPECT_EQ(ups["state"], "down") << interval;
        EXPECT_EQ(ups["since"], since) << interval;
    }
    loop_->forward(4 * 30s);  // nobody polls any more
    EXPECT_EQ(get("/api/v1/devices/ups-1").json()["state"], "unknown");
}

TEST_F(SiteTest, FiltersSortsAndPages) {
    const auto ids = [this](const std::string& query) {
        std::string all;
        const Json list = get("/api/v1/devices" + query).json();
        for (const Json& item : list["items"]) all += item["id"].get<std::string>() + " ";
        return all;
    };
    EXPECT_EQ(ids("?q=CORE+switch"), "sw-1 ");
    EXPECT_EQ(ids("?q=core+nothing"), "");
    EXPECT_EQ(ids("?q=script"), "sw-1 ");
    EXPECT_EQ(ids("?state=down"), "ups-1 ");
    EXPECT_EQ(ids("?class=other"), "new-1 ");
    EXPECT_EQ(ids("?sort=address"), "new-1 sw-1 ups-1 ");  // 10.0.0.9 before 10.0.0.10
    EXPECT_EQ(ids("?sort=-address"), "ups-1 sw-1 new-1 ");
    const Json first = get("/api/v1/devices?sort=address&limit=2").json();
    const std::string cursor = "&cursor=" + first["next"].get<std::string>();
    EXPECT_EQ(ids("?sort=address&limit=2" + cursor), "ups-1 ");
    EXPECT_TRUE(get("/api/v1/devices?sort=address&limit=2" + cursor).json()["next"].is_null());
    EXPECT_EQ(get("/api/v1/devices?sort=name&limit=2" + cursor).status, 400);  // of another order
    for (const char* wrong : {"?limit=0", "?limit=501", "?limit=x", "?cursor=-1", "?cursor=AAAA", "?state=x",
                              "?sort=x", "?sort=-", "?q=a&q=b"})
        EXPECT_EQ(get(std::string("/api/v1/devices") + wrong).status, 400) << wrong;
}

TEST_F(SiteTest, APageGoesOnBehindItsLastDevice) {
    config_.devices.clear();
    for (const char* id : {"d10", "d20", "d30", "d40"})
        config_.devices.push_back(device(id, id, "10.0.0.1", "switch"));
    const auto follow = [this] {
        ++config_.generation;
        fakes_.erase("confd");
        serve("confd");
        return run_until([this] { return site_->config()->generation == config_.generation; });
    };
    ASSERT_TRUE(follow());
    const Json first = get("/api/v1/devices?sort=name&limit=2").json();
    EXPECT_EQ(first["items"][1]["id"], "d20");
    const std::string path = "/api/v1/devices?sort=name&limit=2&cursor=" + first["next"].get<std::string>();
    // One before the page comes, the last one of the page goes: the next page is the same.
    config_.devices[1] = device("d05", "d05", "10.0.0.1", "switch");
    ASSERT_TRUE(follow());
    const Json second = get(path).json();
    ASSERT_EQ(second["items"].size(), 2U);
    EXPECT_EQ(second["items"][0]["id"], "d30");
    EXPECT_EQ(second["items"][1]["id"], "d40");
    EXPECT_TRUE(second["next"].is_null());
}

TEST_F(SiteTest, SeriesAndInterfacesArePagedByTheirNumber) {
    std::string all;
    std::string cursor;
    for (int page = 0; page < 20; ++page) {
        const Json list = get("/api/v1/devices/sw-1/series?limit=4" + cursor).json();
        for (const Json& item : list["items"]) all += item["id"].get<std::string>() + " ";
        EXPECT_EQ(list["total"], 11);
        if (list["next"].is_null()) break;
        cursor = "&cursor=" + list["next"].get<std::string>();
    }
    EXPECT_EQ(all, "1 3 4 5 6 7 8 9 10 11 12 ");
    // Of all pages, each once.
    const Json first = get("/api/v1/devices/sw-1/series?limit=1").json();
    const Json whole = get("/api/v1/devices/sw-1/series?limit=100").json();
    std::set<std::string> metrics;
    for (const Json& item : whole["items"]) metrics.insert(item["metric"].get<std::string>());
    EXPECT_GT(metrics.size(), 1U);
    EXPECT_EQ(first["metrics"], Json(metrics));
    EXPECT_EQ(get("/api/v1/devices/sw-1/interfaces?cursor=1").json()["items"].size(), 0U);
    EXPECT_EQ(get("/api/v1/devices/sw-1/interfaces?cursor=x").status, 400);
}

TEST_F(SiteTest, RatesAreCounterDifferencesOverTime) {
    const Json list = get("/api/v1/devices/sw-1/interfaces").json();
    ASSERT_EQ(list["total"], 1);
    EXPECT_EQ(list["items"][0]["in_bps"], 800.0);  // 3000 octets in 30 s
    EXPECT_EQ(list["items"][0]["oper"], "up");
    const Json series = get("/api/v1/devices/sw-1/series?metric=if_in_octets_total").json();
    EXPECT_EQ(series["items"][0]["value_text"], "10000003000");
    EXPECT_EQ(series["total"], 1);
}

// A chart of a port that was taken out finds its series.
TEST_F(SiteTest, SeriesThatOnlyHistoryHasAreListed) {
    add_row("sw-1", "if_in_octets_total", {{"if_index", "44"}}, 0).wall_ns = 0;
    const Json list = get("/api/v1/devices/sw-1/series?limit=100").json();
    EXPECT_EQ(list["total"], 12);
    const Json& gone = list["items"].back();
    EXPECT_EQ(gone["labels"]["if_index"], "44");
    EXPECT_TRUE(gone["value"].is_null() && gone["value_text"].is_null() && gone["time"].is_null());
    EXPECT_EQ(get("/api/v1/devices/sw-1/interfaces").json()["total"], 1);
}

TEST_F(SiteTest, RangesKeepExtremesAndGaps) {
    const Json range = get("/api/v1/range?series=6&from=3000&to=3270&step=30").json();
    EXPECT_GE(ranges_asked_, 2);  // the answer came in parts
    EXPECT_EQ(range["step_s"], 30);
    ASSERT_EQ(range["t"].size(), 9U);
    const Json& column = range["series"][0];
    EXPECT_TRUE(column["rate"]);
    for (std::size_t i = 0; i < 9; ++i) {
        const std::int64_t at = 100 + static_cast<std::int64_t>(i);
        EXPECT_EQ(range["t"][i], at * 30);
        if (at % 3 == 0) {
            EXPECT_TRUE(column["mean"][i].is_null() && column["min"][i].is_null() &&
                        column["max"][i].is_null());
        } else {
            EXPECT_EQ(column["mean"][i], at);
            EXPECT_EQ(column["min"][i], at - 1);
            EXPECT_EQ(column["max"][i], at + 1);
        }
    }
    EXPECT_EQ(column["summary"]["max"], 108);
    // One at the border of two parts is told by both.
    ASSERT_EQ(column["resets"].size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(column["resets"][i], (std::array{3000, 3120, 3180}[i]));
    for (const char* wrong :
         {"", "?series=1", "?series=1&from=5&to=5", "?series=x&from=1&to=2", "?series=1&from=-1&to=2",
          "?series=1&from=1&to=inf", "?series=1&from=1&to=2&points=4001", "?series=1&from=1&to=2&step=-1",
          "?series=1&from=9300000000&to=9300003600"})
        EXPECT_EQ(get(std::string("/api/v1/range") + wrong).status, 400) << wrong;
    EXPECT_EQ(get("/api/v1/range?series=999&from=1&to=2").status, 404);
}

TEST_F(SiteTest, HistoryShowsTheWorst) {
    enter_step(30min);
    const Json strip = get("/api/v1/devices/sw-1/history?hours=1&ticks=6").json();
    EXPECT_EQ(strip["ticks"].size(), 6U);
    EXPECT_EQ(strip["step_s"], 600);
    EXPECT_EQ(strip["available_ratio"], 1);
    const Json gap = get("/api/v1/devices/ups-1/history?hours=24&ticks=48").json();
    EXPECT_EQ(gap["available_ratio"], 0);
    EXPECT_LT(gap["measured_ratio"], 0.985);  // half an hour of a day was not measured
    EXPECT_GT(gap["measured_ratio"], 0.975);
    EXPECT_TRUE(get("/api/v1/devices/new-1/history").json()["available_ratio"].is_null());
    EXPECT_EQ(get("/api/v1/devices/new-1/history").json()["ticks"][0], "none");
    const int asked = ranges_asked_;
    get("/api/v1/devices/ups-1/history?hours=24&ticks=48");
    EXPECT_EQ(ranges_asked_, asked);  // shared for a minute
    EXPECT_EQ(get("/api/v1/devices/none/history").status, 404);
}

TEST_F(SiteTest, HistoryOfHoursAgoIsNotShownAsNow) {
    enter_step(10min);
    const char* path = "/api/v1/devices/sw-1/history?hours=1&ticks=6";
    const Json known = get(path).json();
    EXPECT_EQ(known["available_ratio"], 1);
    fakes_.erase("stored");
    ASSERT_TRUE(run_until([this] { return !site_->stored().connected(); }));
    loop_->forward(5min);
    EXPECT_EQ(get(path).json()["ticks"], known["ticks"]);  // the same steps, as far as they are known
    loop_->forward(1h);
    const Json later = get(path).json();
    EXPECT_EQ(later["from"], known["from"].get<double>() + 3600);
    for (const Json& tick : later["ticks"]) EXPECT_EQ(tick, "none");
    EXPECT_TRUE(later["available_ratio"].is_null());
}

TEST_F(SiteTest, ANewStepIsAskedForAtOnce) {
    enter_step(10min);
    const char* path = "/api/v1/devices/sw-1/history?hours=1&ticks=6";
    loop_->forward(10min - 20s);
    get(path);
    loop_->forward(30s);  // within the minute that strips are shared
    now_ns_ = site_->now_ns();
    EXPECT_EQ(get(path).json()["available_ratio"], 1);
}

TEST_F(SiteTest, TheOverviewCountsAndNamesTrouble) {
    const Json overview = get("/api/v1/overview").json();
    EXPECT_EQ(overview["store_connected"], true);
    EXPECT_EQ(overview["devices"], (Json{{"total", 3}, {"up", 1}, {"down", 1}, {"unknown", 1}}));
    EXPECT_EQ(overview["problems"][0]["device"], "ups-1");
    EXPECT_EQ(overview["busiest"][0]["interface"], "GE1/0/1");
    EXPECT_EQ(overview["busiest"][0]["in_bps"], 800.0);
    EXPECT_EQ(overview["station"]["zone"]["utc_offset_s"], 28800);
    EXPECT_EQ(overview["groups"].size(), 3U);
    EXPECT_EQ(overview["groups"][1]["strip"]["ticks"].size(), 96U);
}

TEST_F(SiteTest, LoopbackIsNeverAmongTheBusiest) {
    const std::vector<wire::WireLabel> lo{{"if_name", "lo"}};
    wire::LatestRow& row = add_row("sw-1", "if_in_octets_total", lo, 0);
    row.series.kind = SeriesKind::counter;
    row.counter = 10'000'000'000;
    row.previous_wall_ns = row.wall_ns - 30 * kSecond;
    add_row("sw-1", "if_info", {{"if_index", "9"}, {"if_name", "lo"}, {"if_type", "24"}}, 1);
    const Json busiest = get("/api/v1/overview").json()["busiest"];
    ASSERT_EQ(busiest.size(), 1U);
    EXPECT_EQ(busiest[0]["interface"], "GE1/0/1");
}

TEST_F(SiteTest, LargeAnswersArePackedForBrowsers) {
    const Reply plain = get("/api/v1/overview");
    const Reply packed = ask("GET", "/api/v1/overview", std::string(kCookie) + "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(plain.headers.find("Content-Encoding"), std::string::npos);
    EXPECT_NE(packed.headers.find("Content-Encoding: gzip\r\n"), std::string::npos);
    EXPECT_NE(packed.headers.find("Vary: Accept-Encoding\r\n"), std::string::npos);
    EXPECT_LT(packed.body.size(), plain.body.size() / 2);
    const Reply page = ask("GET", "/metrics", std::string(kCookie) + "Accept-Encoding: gzip\r\n");
    EXPECT_NE(page.headers.find("Content-Encoding: gzip\r\n"), std::string::npos);
}

TEST_F(SiteTest, SaysThatItStartsUntilConfdHasAConfiguration) {
    const std::uint64_t generation = std::exchange(config_.generation, 0);
    fakes_.erase("confd");
    make_site();
    const auto says_starting = [this](const std::string& path) {
        const Reply reply = get(path);
        EXPECT_EQ(reply.status, 503) << path;
        EXPECT_EQ(reply.json()["error"]["code"], "starting") << path;
        EXPECT_NE(reply.headers.find("Retry-After: 1\r\n"), std::string::npos);
        return reply;
    };
    for (const char* path : {"/api/v1/devices", "/api/v1/overview", "/api/v1/station", "/metrics"})
        says_starting(path);
    EXPECT_EQ(get("/api/v1/session").status, 200);
    serve("confd");  // it is there, but has read nothing yet
    ASSERT_TRUE(run_until([this] { return site_->confd().connected(); }));
    record("starting", "get", "/api/v1/devices", says_starting("/api/v1/devices"));
    config_.generation = generation;
    ASSERT_TRUE(run_until([this] { return site_->config() != nullptr; }));  // asked again by itself
    EXPECT_EQ(get("/api/v1/devices").json()["total"], 3);
}

TEST_F(SiteTest, SaysThatItStartsUntilAuthdIsThere) {
    fakes_.erase("authd");
    make_site();
    EXPECT_EQ(get("/api/v1/session").json()["error"]["code"], "starting");
    EXPECT_EQ(post("/api/v1/session", R"({"user":"a","password":"b"})", "").json()["error"]["code"],
              "starting");
    serve("authd");
    ASSERT_TRUE(run_until([this] { return site_->authd().connected(); }));
    EXPECT_EQ(get("/api/v1/session").status, 200);
    fakes_.erase("authd");
    ASSERT_TRUE(run_until([this] { return !site_->authd().connected(); }));
    EXPECT_EQ(get("/api/v1/session").json()["error"]["code"], "unavailable");
}

TEST_F(SiteTest, AfterAMinuteADaemonThatNeverCameIsBrokenAndNamed) {
    const auto error_of = [this] {
        const Reply reply = get("/api/v1/devices");
        EXPECT_EQ(reply.status, 503);
        return reply.json()["error"];
    };
    fakes_.erase("confd");
    make_site();
    loop_->forward(50s);
    EXPECT_EQ(error_of()["code"], "starting");
    loop_->forward(10s);
    EXPECT_EQ(error_of()["code"], "unavailable");
    EXPECT_EQ(error_of()["message"], "confd: gives no configuration");
    for (const char* name : {"authd", "stored"}) fakes_.erase(name);
    serve("confd");
    make_site();
    ASSERT_TRUE(run_until([this] { return site_->config() != nullptr; }));
    loop_->forward(50s);
    EXPECT_EQ(error_of()["code"], "starting");
    loop_->forward(10s);
    EXPECT_EQ(error_of()["code"], "unavailable");
    EXPECT_EQ(error_of()["message"].get<std::string>().substr(0, 7), "authd: ");
    serve("authd");
    ASSERT_TRUE(run_until([this] { return site_->authd().connected(); }));
    const Json events = get("/api/v1/events").json();
    EXPECT_EQ(events["error"]["code"], "unavailable");
    EXPECT_EQ(events["error"]["message"].get<std::string>().substr(0, 8), "stored: ");
}

TEST_F(SiteTest, ShowsTheLastStateWhileStoredIsAway) {
    const Json before = get("/api/v1/overview").json();
    get("/api/v1/devices/sw-1/interfaces");
    EXPECT_FALSE(get("/api/v1/station").json()["store"].is_null());
    fakes_.erase("stored");
    ASSERT_TRUE(run_until([this] { return !site_->stored().connected(); }));
    const Reply overview = get("/api/v1/overview");
    EXPECT_EQ(overview.status, 200);
    EXPECT_EQ(overview.json()["store_connected"], false);
    EXPECT_EQ(overview.json()["devices"], before["devices"]);
    EXPECT_EQ(overview.json()["data_time"], before["data_time"]);
    record("overview-away", "get", "/api/v1/overview", overview);
    EXPECT_EQ(get("/api/v1/devices/sw-1/interfaces").status, 200);
    EXPECT_EQ(get("/api/v1/range?series=1&from=1&to=2").status, 503);  // was never asked before
    const Json station = get("/api/v1/station").json();
    EXPECT_EQ(station["daemons"][0]["state"], "stopped");
    EXPECT_TRUE(station["store"].is_null());  // figures of care are of now or none
    serve("stored");
    ASSERT_TRUE(run_until([this] { return site_->stored().connected(); }));
    EXPECT_EQ(get("/api/v1/overview").json()["store_connected"], true);
}

TEST_F(SiteTest, WhatIsRememberedHasABudget) {
    std::size_t most = 0;
    for (std::int64_t i = 0; i < 80; ++i) {
        bool answered = false;
        const wire::RangeRequest request{{1, 2, 3, 4, 5, 6, 7, 8}, i, i + 8000, 1, 0};
        site_->stored().ask<wire::RangeReply>(
            request, [&](const Seen<wire::RangeReply>& seen) { answered = seen.value != nullptr; });
        ASSERT_TRUE(run_until([&] { return answered; }));
        most = std::max(most, site_->stored().kept_bytes());
        EXPECT_LE(site_->stored().kept_bytes(), Upstream::kMostKeptBytes);
    }
    EXPECT_GT(most, Upstream::kMostKeptBytes / 2);  // the budget was really at stake
}

TEST_F(SiteTest, FollowsTheConfiguration) {
    config_.devices.pop_back();
    fakes_.erase("confd");
    ASSERT_TRUE(run_until([this] { return !site_->confd().connected(); }));
    EXPECT_EQ(get("/api/v1/devices").json()["total"], 3);
    serve("confd");
    EXPECT_TRUE(run_until([this] { return site_->config()->devices.size() == 2; }));
    EXPECT_TRUE(site_->config()->credentials.empty());
}

TEST_F(SiteTest, MetricsHaveValuesAndHealth) {
    const Reply page = ask("GET", "/metrics", "Authorization: Bearer good-bearer\r\n");
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(
        page.headers.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"),
        std::string::npos);
    EXPECT_NE(
        page.body.find("if_in_octets_total{device=\"sw-1\",if_index=\"1\",if_name=\"GE1/0/1\"} 10000003000 "),
        std::string::npos);
    EXPECT_NE(page.body.find("outstation_x 1\n"), std::string::npos);
    EXPECT_EQ(page.body.substr(page.body.size() - 6), "# EOF\n");
}

TEST_F(SiteTest, TheContractItselfIsOpen) {
    const Reply reply = ask("GET", "/api/v1/openapi.yaml", "");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, kOpenApiText);
}

TEST_F(SiteTest, UnchangedAnswersAreNotSentAgain) {
    const Reply first = get("/api/v1/session");
    const auto at = first.headers.find("ETag: ") + 6;
    const std::string tag = first.headers.substr(at, first.headers.find("\r\n", at) - at);
    EXPECT_EQ(ask("GET", "/api/v1/session", std::string(kCookie) + "If-None-Match: " + tag + "\r\n").status,
              304);
}

}  // namespace
}  // namespace outstation::webd
