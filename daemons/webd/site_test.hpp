// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: the whole site over a socket pair, with fakes of stored, confd, authd, polld and alertd on real
// Unix sockets. With OUTSTATION_REPLIES=DIR the answers are left there for
// tests/integration/check_replies.py.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/webd/fake_alarms.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/ipc/server.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::webd {

using namespace std::chrono_literals;
inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kDay = 86'400 * kSecond;
inline constexpr std::size_t kLedgerPage = 3;  // that the fake of stored gives at most
inline constexpr const char* kHostile = "<script>alert(1)</script>\x1b[2J\xff\xfe\r\n\u202e";

struct Reply {
    int status = 0;
    std::string headers;
    std::string body;
    [[nodiscard]] Json json() const { return Json::parse(body); }
};

// The real loop with clocks that a test can set forward. What was due at a time before stays due then.
class ForwardLoop : public Loop {
  public:
    void forward(Duration by) { ahead_ += by; }
    [[nodiscard]] MonoTime now() const override { return real_->now() + ahead_; }
    [[nodiscard]] WallTime wall() const override { return real_->wall() + ahead_; }
    [[nodiscard]] Watch watch(int fd, Interest interest, std::function<void(Ready)> on_ready) override {
        return real_->watch(fd, interest, std::move(on_ready));
    }
    [[nodiscard]] Timer at(MonoTime at, std::function<void()> on_due) override {
        return real_->at(at - ahead_, std::move(on_due));
    }
    void post(std::function<void()> task) override { real_->post(std::move(task)); }
    void run() override { real_->run(); }
    void stop() override { real_->stop(); }
    [[nodiscard]] Duration take_worst_lag() override { return real_->take_worst_lag(); }

  private:
    std::unique_ptr<Loop> real_ = make_epoll_loop().value();
    Duration ahead_{0};
};

class SiteTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        now_ns_ = loop_->wall().time_since_epoch().count();
        alarms_.now_ns = now_ns_;
        alarms_.component = kHostile;
        make_data();
        make_ledger();
        for (const char* name : {"stored", "confd", "authd", "polld", "alertd", "webd"}) serve(name);
        make_site();
        server_ = http::Server::make(
                      *loop_, http::ServerLimits{},
                      [this](std::shared_ptr<http::Request> request, const http::Responder& responder) {
                          site_->handle(std::move(request), responder);
                      },
                      protocol_error)
                      .value();
        ASSERT_TRUE(run_until([this] { return site_->config() && !site_->config()->devices.empty(); }));
    }
    void make_site() {
        site_ = std::make_unique<Site>(*loop_, Site::Parts{dir_, "AA:BB", [this](const std::string& daemon) {
                                                               return std::make_unique<ipc::Client>(
                                                                   *loop_, socket_of(daemon),
                                                                   wire::Hello{"webd", "0", 1});
                                                           }});
        site_->start();
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
        if (name == "alertd") alarms_.serve(*server);
        if (name == "polld") {
            server->on<wire::PollStatusRequest>(
                [this](ipc::Peer&, const wire::PollStatusRequest&, const ipc::Responder& responder) {
                    responder.reply(polls_);
                });
            server->on<wire::WhyRequest>(
                [this](ipc::Peer&, const wire::WhyRequest& request, const ipc::Responder& responder) {
                    why_asked_ = request;
                    if (!why_) return responder.fail(Error{ErrorCode::not_found, "not polled"});
                    responder.reply(*why_);
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
                status.history = {{0, now_ns_ - 9 * kDay, now_ns_ - 7200 * kSecond, 4000, 12},
                                  {3, now_ns_ - 400 * kDay, now_ns_ - 7200 * kSecond, 300, 14},
                                  {9, 1, 2, 3, 4}};  // of a stored to come
                status.state_bytes = 77;
                status.damaged_places = 2;
                status.impossible_stamps = 5;
                status.failing = failing_;
                status.failing_since_ns = failing_.empty() ? 0 : now_ns_;
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
        server.on<wire::LedgerRequest>(
            [this](ipc::Peer&, const wire::LedgerRequest& request, const ipc::Responder& responder) {
                ++ledgers_asked_;
                wire::LedgerReply reply;
                for (const wire::StoredLedger& entry : ledger_) {
                    const bool behind = request.before_sequence == 0 ||
                                        (entry.sequence != 0 && entry.sequence < request.before_sequence);
                    if (!behind) continue;
                    const std::size_t limit = std::min<std::size_t>(request.limit, kLedgerPage);
                    const auto open = static_cast<std::size_t>(
                        std::count_if(reply.entries.begin(), reply.entries.end(),
                                      [](const wire::StoredLedger& known) { return known.sequence == 0; }));
                    reply.more = reply.entries.size() == limit + open;
                    if (reply.more) reply.next_before = reply.entries.back().sequence;
                    if (reply.more) break;
                    reply.entries.push_back(entry);
                }
                if (damaged_) reply.damaged = {*damaged_};  // told by every part
                responder.reply(reply);
            });
        serve_facts(server);
        server.on<wire::EventsRequest>(
            [this](ipc::Peer&, const wire::EventsRequest& request, const ipc::Responder& responder) {
                wire::StateRecord record;
                record.device = "ups-1";
                record.stamp.wall_ns = now_ns_ - 100 * kSecond;
                record.kind = "device_down";
                record.reason = "timeout";
                if (request.alarms) return responder.reply(alarms_.steps(request.before_sequence));
                // Three parts: the one in the middle had nothing that was wanted.
                wire::EventsReply reply;
                if (request.before_sequence != 7)
                    reply.events = {{request.before_sequence == 0 ? 9U : 4U, record}};
                reply.more = request.before_sequence == 0 || request.before_sequence == 7;
                reply.next_before = request.before_sequence == 0 ? 7 : request.before_sequence == 7 ? 5 : 0;
                if (damaged_) reply.damaged = {*damaged_};
                responder.reply(reply);
            });
    }
    // Notes what was asked and answers with facts_.
    void serve_facts(ipc::Server& server) {
        server.on<wire::SearchRequest>(
            [this](ipc::Peer&, const wire::SearchRequest& request, const ipc::Responder& responder) {
                searched_ = request;
                responder.reply(facts_);
            });
        server.on<wire::StatesRequest>(
            [this](ipc::Peer&, const wire::StatesRequest& request, const ipc::Responder& responder) {
                states_asked_ = request;
                responder.reply(facts_);
            });
        server.on<wire::StateHistoryRequest>(
            [this](ipc::Peer&, const wire::StateHistoryRequest& request, const ipc::Responder& responder) {
                history_asked_ = request;
                responder.reply(facts_);
            });
    }
    // What is not over, what the disk had no room for, what was made into minutes, and damage.
    void make_ledger() {
        wire::LedgerRecord record;
        record.account = wire::Account::not_collected;
        record.device = "ups-1";
        record.from_ns = now_ns_ - 900 * kSecond;
        record.reason = "device_down";
        ledger_.push_back({0, record});
        record.device.clear();
        record.to_ns = now_ns_;
        record.first_sequence = 1;
        record.last_sequence = 5;
        record.account = wire::Account::dropped;
        record.reason = "size";
        ledger_.push_back({8, record});
        record.account = wire::Account::thinned;
        record.step_ns = 60 * kSecond;
        ledger_.push_back({7, record});
        record.step_ns = 0;
        for (std::uint64_t sequence = 6; sequence > 0; --sequence) {
            record.account = sequence == 4 ? wire::Account::damaged : wire::Account::dropped;
            ledger_.push_back({sequence, record});
        }
    }
    // Two rows a page, so that paging is seen to work.
    wire::LatestReply latest(const wire::LatestRequest& request) const {
        wire::LatestReply reply;
        for (const wire::LatestRow& row : rows_) {
            const bool wanted = (row.wall_ns != 0 || request.all) &&
                                (request.device.empty() || row.series.device == request.device) &&
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
    // A point every 30 s with the latest value of the series, but for the half hour before the last.
    void answer_points(const wire::RangeRequest& request, const ipc::Responder& responder) {
        wire::RangeReply reply;
        const std::int64_t hour = 3600 * kSecond;
        reply.complete_to_ns = std::min(request.to_ns, request.from_ns + hour);  // in parts
        for (const std::uint32_t id : request.series) {
            wire::RangeColumn& column = reply.columns.emplace_back();
            column.series = rows_[id - 1].series;
            constexpr std::int64_t kEvery = 30 * kSecond;
            for (auto at = (request.from_ns + kEvery - 1) / kEvery * kEvery; at < reply.complete_to_ns;
                 at += kEvery) {
                if (at >= now_ns_ || (at >= now_ns_ - hour && at < now_ns_ - hour / 2)) continue;
                column.wall_ns.push_back(at);
                column.gauges.push_back(rows_[id - 1].gauge);
            }
        }
        responder.reply(reply);
    }
    // Every third step is a gap; an answer holds at most half of the steps.
    void answer_range(const wire::RangeRequest& request, const ipc::Responder& responder) {
        ++ranges_asked_;
        if (request.step_ns == 0) return answer_points(request, responder);
        wire::RangeReply reply;
        const auto steps = (request.to_ns - request.from_ns) / request.step_ns;
        reply.complete_to_ns =
            steps > 4 ? request.from_ns + (steps / 2) * request.step_ns + 1 : request.to_ns;
        for (const std::uint32_t id : request.series) {
            if (id > rows_.size())
                return responder.fail(Error{ErrorCode::not_found, "series " + std::to_string(id)});
            wire::RangeColumn column;
            column.series = rows_[id - 1].series;
            column.resets = {request.from_ns, reply.complete_to_ns - 1};
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
        if (damaged_) reply.damaged = {*damaged_};  // told by every part
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
                session.role = role_;
                session.csrf = request.bearer ? "" : "good-csrf";
                session.bearer = request.bearer;
                session.must_change_password = must_change_password_;
                responder.reply(wire::CheckReply{session});
            });
        server.on<wire::LoginRequest>(
            [](ipc::Peer&, const wire::LoginRequest& request, const ipc::Responder& responder) {
                wire::LoginReply reply;
                if (request.user == "locked") reply = {wire::LoginOutcome::locked, 900, {}};
                if (request.user == "one-of-many") reply = {wire::LoginOutcome::busy, 1, {}};
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

    // To the beginning of a step of this length, so that a test does not cross into the next one.
    void enter_step(Duration step) {
        const Duration by = step - loop_->wall().time_since_epoch() % step;
        loop_->forward(by);
        now_ns_ += by.count();
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
    std::string failing_;  // what the store says
    std::unique_ptr<ForwardLoop> loop_ = std::make_unique<ForwardLoop>();
    std::map<std::string, std::unique_ptr<ipc::Server>> fakes_;
    wire::ConfigReply config_;
    wire::DeviceStatesReply states_;
    wire::PollStatusReply polls_;
    std::optional<wire::WhyReply> why_;
    wire::WhyRequest why_asked_;
    std::vector<wire::LatestRow> rows_;
    std::unique_ptr<Site> site_;
    std::unique_ptr<http::Server> server_;
    wire::CheckRequest last_check_;
    bool must_change_password_ = false;
    std::string logged_out_;
    wire::Role role_ = wire::Role::admin;
    FakeAlarms alarms_;
    int ranges_asked_ = 0;
    wire::FactsReply facts_;
    wire::SearchRequest searched_;
    wire::StatesRequest states_asked_;
    wire::StateHistoryRequest history_asked_;
    int ledgers_asked_ = 0;
    std::vector<wire::StoredLedger> ledger_;
    std::optional<wire::DamagedSpan> damaged_;
    Timer tick_;
};

}  // namespace outstation::webd
