// SPDX-License-Identifier: GPL-3.0-or-later
// A real socket pair of server and client on one loop: requests, pushes, loss, and peers that misbehave.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "lib/ipc/client.hpp"
#include "lib/ipc/server.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ipc {
namespace {

using namespace std::chrono_literals;

class IpcTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        path_ = std::string(dir_) + "/test.sock";
        serve();
        client_ = std::make_unique<Client>(*loop_, path_, wire::Hello{"test", "0", 7});
        client_->on_connected([this] { ++connects_; });
    }
    void TearDown() override {
        client_.reset();
        server_.reset();
        unlink((path_ + ".lock").c_str());
        EXPECT_EQ(rmdir(dir_), 0);
    }
    void serve() {
        Server::Options options;
        options.path = path_;
        options.hello_within = hello_within_;
        options.on_refused = [this](const std::string& text) { refused_ = text; };
        auto server = Server::listen(*loop_, std::move(options));
        ASSERT_TRUE(server) << server.error().text;
        server_ = std::move(*server);
        server_->on<wire::EventsRequest>(
            [this](Peer& peer, const wire::EventsRequest& request, const Responder& responder) {
                EXPECT_EQ(peer.hello().incarnation, 7U);
                if (request.device == "bad")
                    return responder.fail(Error{ErrorCode::not_found, "no such device"});
                if (request.device == "silent") return held_.push_back(responder);
                peer.push(wire::DurableMark{StreamId::samples, 41});
                responder.reply(wire::EventsReply{{}, request.limit == 9});
            });
    }
    // Runs the loop until `done`, which takes milliseconds; under a sanitizer on a busy machine it may take
    // long.
    void run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 20s;
        std::function<void()> look = [&] {
            if (done() || loop_->now() > end) return loop_->stop();
            tick_ = loop_->after(1ms, look);
        };
        tick_ = loop_->after(0ms, look);
        loop_->run();
        ASSERT_TRUE(done());
    }
    UniqueFd raw_connection() const {
        UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.data(), path_.size());
        EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return fd;
    }

    char dir_[32] = "/tmp/outstation-ipc-XXXXXX";
    std::string path_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<Server> server_;
    std::unique_ptr<Client> client_;
    std::vector<Responder> held_;
    std::string refused_;
    Duration hello_within_ = 10s;
    Timer tick_;
    int connects_ = 0;
};

// The worked example of docs/formats/ipc.md.
TEST(IpcFormat, TheDocumentedFrameIsTheseBytes) {
    const std::string bytes("\x07\x00\x00\x00\x72\x00\x00\x00\x09\x00\x00\x00\x0a\x03ups\x18\x05", 19);
    const std::string body = wire::encode(wire::EventsRequest{"ups", 0, 5, false});
    EXPECT_EQ(encode_header(wire::EventsRequest::kType, 9, body.size()) + body, bytes);
    FrameReader reader;
    reader.add(bytes);
    Frame frame;
    ASSERT_TRUE(reader.next(frame).value());
    EXPECT_EQ(frame.type, 114);
    EXPECT_EQ(frame.id, 9U);
    EXPECT_EQ(wire::decode<wire::EventsRequest>(frame.body).value().device, "ups");
}

// Two daemons of one name: the first keeps its socket.
TEST_F(IpcTest, ASecondServerIsRefusedWhileTheFirstLives) {
    Server::Options options;
    options.path = path_;
    const auto second = Server::listen(*loop_, options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::refused);
    EXPECT_EQ(second.error().text, "another process serves " + path_ + " already");
    client_->start();
    run_until([&] { return client_->connected(); });
    server_.reset();
    EXPECT_TRUE(Server::listen(*loop_, options));
}

// A process that was killed leaves its socket and its lock file.
TEST_F(IpcTest, WhatAKilledServerLeftIsReplaced) {
    server_.reset();
    {
        const UniqueFd left(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.data(), path_.size());
        ASSERT_EQ(bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    serve();
    client_->start();
    run_until([&] { return client_->connected(); });
}

TEST_F(IpcTest, APeerThatSaysNothingIsCutOff) {
    server_.reset();
    hello_within_ = 20ms;
    serve();
    const UniqueFd silent = raw_connection();
    run_until([&] { return !refused_.empty(); });
    EXPECT_NE(refused_.find("no Hello in time"), std::string::npos);
    EXPECT_EQ(server_->peers(), 0U);
    client_->start();
    run_until([&] { return client_->connected(); });
    run_until([&, until = loop_->now() + 60ms] { return loop_->now() > until; });
    EXPECT_TRUE(client_->connected());
}

// Without descriptors the server waits; it does not spin, and goes on when there are some again.
TEST_F(IpcTest, RunningOutOfDescriptorsDoesNotSpinTheLoop) {
    const UniqueFd waiting = raw_connection();
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 3;  // the descriptors that are open stay so
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    std::uint64_t turns = 0;
    const MonoTime end = loop_->now() + 50ms;
    std::function<void()> count = [&] {
        ++turns;
        if (loop_->now() > end) return loop_->stop();
        tick_ = loop_->after(10ms, count);
    };
    tick_ = loop_->after(10ms, count);
    const std::clock_t cpu = std::clock();
    loop_->run();
    const auto used = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LT(used, 0.025) << turns;
    EXPECT_EQ(server_->peers(), 0U);
    run_until([&] { return server_->peers() == 1; });
}

TEST(IpcFormat, ManySmallFramesInOneReadAreTakenOneByOne) {
    FrameReader reader;
    std::string bytes;
    for (std::uint32_t id = 0; id < 1000; ++id)
        bytes += encode_header(7, id, id % 3) + std::string(id % 3, 'x');
    const std::size_t cut = bytes.size() / 2 + 5;
    reader.add(std::string_view(bytes).substr(0, cut));
    std::uint32_t taken = 0;
    Frame frame;
    const auto take = [&] {
        while (reader.next(frame).value()) {
            EXPECT_EQ(frame.id, taken);
            EXPECT_EQ(frame.body, std::string(taken % 3, 'x'));
            ++taken;
        }
    };
    take();
    reader.add(std::string_view(bytes).substr(cut));
    take();
    EXPECT_EQ(taken, 1000U);
}

TEST_F(IpcTest, AskAnswerPushAndError) {
    std::uint64_t mark = 0;
    bool more = false;
    std::string error;
    client_->on_push<wire::DurableMark>([&](const wire::DurableMark& push) { mark = push.sequence; });
    client_->start();
    client_->request<wire::EventsReply>(
        wire::EventsRequest{"sw", 0, 9, false}, 1s,
        [&](Result<wire::EventsReply> reply) { more = reply && reply->more; });
    client_->request<wire::EventsReply>(
        wire::EventsRequest{"bad", 0, 0, false}, 1s,
        [&](Result<wire::EventsReply> reply) { error = reply ? "none" : reply.error().text; });
    run_until([&] { return !error.empty(); });
    EXPECT_TRUE(more);
    EXPECT_EQ(mark, 41U);
    EXPECT_EQ(error, "no such device");
}

TEST_F(IpcTest, NoAnswerIsATimeout) {
    Result<wire::EventsReply> result;
    bool called = false;
    client_->start();
    client_->request<wire::EventsReply>(wire::EventsRequest{"silent", 0, 0, false}, 20ms,
                                        [&](Result<wire::EventsReply> reply) {
                                            result = std::move(reply);
                                            called = true;
                                        });
    run_until([&] { return called; });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::timeout);
}

TEST_F(IpcTest, ALostServerFailsWhatIsPendingAndIsFoundAgain) {
    ErrorCode code = ErrorCode::bug;
    bool lost = false;
    client_->on_disconnected([&](const Error&) { lost = true; });
    client_->start();
    client_->request<wire::EventsReply>(wire::EventsRequest{"silent", 0, 0, false}, 10s,
                                        [&](Result<wire::EventsReply> reply) { code = reply.error().code; });
    run_until([&] { return !held_.empty(); });
    server_.reset();
    run_until([&] { return lost; });
    EXPECT_EQ(code, ErrorCode::io);
    EXPECT_FALSE(client_->connected());
    held_.front().fail(Error{ErrorCode::io, "late"});  // the peer is gone: nothing happens
    serve();
    run_until([&] { return connects_ == 2; });
}

TEST_F(IpcTest, AskingWithoutAConnectionFailsAtOnce) {
    ErrorCode code = ErrorCode::bug;
    bool inside = true;
    client_->request<wire::EventsReply>(wire::EventsRequest{}, 10s, [&](Result<wire::EventsReply> reply) {
        EXPECT_FALSE(inside);
        code = reply.error().code;
    });
    inside = false;
    run_until([&] { return code != ErrorCode::bug; });
    EXPECT_EQ(code, ErrorCode::io);
}

TEST_F(IpcTest, MalformedPeersAreCutOff) {
    const std::string hello = encode_header(wire::Hello::kType, 0, 0);
    const std::string attacks[] = {
        std::string(12, '\xff'),                                           // a body of 4 GiB, reserved bits
        encode_header(wire::EventsRequest::kType, 1, 0),                   // no Hello
        hello + encode_header(wire::EventsRequest::kType, 1, 1) + "\x0a",  // a cut field
    };
    for (const std::string& attack : attacks) {
        refused_.clear();
        const UniqueFd fd = raw_connection();
        ASSERT_EQ(send(fd.get(), attack.data(), attack.size(), 0), static_cast<ssize_t>(attack.size()));
        run_until([&] { return !refused_.empty(); });
        run_until([&] {
            char byte = 0;
            return recv(fd.get(), &byte, 1, MSG_DONTWAIT) == 0;
        });
        EXPECT_EQ(server_->peers(), 0U);
    }
}

// Several frames may come in one read: what follows the bad one is not served, and nothing falls over.
TEST_F(IpcTest, FramesBehindAMalformedOneAreIgnored) {
    const UniqueFd fd = raw_connection();
    const std::string bad = encode_header(wire::Hello::kType, 0, 1) + "\xff";
    const std::string all = bad + bad + bad;
    ASSERT_EQ(::send(fd.get(), all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
    run_until([&] { return !refused_.empty() && server_->peers() == 0; });
}

TEST_F(IpcTest, UnknownRequestsOfANewerPeerAreAnsweredNotCutOff) {
    std::string error;
    client_->start();
    client_->request<wire::EventsReply>(wire::StoreStatusRequest{}, 1s,
                                        [&](Result<wire::EventsReply> reply) { error = reply.error().text; });
    run_until([&] { return !error.empty(); });
    EXPECT_EQ(error, "unknown request 116");
    EXPECT_EQ(server_->peers(), 1U);
}

TEST_F(IpcTest, AReaderThatDoesNotReadIsCutOff) {
    const UniqueFd fd = raw_connection();
    const std::string hello =
        encode_header(wire::Hello::kType, 0, 0) + encode_header(wire::LogLevelRequest::kType, 5, 0);
    Peer* slow = nullptr;
    server_->on<wire::LogLevelRequest>(
        [&](Peer& peer, const wire::LogLevelRequest&, const Responder&) { slow = &peer; });
    ASSERT_GT(send(fd.get(), hello.data(), hello.size(), 0), 0);
    run_until([&] { return slow != nullptr; });
    const std::string body(1U << 20, 'x');
    for (std::size_t i = 0; i < 80; ++i) slow->send(99, 0, body);
    EXPECT_LT(slow->queued_bytes(), kMaxQueuedBytes + 2 * body.size());
    run_until([&] { return server_->peers() == 0; });
    EXPECT_NE(refused_.find("does not read"), std::string::npos);
}

}  // namespace
}  // namespace outstation::ipc
