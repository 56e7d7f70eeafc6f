// SPDX-License-Identifier: GPL-3.0-or-later
// probed's App over its socket, with real sockets on loopback: what it answers, refuses, and is told not to
// do.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>

#include "daemons/probed/app.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::probed {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kLoopback = 0x7f000001;

class TestContext : public runtime::Context {
  public:
    explicit TestContext(std::string directory) : directory_(std::move(directory)) {
        ipc::Server::Options options;
        options.path = directory_ + "/probed.sock";
        server_ = ipc::Server::listen(*loop_, std::move(options)).value();
    }
    Loop& loop() override { return *loop_; }
    runtime::Log& log() override { return log_; }
    ipc::Server& server() override { return *server_; }
    std::unique_ptr<ipc::Client> client(const std::string& daemon) override {
        return std::make_unique<ipc::Client>(*loop_, directory_ + "/" + daemon + ".sock",
                                             wire::Hello{"polld", "0", 1});
    }
    const std::string& state_dir() const override { return directory_; }
    const std::string& run_dir() const override { return directory_; }
    std::uint64_t incarnation() const override { return 1; }
    Stamp stamp() override { return {}; }
    void fatal(const Error& error) override { ADD_FAILURE() << error.text; }

  private:
    std::string directory_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    runtime::Log log_{"probed"};
    std::unique_ptr<ipc::Server> server_;
};

class ProbedTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        context_ = std::make_unique<TestContext>(dir_);
        asker_ = context_->client("probed");
        asker_->on_connected([this] { context_->loop().stop(); });
    }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    Result<void> configure(const std::string& text) {
        auto document = config::Document::parse(text, "probed.yaml");
        app_.stage(document.root());
        const auto checked = document.check();
        if (checked) app_.commit();
        return checked;
    }
    void start(const std::string& text) {
        ASSERT_TRUE(configure(text));
        ASSERT_TRUE(app_.start(*context_));
        asker_->start();
        if (!asker_->connected()) context_->loop().run();
    }
    Result<wire::ProbeReply> ask(const wire::ProbeRequest& request) {
        Result<wire::ProbeReply> out = fail(ErrorCode::bug, "no answer");
        asker_->request<wire::ProbeReply>(request, 60s, [&](Result<wire::ProbeReply> reply) {
            out = std::move(reply);
            context_->loop().stop();
        });
        context_->loop().run();
        return out;
    }

    char dir_[32] = "/tmp/outstation-probed-XXXXXX";
    std::unique_ptr<TestContext> context_;
    App app_;
    std::unique_ptr<ipc::Client> asker_;
};

// A port of loopback that listens, or that did.
std::uint16_t make_port(UniqueFd& fd) {
    fd = UniqueFd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(kLoopback);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd.get(), 8), 0);
    EXPECT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
}

TEST_F(ProbedTest, AnswersWhichPortsAreOpenAndThatTheAddressIsItsOwn) {
    UniqueFd listener;
    UniqueFd gone;
    const std::uint32_t open = make_port(listener);
    const std::uint32_t closed = make_port(gone);
    gone.reset();
    start("{ping: false, ipmi: false}");
    const auto reply = ask({{kLoopback, kLoopback + 1}, {open, closed}});
    ASSERT_TRUE(reply) << reply.error().text;
    ASSERT_EQ(reply->addresses.size(), 2U);
    EXPECT_EQ(reply->addresses[0].address, kLoopback);
    EXPECT_EQ(reply->addresses[0].open_ports, std::vector<std::uint32_t>{open});
    EXPECT_EQ(reply->addresses[0].refused_ports, std::vector<std::uint32_t>{closed});
    EXPECT_TRUE(reply->addresses[0].is_own);
    EXPECT_FALSE(reply->addresses[0].has_echo);
    EXPECT_FALSE(reply->addresses[0].has_pong);
    EXPECT_EQ(reply->addresses[1].refused_ports, (std::vector<std::uint32_t>{open, closed}));
    EXPECT_EQ(reply->icmp_problem, "turned off by the configuration of probed");
}

TEST_F(ProbedTest, ThePortsOfItsConfigurationAreLookedAtWhenNobodySaysOthers) {
    UniqueFd listener;
    start("{ping: false, ipmi: false, tcp_ports: [" + std::to_string(make_port(listener)) + "]}");
    EXPECT_EQ(ask({{kLoopback}})->addresses.at(0).open_ports.size(), 1U);
    ASSERT_TRUE(configure("{ping: false, ipmi: false, tcp_ports: []}"));
    const auto reply = ask({{kLoopback}});
    EXPECT_TRUE(reply->addresses.at(0).open_ports.empty());
    EXPECT_TRUE(reply->addresses.at(0).refused_ports.empty());
}

TEST_F(ProbedTest, QuestionsThatMeanNothingAreRefused) {
    start("");
    EXPECT_EQ(
        ask({std::vector<std::uint32_t>(wire::ProbeRequest::kMostAddresses + 1, kLoopback)}).error().code,
        ErrorCode::malformed);
    EXPECT_EQ(
        ask({{kLoopback}, std::vector<std::uint32_t>(wire::ProbeRequest::kMostPorts + 1, 80)}).error().code,
        ErrorCode::malformed);
    EXPECT_EQ(ask({{kLoopback}, {0}}).error().code, ErrorCode::malformed);
    EXPECT_EQ(ask({{kLoopback}, {65536}}).error().code, ErrorCode::malformed);
    EXPECT_TRUE(ask({{}})->addresses.empty());
}

TEST_F(ProbedTest, ItsConfigurationIsCheckedAsAWhole) {
    for (const char* wrong :
         {"tcp_ports: [0]", "tcp_ports: [65536]", "tcp_ports: [http]", "tcp_ports: [443, 80x]",
          "addresses_per_second: 0", "addresses_per_second: 201", "ping: maybe", "icmp: true",
          "tcp_ports: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"})
        EXPECT_FALSE(configure(wrong)) << wrong;
    EXPECT_TRUE(configure("{ping: true, ipmi: true, tcp_ports: [443, 22], addresses_per_second: 10}"));
}

}  // namespace
}  // namespace outstation::probed
