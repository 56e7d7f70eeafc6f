// SPDX-License-Identifier: GPL-3.0-or-later
// The engine over TCP, with an agent on loopback that treats its connections as it likes.
#include "drivers/snmp/stream_link.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <list>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

// Answers from a table, over TCP.
class StreamAgent {
  public:
    StreamAgent(Loop& loop, FakeNetwork& agent) : loop_(loop), agent_(agent) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* raw = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(listener_.get(), raw, size), 0);
        EXPECT_EQ(listen(listener_.get(), 8), 0);
        EXPECT_EQ(getsockname(listener_.get(), raw, &size), 0);
        port = ntohs(address.sin_port);
        watch_ = loop_.watch(listener_.get(), Interest::read, [this](Ready) { accept_one(); });
    }
    void stop_listening() {
        watch_.cancel();
        listener_ = UniqueFd{};
    }

    std::uint16_t port = 0;
    int accepted = 0;
    int open = 0;
    int most_open = 0;
    bool closes_after_answers = false;
    std::function<std::string(std::string answer)> twist;  // what is sent for an answer
    int deaf = 0;  // so many connections, the first ones, are not read

  private:
    struct Peer {
        UniqueFd fd;
        Watch watch;
        MessageStream in;
    };
    void accept_one() {
        Peer& peer = peers_.emplace_back();
        peer.fd = UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        ASSERT_TRUE(peer.fd);
        most_open = std::max(most_open, ++open);
        if (++accepted > deaf)
            peer.watch = loop_.watch(peer.fd.get(), Interest::read, [this, &peer](Ready) { serve(peer); });
    }
    void serve(Peer& peer) {
        std::array<char, 4096> buffer;
        const ssize_t n = recv(peer.fd.get(), buffer.data(), buffer.size(), 0);
        if (n <= 0) {
            --open;
            peer.watch.cancel();
            return peer.fd.reset();
        }
        peer.in.append({buffer.data(), static_cast<std::size_t>(n)});
        for (std::string_view one = peer.in.take(); !one.empty(); one = peer.in.take()) {
            const std::string answer = agent_.answer_to(one);
            const std::string bytes = twist ? twist(answer) : answer;
            EXPECT_EQ(send(peer.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(bytes.size()));
            if (closes_after_answers) shutdown(peer.fd.get(), SHUT_RDWR);
        }
    }

    Loop& loop_;
    FakeNetwork& agent_;
    UniqueFd listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    Watch watch_;
    std::list<Peer> peers_;
};

class StreamTest : public testing::Test {
  protected:
    explicit StreamTest(Duration timeout = 30s) : engine_(*loop_, nullptr, nullptr, options(timeout)) {
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10"), oid("1.3.6.1.2.1.2.2.1.16")}, 4096});
        table_.mib[plan_->scalars[0]] = {Tag::time_ticks, encode_number(4711)};
        for (std::uint64_t row = 1; row <= 100; ++row) {
            for (const std::string& column : plan_->tables[0].columns)
                table_.mib[column + static_cast<char>(row)] = {Tag::counter32, encode_number(row)};
        }
    }
    static EngineOptions options(Duration timeout) {
        EngineOptions out;
        out.first_timeout = out.min_timeout = out.max_timeout = timeout;
        return out;
    }
    Cycle poll() {
        Cycle out;
        engine_.poll(device_, plan_, 60s, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            loop_->stop();
        });
        loop_->run();
        return out;
    }
    static void expect_whole(const Cycle& cycle) {
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        EXPECT_EQ(cycle.values, 201U);
    }
    [[nodiscard]] Target target() const {
        return {.address = Address::parse("127.0.0.1", agent_.port).value(),
                .security = {.community = "secret"},
                .transport = Transport::tcp};
    }

    SimLoop no_loop_;
    FakeNetwork table_{no_loop_};
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    StreamAgent agent_{*loop_, table_};
    Engine engine_;
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Engine::DeviceId device_ = engine_.add(target());
};

// As many descriptors as that, those that are open included, until it ends.
class FewDescriptors {
  public:
    explicit FewDescriptors(rlim_t most) {
        EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
        const rlimit few{most, before_.rlim_max};
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    }
    ~FewDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

  private:
    rlimit before_{};
};

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
#else
constexpr bool kIsSanitized = false;
#endif

class ImpatientStreamTest : public StreamTest {
  protected:
    ImpatientStreamTest() : StreamTest(300ms) {}
};

TEST_F(StreamTest, OneConnectionIsKept) {
    for (int i = 0; i < 3; ++i) {
        const Cycle cycle = poll();
        expect_whole(cycle);
        EXPECT_GT(cycle.requests, 2U);
    }
    EXPECT_EQ(agent_.accepted, 1);
    engine_.remove(device_);
    device_ = engine_.add(target());
    expect_whole(poll());
    EXPECT_EQ(agent_.accepted, 2);
}

TEST_F(StreamTest, AConnectionThatEndsIsOpenedAnew) {
    agent_.closes_after_answers = true;
    expect_whole(poll());
    EXPECT_GT(agent_.accepted, 2);
}

TEST_F(ImpatientStreamTest, AConnectionThatHangsIsLeft) {
    agent_.deaf = 1;
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_GE(cycle.timeouts, 1U);
    EXPECT_GE(agent_.accepted, 2);
}

TEST_F(StreamTest, WhereDescriptorsAreFewTheQuietConnectionMakesRoom) {
    constexpr int kDevices = 40;
    auto few = std::make_unique<FewDescriptors>(StreamLink::kLeftFree + 8);
    Engine engine(*loop_, nullptr, nullptr, options(30s));
    few.reset();
    std::vector<Engine::DeviceId> devices;
    for (int i = 0; i < kDevices; ++i) devices.push_back(engine.add(target()));
    for (int round = 0; round < 2; ++round) {
        int done = 0;
        for (const Engine::DeviceId device : devices) {
            engine.poll(device, plan_, 60s, [&](Engine::DeviceId, const Cycle& cycle) {
                expect_whole(cycle);
                if (++done == kDevices) loop_->stop();
            });
        }
        loop_->run();
    }
    EXPECT_LE(agent_.most_open, 16);  // 8, and as many that the agent has not seen the end of
    EXPECT_GT(agent_.accepted, kDevices);
}

// The next one is tried as soon as there are some.
TEST_F(StreamTest, ThatThereIsNoDescriptorIsNoWordAboutTheDevice) {
    if (kIsSanitized) GTEST_SKIP() << "UBSan opens a pipe to look at an object that it has not seen yet";
    auto none = std::make_unique<FewDescriptors>(3);
    const Timer later = loop_->after(100ms, [&none] { none.reset(); });
    expect_whole(poll());
    EXPECT_EQ(engine_.counters().send_errors, 0U);
}

TEST_F(StreamTest, NobodyThereIsToldAtOnce) {
    agent_.stop_listening();
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::refused);
    EXPECT_EQ(cycle.detail, "send: Connection refused");
    EXPECT_EQ(cycle.timeouts, 0U);
    EXPECT_FALSE(cycle.answered);
}

TEST_F(ImpatientStreamTest, WhatIsNoMessageEndsTheConnection) {
    agent_.twist = [](const std::string&) { return "HTTP/1.1 400 Bad Request\r\n\r\n"; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_EQ(agent_.accepted, 3);
    agent_.twist = nullptr;
    expect_whole(poll());
}

TEST_F(StreamTest, AnswersComeTwiceAndBehindOthers) {
    agent_.twist = [other = std::string()](const std::string& answer) mutable {
        return std::exchange(other, answer) + answer + answer;
    };
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.timeouts, 0U);
    EXPECT_GE(engine_.counters().late_or_unknown, 2 * cycle.requests - 2);  // the last ones may come later
}

}  // namespace
}  // namespace outstation::snmp
