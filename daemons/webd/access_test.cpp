// SPDX-License-Identifier: GPL-3.0-or-later
// Every route with every kind of caller.
#include "daemons/webd/openapi_text.hpp"
#include "daemons/webd/site_test.hpp"
#include "lib/config/config.hpp"
#include "lib/wire/discovery_messages.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::webd {
namespace {

// A path of the table with values for its parameters.
std::string concrete(std::string_view path) {
    std::string out(path);
    if (const auto at = out.find("{id}"); at != std::string::npos) out.replace(at, 4, "sw-1");
    if (out == "/api/v1/range") out += "?series=1&from=1000&to=2000";
    if (out == "/api/v1/search") out += "?q=up";
    return out;
}

std::string label(const Route& route) {
    return std::string(http::method_name(route.method)) + " " + std::string(route.path);
}

TEST_F(SiteTest, TheRoutesAreThoseOfTheContract) {
    auto contract = config::Document::parse(kOpenApiText, "openapi.yaml");
    std::map<std::string, bool> documented;  // true: no security
    auto root = contract.root();
    auto paths = root.mapping("paths");
    for (const std::string& path : paths.keys()) {
        auto item = paths.mapping(path);
        for (std::string method : item.keys()) {
            const bool open = item.mapping(method).has("security");
            for (char& c : method) c = static_cast<char>(std::toupper(c));
            documented[method + " " + path] = open;
        }
    }
    std::map<std::string, bool> coded;
    for (const Route& route : routes())
        coded[label(route)] =
            route.permission == Permission::anyone || route.permission == Permission::sign_in;
    EXPECT_EQ(coded, documented);
    EXPECT_GE(coded.size(), 17U);
}

TEST_F(SiteTest, EveryRouteDeniesWhoeverMayNot) {
    why_ = wire::WhyReply{};
    fakes_["polld"]->on<wire::SweepRequest>(
        [](ipc::Peer&, const wire::SweepRequest&, const ipc::Responder& responder) {
            responder.reply(wire::SweepStatus{});
        });
    fakes_["polld"]->on<wire::CandidatesRequest>(
        [](ipc::Peer&, const wire::CandidatesRequest&, const ipc::Responder& responder) {
            responder.reply(wire::CandidatesReply{});
        });
    fakes_["polld"]->on<wire::DifferencesRequest>(
        [](ipc::Peer&, const wire::DifferencesRequest&, const ipc::Responder& responder) {
            responder.reply(wire::DifferencesReply{});
        });
    fakes_["polld"]->on<wire::RecordRequest>(
        [](ipc::Peer&, const wire::RecordRequest&, const ipc::Responder& responder) {
            responder.reply(wire::RecordStatus{});
        });
    fakes_["polld"]->on<wire::RecordTextRequest>(
        [](ipc::Peer&, const wire::RecordTextRequest&, const ipc::Responder& responder) {
            responder.reply(wire::RecordText{});
        });
    fakes_["polld"]->on<wire::ExplainRequest>(
        [](ipc::Peer&, const wire::ExplainRequest&, const ipc::Responder& responder) {
            responder.reply(wire::ExplainReply{});
        });
    for (const Route& route : routes()) {
        const std::string method(http::method_name(route.method));
        const std::string path = concrete(route.path);
        const auto status = [&](const std::string& headers) { return ask(method, path, headers).status; };
        const bool open = route.permission == Permission::anyone || route.permission == Permission::sign_in;
        const bool changes = route.permission == Permission::change ||
                             route.permission == Permission::handle ||
                             route.permission == Permission::administer;
        for (const char* none :
             {"", "Cookie: __Host-session=bad\r\n", "Cookie: session=good-cookie\r\n",
              "Authorization: Bearer bad\r\n", "Authorization: Basic Z29vZC1iZWFyZXI=\r\n",
              "Authorization: Bearer good-cookie\r\n", "Cookie: __Host-session=good-bearer\r\n"})
            EXPECT_EQ(status(none) == 401, !open) << label(route) << " " << none;
        if (open) continue;
        const std::string bearer = "Authorization: Bearer good-bearer\r\n";
        EXPECT_EQ(status(bearer) == 403, changes || route.permission == Permission::inspect) << label(route);
        EXPECT_NE(status(bearer), 401) << label(route);
        if (!changes) {
            EXPECT_EQ(status(kCookie), 200) << label(route);
            continue;
        }
        EXPECT_EQ(status(kCookie), 403) << label(route);
        EXPECT_EQ(status(std::string(kCookie) + "X-CSRF-Token: bad\r\n"), 403) << label(route);
        for (const char* foreign :
             {"Origin: https://evil.example\r\n", "Origin: http://box:8443\r\n", "Origin: null\r\n",
              "Origin: https://box\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"})
            EXPECT_EQ(status(std::string(kChange) + foreign), 403) << label(route) << " " << foreign;
        EXPECT_LE(status(std::string(kChange) + "Origin: https://box:8443\r\n"), 400) << label(route);
    }
}

TEST_F(SiteTest, TheFirstPasswordOpensNothingButTheWayToAnother) {
    must_change_password_ = true;
    for (const Route& route : routes()) {
        if (route.permission != Permission::read && route.permission != Permission::change) continue;
        const std::string method(http::method_name(route.method));
        const bool own = route.path == "/api/v1/session" || route.path == "/api/v1/password";
        const Reply reply = ask(method, concrete(route.path), kChange);
        EXPECT_EQ(reply.status == 403, !own) << label(route);
    }
}

TEST_F(SiteTest, WrongMethodsAndUnknownPathsAreToldApart) {
    const Reply wrong = ask("PUT", "/api/v1/devices", kChange);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_NE(wrong.headers.find("Allow: GET, HEAD\r\n"), std::string::npos);
    EXPECT_EQ(get("/api/v1/nothing").status, 404);
    EXPECT_EQ(get("/api/v1/devices/").status, 404);
}

TEST_F(SiteTest, NobodyGetsInWhileAuthdIsAway) {
    fakes_.erase("authd");
    ASSERT_TRUE(run_until([this] { return !site_->authd().connected(); }));
    for (const Route& route : routes()) {
        if (route.permission == Permission::anyone || route.permission == Permission::sign_in) continue;
        EXPECT_EQ(ask(std::string(http::method_name(route.method)), concrete(route.path), kChange).status,
                  503)
            << label(route);
    }
    EXPECT_EQ(post("/api/v1/session", R"({"user":"admin","password":"right"})", "").status, 503);
}

}  // namespace
}  // namespace outstation::webd
