// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of stored: the App over its real socket, with real files and threads, and a producer.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "daemons/stored/app.hpp"

namespace outstation::stored {

using namespace std::chrono_literals;

class TestContext : public runtime::Context {
  public:
    explicit TestContext(std::string directory) : directory_(std::move(directory)) {
        ipc::Server::Options options;
        options.path = directory_ + "/stored.sock";
        options.on_refused = [this](const std::string& text) {
            refused = text;
            ++times_refused;
        };
        server_ = ipc::Server::listen(*loop_, std::move(options)).value();
    }
    Loop& loop() override { return *loop_; }
    runtime::Log& log() override { return log_; }
    ipc::Server& server() override { return *server_; }
    std::unique_ptr<ipc::Client> client(const std::string& daemon) override {
        return peer(daemon, "stored", 1);
    }
    std::unique_ptr<ipc::Client> peer(const std::string& to, const std::string& from,
                                      std::uint64_t incarnation) {
        return std::make_unique<ipc::Client>(*loop_, directory_ + "/" + to + ".sock",
                                             wire::Hello{from, "0", incarnation});
    }
    const std::string& state_dir() const override { return directory_; }
    const std::string& run_dir() const override { return directory_; }
    std::uint64_t incarnation() const override { return 1; }
    Stamp stamp() override { return {}; }
    void fatal(const Error& error) override { died = error.text; }

    std::string refused;
    std::size_t times_refused = 0;
    std::string died;

  private:
    std::string directory_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    runtime::Log log_{"stored"};
    std::unique_ptr<ipc::Server> server_;
};

class StoredTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(directory_), nullptr);
        start();
    }
    void TearDown() override {
        producer_.reset();
        app_.reset();
        context_.reset();
        std::filesystem::remove_all(directory_);
    }
    // The first time, or again as after a crash.
    void start() {
        producer_.reset();
        app_.reset();
        context_.reset();
        context_ = std::make_unique<TestContext>(directory_);
        context_->log().set_level(runtime::Level::error);
        app_ = std::make_unique<App>();
        const auto started = app_->start(*context_);
        ASSERT_TRUE(started) << started.error().text;
        producer_ = connect(7);
    }
    std::unique_ptr<ipc::Client> connect(std::uint64_t incarnation) {
        auto client = context_->peer("stored", "polld", incarnation);
        client->start();
        return client;
    }
    void run_until(const std::function<bool()>& done) {
        const MonoTime end = context_->loop().now() + 20s;
        std::function<void()> look = [&] {
            if (done() || context_->loop().now() > end) return context_->loop().stop();
            tick_ = context_->loop().after(1ms, look);
        };
        tick_ = context_->loop().after(0ms, look);
        context_->loop().run();
        ASSERT_TRUE(done());
    }
    template <typename Reply, typename Request>
    Result<Reply> ask(const Request& request) {
        std::optional<Result<Reply>> out;
        producer_->request<Reply>(request, 5s, [&](Result<Reply> reply) { out = std::move(reply); });
        run_until([&] { return out.has_value(); });
        return out.value_or(fail(ErrorCode::timeout, "no answer"));
    }
    void define() {
        const auto sent = producer_->send(wire::DefineSeries{
            {{5, "sw-01", "if_in_octets_total", {{"if_name", "1"}}, SeriesKind::counter, "", 1.0}}});
        ASSERT_TRUE(sent);
    }
    static wire::AppendSamples batch(std::uint64_t counter, std::uint32_t series = 5) {
        wire::SampleRecord record;
        record.device = "sw-01";
        record.stamp.wall_ns = static_cast<std::int64_t>(1'700'000'000 + counter) * 1'000'000'000;
        record.counter_series = {series};
        record.counters = {counter * 100};
        return {counter, {record}};
    }
    static wire::AppendStates state(std::uint64_t counter, const std::string& kind) {
        wire::StateRecord record;
        record.device = "sw-01";
        record.kind = kind;
        record.reason = "timeout";
        return {counter, {record}};
    }
    void flush() {
        bool done = false;
        app_->drain([&] { done = true; });
        run_until([&] { return done; });
    }

    char directory_[32] = "/tmp/outstation-stored-XXXXXX";
    std::unique_ptr<TestContext> context_;
    std::unique_ptr<App> app_;
    std::unique_ptr<ipc::Client> producer_;
    Timer tick_;
};

}  // namespace outstation::stored
