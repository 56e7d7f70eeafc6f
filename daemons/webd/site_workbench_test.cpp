// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench over the API, from a fake of polld.
#include "daemons/webd/site_test.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::webd {
namespace {

class WorkbenchSiteTest : public SiteTest {
  protected:
    void SetUp() override {
        SiteTest::SetUp();
        fakes_["polld"]->on<wire::RecordRequest>(
            [this](ipc::Peer&, const wire::RecordRequest& request, const ipc::Responder& responder) {
                asked_ = request;
                if (request.subject == "nobody")
                    return responder.fail(Error{ErrorCode::not_found, "no sweep found it"});
                wire::RecordStatus status;
                status.state = "running";
                status.subject = "sw-01";
                status.values = 200;
                status.started_ns = now_ns_;
                status.notes = {"of 1.3.6 only 500 rows"};
                responder.reply(status);
            });
        fakes_["polld"]->on<wire::RecordTextRequest>(
            [](ipc::Peer&, const wire::RecordTextRequest& request, const ipc::Responder& responder) {
                const std::string text = "1.3.6.1|2|1\n1.3.7|2|1\n";
                responder.reply(wire::RecordText{text.substr(request.offset, 12), text.size()});
            });
        fakes_["polld"]->on<wire::ExplainRequest>(
            [](ipc::Peer&, const wire::ExplainRequest&, const ipc::Responder& responder) {
                wire::ExplainReply reply;
                reply.vendor = "acme";
                reply.packs = {{"if-mib", "Interfaces", "接口", "always", {{"ports", 24}}}};
                reply.finds = {{"ports", 24}};
                reply.draft = "pack: draft\n";
                responder.reply(reply);
            });
        fakes_["polld"]->on<wire::DraftRequest>(
            [this](ipc::Peer&, const wire::DraftRequest& request, const ipc::Responder& responder) {
                draft_ = request;
                wire::DraftReply reply;
                if (request.yaml == "bad") reply.mistakes = {{4, 6, "expected an OID"}};
                reply.matches = true;
                reply.findings = {{"sensor", "Case", "机箱", "40", "celsius", "1.3.6.1"}};
                if (request.live) reply.read_ns = now_ns_;
                responder.reply(reply);
            });
    }
    wire::RecordRequest asked_;
    wire::DraftRequest draft_;
};

TEST_F(WorkbenchSiteTest, FollowsTheContract) {
    const char* start = R"({"action":"start","subject":"sw-01"})";
    const char* draft = R"({"yaml":"pack: a","on":"recording"})";
    record("workbench-1", "get", "/api/v1/workbench/recording", get("/api/v1/workbench/recording"));
    record("workbench-2", "post", "/api/v1/workbench/recording", post("/api/v1/workbench/recording", start));
    record("workbench-3", "get", "/api/v1/workbench/packs", get("/api/v1/workbench/packs"));
    record("workbench-4", "post", "/api/v1/workbench/draft", post("/api/v1/workbench/draft", draft));
}

TEST_F(WorkbenchSiteTest, ARecordingIsStartedAndFollowedAndNeverPlain) {
    const Reply started = post("/api/v1/workbench/recording", R"({"action":"start","subject":"sw-01"})");
    EXPECT_EQ(started.status, 200);
    EXPECT_EQ(asked_, (wire::RecordRequest{"start", "sw-01", false}));
    EXPECT_EQ(started.json()["values"], 200);
    EXPECT_EQ(get("/api/v1/workbench/recording").json()["state"], "running");
    EXPECT_EQ(asked_, wire::RecordRequest{});
    EXPECT_EQ(post("/api/v1/workbench/recording", R"({"action":"go","subject":""})").status, 400);
    EXPECT_EQ(post("/api/v1/workbench/recording", R"({"action":"start","subject":"nobody"})").status, 404);
    EXPECT_EQ(post("/api/v1/workbench/recording", R"({"action":"start","subject":"a","plain":"1"})").status,
              400);
}

TEST_F(WorkbenchSiteTest, TheTextIsPutTogether) {
    const Reply text = get("/api/v1/workbench/recording/text");
    EXPECT_EQ(text.status, 200);
    EXPECT_EQ(text.body, "1.3.6.1|2|1\n1.3.7|2|1\n");
}

TEST_F(WorkbenchSiteTest, ADraftIsTriedOnTheRecordingOrTheDevice) {
    const Reply bad = post("/api/v1/workbench/draft", R"({"yaml":"bad","on":"recording"})");
    EXPECT_EQ(bad.json()["mistakes"][0]["line"], 4);
    EXPECT_EQ(bad.json()["mistakes"][0]["column"], 6);
    EXPECT_FALSE(draft_.live);
    const Reply live = post("/api/v1/workbench/draft", R"({"yaml":"pack: a","on":"device"})");
    EXPECT_TRUE(draft_.live);
    EXPECT_NE(live.json()["read"], nullptr);
    EXPECT_EQ(post("/api/v1/workbench/draft", R"({"yaml":"pack: a","on":"moon"})").status, 400);
    EXPECT_EQ(
        post("/api/v1/workbench/draft", R"({"yaml":")" + std::string(49 << 10, 'a') + R"(","on":"device"})")
            .status,
        400);
}

TEST_F(WorkbenchSiteTest, IsNotForViewers) {
    role_ = wire::Role::viewer;
    for (const char* path : {"recording", "recording/text", "packs"})
        EXPECT_EQ(get(std::string("/api/v1/workbench/") + path).status, 403) << path;
    EXPECT_EQ(post("/api/v1/workbench/recording", R"({"action":"start","subject":"sw-01"})").status, 403);
    EXPECT_EQ(post("/api/v1/workbench/draft", R"({"yaml":"","on":"recording"})").status, 403);
    EXPECT_EQ(asked_, wire::RecordRequest{});
    role_ = wire::Role::technician;
    EXPECT_EQ(get("/api/v1/workbench/recording").status, 200);
}

}  // namespace
}  // namespace outstation::webd
