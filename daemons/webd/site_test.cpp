// SPDX-License-Identifier: GPL-3.0-or-later
// The whole site over a socket pair, with fakes of stored, confd, authd and polld on real Unix sockets: every
// route with every kind of caller, answers against the contract, and what is shown while a daemon is away.
// With OUTSTATION_REPLIES=DIR the answers are left there for tests/integration/check_replies.py.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/webd/json.hpp"
#include "daemons/webd/openapi_text.hpp"
#include "daemons/webd/site.hpp"
#include "lib/config/config.hpp"
#include "lib/ipc/server.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr const char* kHostile = "<script>alert(1)</script>\x1b[2J\xff\xfe\r\n\u202e";

struct Reply {
    int status = 0;
    std::string headers;
    std::string body;
    [[nodiscard]] Json json() const { return Json::parse(body); }
};

class SiteTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        now_ns_ = loop_->wall().time_since_epoch().count();
        make_data();
        for (const char* name : {"stored", "confd", "authd", "polld", "webd"}) serve(name);
        site_ = std::make_unique<Site>(*loop_, Site::Parts{dir_, "AA:BB", [this](const std::string& daemon) {
                                                               return std::make_unique<ipc::Client>(
                                                                   *loop_, socket_of(daemon),
                                                                   wire::Hello{"webd", "0", 1});
                                                           }});
        server_ = http::Server::make(
                      *loop_, http::ServerLimits{},
                      [this](std::shared_ptr<http::Request> request, const http::Responder& responder) {
                          site_->handle(std::move(request), responder);
                      },
                      protocol_error)
                      .value();
        site_->start();
        ASSERT_TRUE(run_until([this] { return !site_->config()->devices.empty(); }));
    }
    void TearDown() override {
        server_.reset();
        site_.reset();
        fakes_.clear();
        std::filesystem::remove_all(dir_);
    }

    std::string socket_of(const std::string& daemon) const {
        return std::string(dir_) + "/" + daemon + ".sock";
    }

    void make_data() {
        config_.generation = 1;
        config_.station.name = "青禾县机房";
        config_.station.site_path = {"江澜省", "云渡市"};
        config_.station.zone = "Asia/Shanghai";
        config_.station.poll_interval_ms = 30'000;
        config_.station.origin = wire::Origin::local;
        config_.devices = {device("sw-1", "core switch", "10.0.0.9", "switch"),
                           device("ups-1", "", "10.0.0.10", "ups"),
                           device("new-1", "never seen", "10.0.0.2", "")};
        config_.credentials = {{"secret", "snmp-v2c", "s3cr3t-community"}};
        states_.devices = {
            {"sw-1", wire::DeviceState::up, now_ns_ - 3600 * kSecond, "", {{"sys_descr", kHostile}}},
            {"ups-1", wire::DeviceState::down, now_ns_ - 100 * kSecond, "timeout", {}}};
        wire::PollStatus poll;
        poll.device = "ups-1";
        poll.last_ns = now_ns_ - 5 * kSecond;
        poll.timeouts = 3;
        poll.error = "no answer";
        poll.protocol = "SNMPv2c";
        polls_.devices = {poll};
        const std::vector<wire::WireLabel> port{{"if_index", "1"}, {"if_name", "GE1/0/1"}};
        add_row("sw-1", "up", {}, 1);
        add_row("ups-1", "up", {}, 0);
        add_row("sw-1", "sys_uptime_seconds", {}, 5000);
        add_row("sw-1", "if_oper_status", port, 1);
        add_row("sw-1", "if_speed_bits_per_second", port, 1e9);
        for (const char* metric : {"if_in_octets_total", "if_out_octets_total"}) {
            wire::LatestRow& row = add_row("sw-1", metric, port, 0);
            row.series.kind = SeriesKind::counter;
            row.counter = 10'000'003'000;
            row.previous_counter = 10'000'000'000;
            row.previous_wall_ns = row.wall_ns - 30 * kSecond;
        }
        add_row("sw-1", "temperature_celsius",
                {{"kind", "temperature"}, {"sensor", kHostile}, {"sensor_index", "2"}}, 31);
        add_row("sw-1", "sensor_status",
                {{"kind", "temperature"}, {"sensor", kHostile}, {"sensor_index", "2"}}, 1);
        add_row("sw-1", "hr_processor_load_ratio", {{"cpu", "7"}}, 0.5);
        add_row("sw-1", "hr_storage_used_bytes", {{"kind", "disk"}, {"storage", "/"}, {"storage_index", "3"}},
                50);
        add_row("sw-1", "hr_storage_size_bytes", {{"kind", "disk"}, {"storage", "/"}, {"storage_index", "3"}},
                200);
    }
    static wire::DeviceConfig device(std::string id, std::string name, std::string address,
                                     std::string device_class) {
        wire::DeviceConfig out;
        out.id = std::move(id);
        out.name = std::move(name);
        out.address = std::move(address);
        out.device_class = std::move(device_class);
        out.origin = wire::Origin::local;
        return out;
    }
    wire::LatestRow& add_row(std::string device, std::string metric, std::vector<wire::WireLabel> labels,
                             double value) {
        wire::LatestRow row;
        row.series.id = static_cast<std::uint32_t>(rows_.size() + 1);
        row.series.device = std::move(device);
        row.series.metric = std::move(metric);
        row.series.labels = std::move(labels);
        row.series.oid = "1.3.6.1.2.1.1";
        row.wall_ns = now_ns_ - 5 * kSecond;
        row.gauge = value;
        return rows_.emplace_back(std::move(row));
    }

    void serve(const std::string& name) {
        ipc::Server::Options options;
        options.path = socket_of(name);
        auto server = ipc::Server::listen(*loop_, std::move(options)).value();
        server->on<wire::StatusRequest>(
            [name](ipc::Peer&, const wire::StatusRequest&, const ipc::Responder& responder) {
                wire::StatusReply status;
                status.daemon = name;
                status.version = "0";
                status.pid = 7;
                status.started_ns = 1;
                responder.reply(status);
            });
        server->on<wire::MetricsRequest>(
            [](ipc::Peer&, const wire::MetricsRequest&, const ipc::Responder& responder) {
                responder.reply(wire::MetricsReply{"# TYPE outstation_x gauge\noutstation_x 1\n"});
            });
        if (name == "stored") serve_stored(*server);
        if (name == "confd") serve_confd(*server);
        if (name == "authd") serve_authd(*server);
        if (name == "polld") {
            server->on<wire::PollStatusRequest>(
                [this](ipc::Peer&, const wire::PollStatusRequest&, const ipc::Responder& responder) {
                    responder.reply(polls_);
                });
        }
        fakes_[name] = std::move(server);
    }
    void serve_confd(ipc::Server& server) {
        server.on<wire::ConfigRequest>([this](ipc::Peer&, const wire::ConfigRequest&,
                                              const ipc::Responder& responder) { responder.reply(config_); });
    }
    void serve_stored(ipc::Server& server) {
        server.on<wire::DeviceStatesRequest>(
            [this](ipc::Peer&, const wire::DeviceStatesRequest&, const ipc::Responder& responder) {
                responder.reply(states_);
            });
        server.on<wire::StoreStatusRequest>(
            [this](ipc::Peer&, const wire::StoreStatusRequest&, const ipc::Responder& responder) {
                wire::StoreStatus status;
                status.streams = {{StreamId::samples, 1, 900, 890, 5000, 1, now_ns_ - 86400 * kSecond}};
                status.series = static_cast<std::uint32_t>(rows_.size());
                status.newest_sample_ns = now_ns_ - 5 * kSecond;
                status.flush_interval_ms = 10'000;
                responder.reply(status);
            });
        server.on<wire::LatestRequest>(
            [this](ipc::Peer&, const wire::LatestRequest& request, const ipc::Responder& responder) {
                responder.reply(latest(request));
            });
        server.on<wire::RangeRequest>(
            [this](ipc::Peer&, const wire::RangeRequest& request, const ipc::Responder& responder) {
                answer_range(request, responder);
            });
        server.on<wire::EventsRequest>(
            [this](ipc::Peer&, const wire::EventsRequest& request, const ipc::Responder& responder) {
                wire::StateRecord record;
                record.device = "ups-1";
                record.stamp.wall_ns = now_ns_ - 100 * kSecond;
                record.kind = "device_down";
                record.reason = "timeout";
                responder.reply(wire::EventsReply{{{request.before_sequence == 0 ? 9U : 4U, record}},
                                                  request.before_sequence == 0});
            });
    }
    // Two rows a page, so that paging is seen to work.
    wire::LatestReply latest(const wire::LatestRequest& request) const {
        wire::LatestReply reply;
        for (const wire::LatestRow& row : rows_) {
            const bool wanted = (request.device.empty() || row.series.device == request.device) &&
                                (request.metric.empty() || row.series.metric == request.metric) &&
                                row.series.id > request.after_id;
            if (!wanted) continue;
            if (reply.rows.size() == 2) {
                reply.more = true;
                break;
            }
            reply.rows.push_back(row);
        }
        return reply;
    }
    // Every third step is a gap; an answer holds at most half of the steps.
    void answer_range(const wire::RangeRequest& request, const ipc::Responder& responder) {
        ++ranges_asked_;
        wire::RangeReply reply;
        const auto steps = (request.to_ns - request.from_ns) / request.step_ns;
        reply.complete_to_ns =
            steps > 4 ? request.from_ns + (steps / 2) * request.step_ns + 1 : request.to_ns;
        for (const std::uint32_t id : request.series) {
            if (id > rows_.size())
                return responder.fail(Error{ErrorCode::not_found, "series " + std::to_string(id)});
            wire::RangeColumn column;
            column.series = rows_[id - 1].series;
            for (std::int64_t i = 0; i < steps; ++i) {
                const auto at = request.from_ns / request.step_ns + i;
                const bool gap = at % 3 == 0;
                column.count.push_back(gap ? 0 : 2);
                column.min.push_back(gap ? 0 : static_cast<double>(at) - 1);
                column.max.push_back(gap ? 0 : static_cast<double>(at) + 1);
                column.mean.push_back(gap ? 0 : static_cast<double>(at));
            }
            reply.columns.push_back(std::move(column));
        }
        responder.reply(reply);
    }
    void serve_authd(ipc::Server& server) {
        server.on<wire::CheckRequest>(
            [this](ipc::Peer&, const wire::CheckRequest& request, const ipc::Responder& responder) {
                last_check_ = request;
                const bool good =
                    request.bearer ? request.token == "good-bearer" : request.token == "good-cookie";
                if (!good) return responder.fail(Error{ErrorCode::refused, "no"});
                wire::AuthSession session;
                session.user = "admin";
                session.role = wire::Role::admin;
                session.csrf = request.bearer ? "" : "good-csrf";
                session.bearer = request.bearer;
                responder.reply(wire::CheckReply{session});
            });
        server.on<wire::LoginRequest>(
            [](ipc::Peer&, const wire::LoginRequest& request, const ipc::Responder& responder) {
                wire::LoginReply reply;
                if (request.user == "locked") reply = {wire::LoginOutcome::locked, 900, {}};
                if (request.password == "right") {
                    reply.outcome = wire::LoginOutcome::ok;
                    reply.session.token = "fresh-cookie";
                    reply.session.user = request.user;
                    reply.session.csrf = "fresh-csrf";
                }
                responder.reply(reply);
            });
        server.on<wire::LogoutRequest>(
            [this](ipc::Peer&, const wire::LogoutRequest& request, const ipc::Responder& responder) {
                logged_out_ = request.token;
                responder.reply(wire::Done{});
            });
        server.on<wire::PasswordRequest>(
            [](ipc::Peer&, const wire::PasswordRequest& request, const ipc::Responder& responder) {
                using enum wire::PasswordOutcome;
                auto outcome = request.current == "right" ? ok : bad_credentials;
                if (request.next == "weak") outcome = weak;
                responder.reply(wire::PasswordReply{outcome, 0});
            });
    }

    bool run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 8s;
        std::function<void()> look = [&] {
            if (done() || loop_->now() > end) return loop_->stop();
            tick_ = loop_->after(1ms, look);
        };
        tick_ = loop_->after(0ms, look);
        loop_->run();
        return done();
    }
    // Sends the request over a new connection and reads to its end.
    Reply ask(const std::string& method, const std::string& path, const std::string& headers,
              const std::string& body = "") {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        server_->adopt(UniqueFd(ends[1]), "192.0.2.1");
        const UniqueFd client(ends[0]);
        const std::string request =
            method + " " + path + " HTTP/1.1\r\nHost: box:8443\r\nConnection: close\r\n" + headers +
            (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
        EXPECT_EQ(send(client.get(), request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
        std::string all;
        EXPECT_TRUE(run_until([&] {
            char piece[65536];
            ssize_t got = 0;
            while ((got = recv(client.get(), piece, sizeof piece, 0)) > 0)
                all.append(piece, static_cast<std::size_t>(got));
            return got == 0;
        })) << method
            << " " << path;
        const auto split = all.find("\r\n\r\n");
        if (split == std::string::npos) return {};
        return {std::stoi(all.substr(9, 3)), all.substr(0, split + 2), all.substr(split + 4)};
    }
    static constexpr const char* kCookie = "Cookie: __Host-session=good-cookie\r\n";
    static constexpr const char* kChange =
        "Cookie: __Host-session=good-cookie\r\nX-CSRF-Token: good-csrf\r\n";
    Reply get(const std::string& path) { return ask("GET", path, kCookie); }
    Reply post(const std::string& path, const std::string& body, const std::string& headers = kChange) {
        return ask("POST", path, headers + "Content-Type: application/json\r\n", body);
    }
    // Leaves an answer for the check against the contract.
    static void record(const std::string& name, const std::string& method, const std::string& path,
                       const Reply& reply) {
        const char* folder = std::getenv("OUTSTATION_REPLIES");
        if (folder == nullptr) return;
        const Json json{{"method", method},
                        {"path", path},
                        {"status", reply.status},
                        {"body", reply.body.empty() ? Json(nullptr) : reply.json()}};
        std::ofstream(std::string(folder) + "/" + name + ".json") << json.dump();
    }

    char dir_[32] = "/tmp/outstation-webd-XXXXXX";
    std::int64_t now_ns_ = 0;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::map<std::string, std::unique_ptr<ipc::Server>> fakes_;
    wire::ConfigReply config_;
    wire::DeviceStatesReply states_;
    wire::PollStatusReply polls_;
    std::vector<wire::LatestRow> rows_;
    std::unique_ptr<Site> site_;
    std::unique_ptr<http::Server> server_;
    wire::CheckRequest last_check_;
    std::string logged_out_;
    int ranges_asked_ = 0;
    Timer tick_;
};

// A path of the table with values for its parameters.
std::string concrete(std::string_view path) {
    std::string out(path);
    if (const auto at = out.find("{id}"); at != std::string::npos) out.replace(at, 4, "sw-1");
    if (out == "/api/v1/range") out += "?series=1&from=1000&to=2000";
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
    for (const Route& route : routes()) {
        const std::string method(http::method_name(route.method));
        const std::string path = concrete(route.path);
        const auto status = [&](const std::string& headers) { return ask(method, path, headers).status; };
        const bool open = route.permission == Permission::anyone || route.permission == Permission::sign_in;
        const bool changes = route.permission == Permission::change;
        for (const char* none :
             {"", "Cookie: __Host-session=bad\r\n", "Cookie: session=good-cookie\r\n",
              "Authorization: Bearer bad\r\n", "Authorization: Basic Z29vZC1iZWFyZXI=\r\n",
              "Authorization: Bearer good-cookie\r\n", "Cookie: __Host-session=good-bearer\r\n"})
            EXPECT_EQ(status(none) == 401, !open) << label(route) << " " << none;
        if (open) continue;
        const std::string bearer = "Authorization: Bearer good-bearer\r\n";
        EXPECT_EQ(status(bearer) == 403, changes) << label(route);
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

TEST_F(SiteTest, WrongMethodsAndUnknownPathsAreToldApart) {
    const Reply wrong = ask("PUT", "/api/v1/devices", kChange);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_NE(wrong.headers.find("Allow: GET, HEAD\r\n"), std::string::npos);
    EXPECT_EQ(get("/api/v1/nothing").status, 404);
    EXPECT_EQ(get("/api/v1/devices/").status, 404);
}

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
    EXPECT_EQ(first["next"], "2");
    EXPECT_EQ(ids("?sort=address&limit=2&cursor=2"), "ups-1 ");
    EXPECT_TRUE(get("/api/v1/devices?sort=address&limit=2&cursor=2").json()["next"].is_null());
    for (const char* wrong :
         {"?limit=0", "?limit=501", "?limit=x", "?cursor=-1", "?state=x", "?sort=x", "?sort=-", "?q=a&q=b"})
        EXPECT_EQ(get(std::string("/api/v1/devices") + wrong).status, 400) << wrong;
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
    for (const char* wrong :
         {"", "?series=1", "?series=1&from=5&to=5", "?series=x&from=1&to=2", "?series=1&from=-1&to=2",
          "?series=1&from=1&to=inf", "?series=1&from=1&to=2&points=4001", "?series=1&from=1&to=2&step=-1"})
        EXPECT_EQ(get(std::string("/api/v1/range") + wrong).status, 400) << wrong;
    EXPECT_EQ(get("/api/v1/range?series=999&from=1&to=2").status, 404);
}

TEST_F(SiteTest, HistoryShowsTheWorst) {
    const Json strip = get("/api/v1/devices/sw-1/history?hours=1&ticks=6").json();
    EXPECT_EQ(strip["ticks"].size(), 6U);
    EXPECT_EQ(strip["step_s"], 600);
    EXPECT_EQ(get("/api/v1/devices/new-1/history").json()["ticks"][0], "none");
    EXPECT_EQ(get("/api/v1/devices/none/history").status, 404);
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

TEST_F(SiteTest, ShowsTheLastStateWhileStoredIsAway) {
    const Json before = get("/api/v1/overview").json();
    get("/api/v1/devices/sw-1/interfaces");
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
    EXPECT_EQ(get("/api/v1/station").json()["daemons"][0]["state"], "stopped");
    serve("stored");
    ASSERT_TRUE(run_until([this] { return site_->stored().connected(); }));
    EXPECT_EQ(get("/api/v1/overview").json()["store_connected"], true);
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

TEST_F(SiteTest, FollowsTheConfiguration) {
    config_.devices.pop_back();
    fakes_.erase("confd");
    ASSERT_TRUE(run_until([this] { return !site_->confd().connected(); }));
    EXPECT_EQ(get("/api/v1/devices").json()["total"], 3);
    serve("confd");
    EXPECT_TRUE(run_until([this] { return site_->config()->devices.size() == 2; }));
    EXPECT_TRUE(site_->config()->credentials.empty());
}

TEST_F(SiteTest, EventsArePagedBySequence) {
    const Json first = get("/api/v1/events?limit=1").json();
    EXPECT_EQ(first["items"][0]["sequence"], 9);
    EXPECT_EQ(first["next"], "9");
    EXPECT_EQ(first["items"][0]["device_name"], "ups-1");
    EXPECT_TRUE(get("/api/v1/events?cursor=9").json()["next"].is_null());
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
