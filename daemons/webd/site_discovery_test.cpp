// SPDX-License-Identifier: GPL-3.0-or-later
// Discovery over the API, from fakes of polld and confd.
#include "daemons/webd/site_test.hpp"
#include "lib/wire/discovery_messages.hpp"

namespace outstation::webd {
namespace {

class DiscoverySiteTest : public SiteTest {
  protected:
    void SetUp() override {
        SiteTest::SetUp();
        wire::Candidate ups{
            {"10.0.0.5", "10.0.0.6"}, "ups-room", "apc", "power", "Smart-UPS", "v1", "AS1", "room"};
        ups.packs = {"apc", "ups-mib"};
        ups.id = "ups-room";
        ups.configured_class = "ups";
        ups.why = {"sysObjectID 1.3.6.1.4.1.318.*", "probe 1.3.6.1.2.1.33.1"};
        ups.port = 161;
        wire::Candidate silent{{"10.0.0.8"}};
        silent.problem = "it is there (ARP), but answers no credential by SNMP";
        silent.trouble = "silent";
        silent.seen = {"ping", "ipmi", "arp"};
        // Taken over since the sweep, at its second address.
        wire::Candidate known{{"10.0.0.7", "10.0.0.10"}, "sw"};
        known.credential = "room";
        wire::Candidate stopped{{"10.0.0.11"}, "sw-2"};
        stopped.credential = "room";
        stopped.problem = "it stopped answering";
        found_.candidates = {silent, ups, known, stopped};
        fakes_["polld"]->on<wire::SweepRequest>(
            [this](ipc::Peer&, const wire::SweepRequest& request, const ipc::Responder& responder) {
                asked_ = request;
                if (request.ranges == std::vector<std::string>{"10.9.0.0/24"})
                    return responder.fail(Error{ErrorCode::refused, "in no scope of discovery"});
                wire::SweepStatus status{"running", {"10.0.0.0/22"}, 1022,   7, 3, now_ns_,
                                         0,         {"a problem"},   {"old"}};
                status.probed = 64;
                status.unprobed = "ping";
                responder.reply(status);
            });
        fakes_["polld"]->on<wire::CandidatesRequest>(
            [this](ipc::Peer&, const wire::CandidatesRequest&, const ipc::Responder& responder) {
                responder.reply(found_);
            });
        fakes_["polld"]->on<wire::IgnoreCandidate>(
            [this](ipc::Peer&, const wire::IgnoreCandidate& request, const ipc::Responder& responder) {
                ignored_ = request;
                if (request.address == "10.0.0.99")
                    return responder.fail(Error{ErrorCode::not_found, "was not found"});
                responder.reply(wire::Done{});
            });
        fakes_["polld"]->on<wire::DifferencesRequest>(
            [this](ipc::Peer&, const wire::DifferencesRequest&, const ipc::Responder& responder) {
                responder.reply(differences_);
            });
        fakes_["polld"]->on<wire::SettleDifference>(
            [this](ipc::Peer&, const wire::SettleDifference& request, const ipc::Responder& responder) {
                settled_ = request;
                responder.reply(wire::Done{});
            });
        fakes_["confd"]->on<wire::MoveDevice>(
            [this](ipc::Peer&, const wire::MoveDevice& request, const ipc::Responder& responder) {
                moved_ = request;
                if (request.id == "fixed")
                    return responder.fail(Error{ErrorCode::refused, "fixed stands in station.yaml"});
                responder.reply(wire::Done{});
            });
        fakes_["confd"]->on<wire::AddDevice>(
            [this](ipc::Peer&, const wire::AddDevice& request, const ipc::Responder& responder) {
                added_ = request;
                responder.reply(wire::Done{});
            });
    }
    static wire::Difference difference(std::uint64_t id, const std::string& device,
                                       const std::string& differs) {
        wire::Difference out;
        out.id = id;
        out.kind = "changed";
        out.device = device;
        out.differs = {differs};
        out.before = {{"10.0.0.7"}, "sw", "", "", "", "1"};
        out.now = {{"10.0.0.17"}, "sw", "", "", "", "2"};
        return out;
    }
    static std::string settle(const char* id, const char* action) {
        return std::string(R"({"id":")") + id + R"(","action":")" + action + "\"}";
    }

    wire::DifferencesReply differences_{{difference(7, "sw", "version"), difference(8, "sw", "address"),
                                         difference(9, "fixed", "address"), difference(10, "", "address")}};
    wire::SettleDifference settled_;
    wire::MoveDevice moved_;
    wire::SweepRequest asked_;
    wire::CandidatesReply found_;
    wire::AddDevice added_;
    wire::IgnoreCandidate ignored_;
};

TEST_F(DiscoverySiteTest, FollowsTheContract) {
    const char* body = R"({"action":"start","ranges":"10.0.0.0/22"})";
    const char* device = R"({"address":"10.0.0.5","id":"","name":"","location":""})";
    record("discovery-1", "get", "/api/v1/discovery", get("/api/v1/discovery"));
    record("discovery-2", "post", "/api/v1/discovery", post("/api/v1/discovery", body));
    record("discovery-3", "get", "/api/v1/discovery/candidates", get("/api/v1/discovery/candidates"));
    record("discovery-4", "post", "/api/v1/discovery/devices", post("/api/v1/discovery/devices", device));
}

TEST_F(DiscoverySiteTest, ASweepIsStartedAndFollowed) {
    const Reply started =
        post("/api/v1/discovery", R"({"action":"start","ranges":" 10.0.0.0/22  10.1.0.7 "})");
    EXPECT_EQ(started.status, 200);
    EXPECT_EQ(asked_, (wire::SweepRequest{"start", {"10.0.0.0/22", "10.1.0.7"}}));
    EXPECT_EQ(started.json()["done"], 7);
    EXPECT_EQ(started.json()["left_alone"], Json{"old"});
    EXPECT_EQ(started.json()["probed"], 64);
    EXPECT_EQ(started.json()["unprobed"], "ping");
    EXPECT_EQ(get("/api/v1/discovery").json()["state"], "running");
    EXPECT_EQ(asked_, wire::SweepRequest{});
    EXPECT_EQ(post("/api/v1/discovery", R"({"action":"run","ranges":""})").status, 400);
    EXPECT_EQ(post("/api/v1/discovery", R"({"action":"start","ranges":"10.9.0.0/24"})").status, 409);
}

TEST_F(DiscoverySiteTest, ADeviceIsTakenOverInThePersonsName) {
    const Json items = get("/api/v1/discovery/candidates").json()["items"];
    ASSERT_EQ(items.size(), 4U);
    EXPECT_TRUE(items[1]["known_as"].is_null());
    EXPECT_EQ(items[2]["known_as"], "ups-1");
    EXPECT_EQ(items[1]["vendor"], "apc");
    EXPECT_TRUE(items[0]["credential"].is_null());
    EXPECT_EQ(items[0]["seen"], (Json{"ping", "ipmi", "arp"}));
    const char* path = "/api/v1/discovery/devices";
    const Reply done = post(path, R"({"address":"10.0.0.6","id":"","name":"","location":"A1"})");
    EXPECT_EQ(done.json()["id"], "ups-room");
    EXPECT_EQ(added_.by, "admin");
    EXPECT_EQ(added_.device.address, "10.0.0.6");
    EXPECT_EQ(added_.device.device_class, "ups");
    EXPECT_EQ(added_.device.credential, "room");
    EXPECT_EQ(added_.device.location, "A1");
    added_ = {};
    EXPECT_EQ(post(path, R"({"address":"10.0.0.12","id":"","name":"","location":""})").status, 404);
    for (const char* address : {"10.0.0.8", "10.0.0.7", "10.0.0.10", "10.0.0.11"}) {
        const std::string body =
            std::string(R"({"address":")") + address + R"(","id":"other","name":"","location":""})";
        EXPECT_EQ(post(path, body).status, 409) << address;
    }
    EXPECT_EQ(added_, wire::AddDevice{});
}

TEST_F(DiscoverySiteTest, AnotherAgentAtTheAddressOfADeviceIsNotThatDevice) {
    wire::Candidate other{{"10.0.0.10"}, "pdu"};
    other.credential = "room";
    other.port = 1161;
    other.id = "pdu";
    found_.candidates = {other};
    EXPECT_TRUE(get("/api/v1/discovery/candidates").json()["items"][0]["known_as"].is_null());
    const char* body = R"({"address":"10.0.0.10","id":"","name":"","location":""})";
    EXPECT_EQ(post("/api/v1/discovery/devices", body).status, 200);
    EXPECT_EQ(added_.device.port, 1161U);
}

TEST_F(DiscoverySiteTest, TellsWhyAndWhatIsNotWanted) {
    const Json items = get("/api/v1/discovery/candidates").json()["items"];
    EXPECT_EQ(items[0]["trouble"], "silent");
    EXPECT_EQ(items[1]["why"][1], "probe 1.3.6.1.2.1.33.1");
    EXPECT_EQ(items[1]["suggested_class"], "ups");
    EXPECT_FALSE(items[1]["ignored"]);
    const char* path = "/api/v1/discovery/candidates";
    EXPECT_EQ(post(path, R"({"address":"10.0.0.8","action":"ignore"})").status, 204);
    EXPECT_EQ(ignored_, (wire::IgnoreCandidate{"10.0.0.8", true, "admin"}));
    EXPECT_EQ(post(path, R"({"address":"10.0.0.8","action":"restore"})").status, 204);
    EXPECT_FALSE(ignored_.ignored);
    EXPECT_EQ(post(path, R"({"address":"10.0.0.8","action":"forget"})").status, 400);
    EXPECT_EQ(post(path, R"({"address":"10.0.0.99","action":"ignore"})").status, 404);
    role_ = wire::Role::viewer;
    EXPECT_EQ(post(path, R"({"address":"10.0.0.8","action":"ignore"})").status, 403);
}

TEST_F(DiscoverySiteTest, DifferencesAreListedAndSettledByWhoMay) {
    const char* path = "/api/v1/discovery/differences";
    record("discovery-differences", "get", path, get(path));
    const Json first = get(path).json()["items"][0];
    EXPECT_EQ(first["id"], "7");
    EXPECT_EQ(first["before"]["version"], "1");
    EXPECT_EQ(first["now"]["addresses"][0], "10.0.0.17");
    EXPECT_EQ(first["differs"], Json{"version"});
    EXPECT_EQ(post(path, settle("7", "accept")).status, 204);
    EXPECT_EQ(settled_, (wire::SettleDifference{7, "accept", "admin"}));
    EXPECT_EQ(post(path, settle("8", "ignore")).status, 204);
    EXPECT_EQ(post(path, settle("10", "accept")).status, 204);
    EXPECT_EQ(moved_, wire::MoveDevice{}) << "nothing configured moved";
    EXPECT_EQ(post(path, settle("11", "accept")).status, 404);
    EXPECT_EQ(post(path, settle("7", "burn")).status, 400);
    role_ = wire::Role::viewer;
    EXPECT_EQ(post(path, settle("7", "ignore")).status, 403);
}

TEST_F(DiscoverySiteTest, ADeviceThatMovedIsPolledThereOnceThatIsAccepted) {
    const char* path = "/api/v1/discovery/differences";
    EXPECT_EQ(post(path, settle("8", "accept")).status, 204);
    EXPECT_EQ(moved_, (wire::MoveDevice{"sw", "10.0.0.17", "admin"}));
    EXPECT_EQ(settled_.id, 8U);
    EXPECT_EQ(post(path, settle("9", "accept")).status, 409);
    EXPECT_EQ(settled_.id, 8U) << "it stands until it is changed in station.yaml";
}

}  // namespace
}  // namespace outstation::webd
