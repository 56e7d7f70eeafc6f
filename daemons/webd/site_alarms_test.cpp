// SPDX-License-Identifier: GPL-3.0-or-later
// Alarms over the API: list, one with its record, steps of people; from fakes of alertd and stored.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

TEST_F(SiteTest, AlarmsFollowTheContract) {
    const std::pair<const char*, const char*> paths[] = {
        {"/api/v1/alarms", "/api/v1/alarms"},
        {"/api/v1/alarms", "/api/v1/alarms?scope=cleared&severity=minor&untaken=1&limit=7&cursor=x"},
        {"/api/v1/alarms", "/api/v1/alarms?scope=all"},
        {"/api/v1/alarms/{id}", "/api/v1/alarms/0a31"},
        {"/api/v1/alarms/{id}", "/api/v1/alarms/none"},
    };
    int number = 0;
    for (const auto& [path, query] : paths)
        record("alarms-" + std::to_string(++number), "get", path, get(query));
    record("alarms-overview", "get", "/api/v1/overview", get("/api/v1/overview"));
    EXPECT_EQ(get("/api/v1/overview").json()["alarms"]["critical"], 1);
    fakes_.erase("alertd");
    ASSERT_TRUE(run_until([this] { return !site_->alertd().connected(); }));
    record("alarms-away", "get", "/api/v1/alarms", get("/api/v1/alarms"));
    const Reply overview = get("/api/v1/overview");
    EXPECT_TRUE(overview.json()["alarms"].is_null());
    record("alarms-overview-away", "get", "/api/v1/overview", overview);
}

TEST_F(SiteTest, AlarmsAreShownAsAlertdHasThem) {
    const Json list = get("/api/v1/alarms?severity=critical&untaken=1&limit=7").json();
    EXPECT_EQ(alarms_.asked,
              (wire::AlarmListRequest{wire::AlarmScope::active, wire::Severity::critical, true, "", "", 7}));
    ASSERT_EQ(list["items"].size(), 1U);
    const Json& alarm = list["items"][0];
    EXPECT_EQ(alarm["device_name"], "core switch");
    EXPECT_EQ(alarm["name"]["zh"], "热");
    EXPECT_EQ(alarm["value"], 75.5);
    EXPECT_EQ(alarm["unit"], "celsius");
    EXPECT_TRUE(alarm["acknowledged"].is_null());
    EXPECT_EQ(list["next"], "1:2:0a31");
    EXPECT_EQ(list["behind"], false);
    for (const char* wrong : {"?scope=x", "?severity=none", "?untaken=2", "?limit=0", "?cursor=bad"})
        EXPECT_EQ(get(std::string("/api/v1/alarms") + wrong).status, 400) << wrong;
}

// An alertd that has read nothing yet has no alarms: that does not say that there are none.
TEST_F(SiteTest, NoAlarmsOfOneThatIsBehindAreNotKnown) {
    wire::AlarmList list;
    list.behind = true;
    alarms_.list = list;
    const Reply unknown = get("/api/v1/overview");
    record("alarms-overview-behind", "get", "/api/v1/overview", unknown);
    EXPECT_TRUE(unknown.json()["alarms"].is_null());
    alarms_.list->counts.cleared = 12;
    alarms_.list->counts.shelved = 1;
    EXPECT_TRUE(get("/api/v1/overview").json()["alarms"].is_null());
    alarms_.list->counts.minor = 1;
    EXPECT_EQ(get("/api/v1/overview").json()["alarms"]["shelved"], 1);
    alarms_.list->partial = true;
    EXPECT_TRUE(get("/api/v1/overview").json()["alarms"].is_null());
    alarms_.list = wire::AlarmList{};
    EXPECT_EQ(get("/api/v1/overview").json()["alarms"]["critical"], 0);
}

// A panel that is open asks every ten seconds: what is old is not looked at again each time.
TEST_F(SiteTest, OfALongRecordTheNewestPartIsReadAgain) {
    alarms_.head = 100'000;
    const Json first = get("/api/v1/alarms/0a31").json();
    ASSERT_EQ(first["record"].size(), 2U);
    EXPECT_EQ(first["complete"], true);
    const int all = std::exchange(alarms_.states_asked, 0);
    EXPECT_GT(all, 6);
    alarms_.head += 100;
    EXPECT_EQ(get("/api/v1/alarms/0a31").json()["record"], first["record"]);
    EXPECT_EQ(alarms_.states_asked, 1);
}

// It is in memory alone.
TEST_F(SiteTest, TheAlarmThatIsNotRecordedHasNoRecord) {
    const Reply reply = get("/api/v1/alarms/store-failed");
    record("alarm-volatile", "get", "/api/v1/alarms/{id}", reply);
    EXPECT_TRUE(reply.json()["record"].is_null());
    EXPECT_EQ(reply.json()["alarm"]["volatile"], true);
    EXPECT_EQ(alarms_.states_asked, 0);
}

TEST_F(SiteTest, TheLastKnownAlarmsAreGivenAgainAsSuch) {
    ASSERT_EQ(get("/api/v1/alarms").status, 200);
    fakes_.erase("alertd");
    ASSERT_TRUE(run_until([this] { return !site_->alertd().connected(); }));
    const Json list = get("/api/v1/alarms").json();
    EXPECT_EQ(list["items"].size(), 1U);
    EXPECT_EQ(list["behind"], true);
    EXPECT_EQ(get("/api/v1/alarms?scope=cleared").status, 503);
}

// Of the states of a device its record has those of this alarm, back to where the occurrence began.
TEST_F(SiteTest, AnAlarmHasTheRecordOfItsLife) {
    const Json one = get("/api/v1/alarms/0a31").json();
    EXPECT_EQ(one["complete"], true);
    ASSERT_EQ(one["record"].size(), 2U);
    EXPECT_EQ(one["record"][0]["step"], "noted");
    EXPECT_EQ(one["record"][0]["by"], "li");
    EXPECT_EQ(one["record"][1]["step"], "raised");
    EXPECT_TRUE(one["record"][1]["by"].is_null());
    EXPECT_EQ(get("/api/v1/alarms/none").status, 404);
    fakes_.erase("stored");
    ASSERT_TRUE(run_until([this] { return !site_->stored().connected(); }));
    make_site();
    ASSERT_TRUE(run_until([this] { return site_->config() != nullptr && site_->alertd().connected(); }));
    const Json alone = get("/api/v1/alarms/0a31").json();
    EXPECT_TRUE(alone["record"].is_null());
    EXPECT_EQ(alone["alarm"]["id"], "0a31");
}

TEST_F(SiteTest, AStepIsTakenInThePersonsName) {
    const char* path = "/api/v1/alarms/0a31/steps";
    EXPECT_EQ(post(path, R"({"step":"noted","text":"filter is dirty","for_s":0})").status, 204);
    EXPECT_EQ(alarms_.acted, (wire::AlarmAct{"0a31", wire::AlarmStep::noted, "admin", "filter is dirty", 0}));
    EXPECT_EQ(post(path, R"({"step":"shelved","text":"","for_s":3600})").status, 204);
    EXPECT_GE(alarms_.acted.until_ns, now_ns_ + 3600 * kSecond);
    EXPECT_EQ(post(path, R"({"step":"noted","text":"x","for_s":0,"token":"5f"})").status, 204);
    EXPECT_EQ(alarms_.acted.token, "5f");
    const std::string long_text(1001, 'x');
    for (const std::string& body :
         {std::string(R"({"step":"raised","text":"","for_s":0})"),
          std::string(R"({"step":"noted","text":""})"),
          std::string(R"({"step":"noted","text":"x","for_s":"1"})"),
          std::string(R"({"step":"noted","text":"x","for_s":-1})"),
          std::string(R"({"step":"noted","text":"x","for_s":1.5})"),
          std::string(R"({"step":"noted","text":"x","for_s":99999999999999999999})"),
          std::string(R"({"step":"noted","text":"x","for_s":0,"by":"somebody"})"),
          std::string(R"({"step":"noted","text":"x","for_s":0,"token":5})"),
          R"({"step":"noted","text":"x","for_s":0,"token":")" + std::string(65, 'x') + "\"}",
          R"({"step":"noted","for_s":0,"text":")" + long_text + "\"}"})
        EXPECT_EQ(post(path, body).status, 400) << body;
    alarms_.act_error = Error{ErrorCode::refused, "it is acknowledged already"};
    const Reply refused = post(path, R"({"step":"acknowledged","text":"","for_s":0})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json()["error"]["code"], "conflict");
    record("step-refused", "post", "/api/v1/alarms/{id}/steps", refused);
    alarms_.act_error = Error{ErrorCode::not_found, "there is no alarm"};
    EXPECT_EQ(post(path, R"({"step":"acknowledged","text":"","for_s":0})").status, 404);
    alarms_.act_error = Error{ErrorCode::exhausted, "the journal is not read yet"};
    const Reply later = post(path, R"({"step":"acknowledged","text":"","for_s":0})");
    EXPECT_EQ(later.status, 503);
    EXPECT_EQ(later.json()["error"]["code"], "busy");
    alarms_.act_error = Error{ErrorCode::malformed, "the name is longer than 128 bytes"};
    EXPECT_EQ(post(path, R"({"step":"assigned","text":"x","for_s":0})").status, 400);
    alarms_.act_error = Error{ErrorCode::io, "stored is away"};
    EXPECT_EQ(post(path, R"({"step":"acknowledged","text":"","for_s":0})").status, 503);
}

TEST_F(SiteTest, WhoOnlyLooksTakesNoStep) {
    const char* path = "/api/v1/alarms/0a31/steps";
    const char* body = R"({"step":"noted","text":"x","for_s":0})";
    role_ = wire::Role::viewer;
    const Reply denied = post(path, body);
    EXPECT_EQ(denied.status, 403);
    EXPECT_EQ(denied.json()["error"]["code"], "forbidden");
    EXPECT_EQ(get("/api/v1/alarms").status, 200);
    role_ = wire::Role::technician;
    EXPECT_EQ(post(path, body, kCookie).json()["error"]["code"], "csrf");
    EXPECT_EQ(post(path, body).status, 204);
}

}  // namespace
}  // namespace outstation::webd
