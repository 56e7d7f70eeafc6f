// SPDX-License-Identifier: GPL-3.0-or-later
// One channel on a socket pair whose other end asks much and reads late, or never.
#include "lib/ipc/channel.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace outstation::ipc {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kAsk = 7;
constexpr std::uint16_t kAnswer = 8;
constexpr std::uint32_t kRequests = 4000;  // in one read
constexpr std::size_t kAnswerBytes = 65536;
// What the handler may see before it must have been stopped: the mark, and what the socket took.
constexpr std::uint32_t kFewRequests = 4 * kPauseQueuedBytes / kAnswerBytes;

class ChannelTest : public testing::Test {
  protected:
    void SetUp() override {
        int fds[2] = {-1, -1};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        peer_ = UniqueFd(fds[1]);
        channel_ =
            std::make_unique<Channel>(*loop_, UniqueFd(fds[0]),
                                      Channel::Events{[this](const Frame& frame) {
                                                          EXPECT_EQ(frame.id, ++handled_);
                                                          on_frame_(frame);
                                                      },
                                                      [this](const Error& error) { closed_ = error.text; }});
    }
    void ask(std::uint32_t requests) {
        std::string bytes;
        for (std::uint32_t id = 1; id <= requests; ++id) bytes += encode_header(kAsk, id, 0);
        ASSERT_LE(bytes.size(), 65536U);
        ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }
    void run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 60s;  // milliseconds, but for a sanitizer on a busy machine
        std::function<void()> look = [&] {
            if (done() || loop_->now() > end) return loop_->stop();
            tick_ = loop_->after(1ms, look);
        };
        tick_ = loop_->after(0ms, look);
        loop_->run();
        ASSERT_TRUE(done());
    }
    void run_some_turns() {
        int turns = 0;
        run_until([&] { return ++turns >= 20; });
    }
    // Takes what is there; the answers must come in the order of their requests.
    void read_answers() {
        char buffer[65536];
        for (ssize_t n = 0; (n = recv(peer_.get(), buffer, sizeof buffer, 0)) > 0;) {
            reader_.add(std::string_view(buffer, static_cast<std::size_t>(n)));
            for (Frame frame; reader_.next(frame).value();) {
                if (frame.id == 0) continue;  // pushed
                ASSERT_EQ(frame.id, ++answers_);
                ASSERT_EQ(frame.body.size(), kAnswerBytes);
            }
        }
    }
    void read_all_answers() {
        const Watch watch = loop_->watch(peer_.get(), Interest::read, [this](Ready) { read_answers(); });
        run_until([&] { return answers_ == kRequests; });
        EXPECT_EQ(handled_, kRequests);
        EXPECT_EQ(closed_, "");
    }

    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    UniqueFd peer_;
    std::string body_ = std::string(kAnswerBytes, 'x');
    std::function<void(const Frame&)> on_frame_ = [this](const Frame& frame) {
        EXPECT_TRUE(channel_->send(kAnswer, frame.id, body_));
    };
    std::uint32_t handled_ = 0;
    std::string closed_;
    FrameReader reader_;
    std::uint32_t answers_ = 0;
    Timer tick_;
    std::unique_ptr<Channel> channel_;
};

TEST_F(ChannelTest, APeerThatAsksButDoesNotReadIsAnsweredWhenItReads) {
    ask(kRequests);
    run_until([&] { return handled_ > 0; });
    run_some_turns();
    EXPECT_LT(handled_, kFewRequests);
    EXPECT_GE(channel_->queued_bytes(), kPauseQueuedBytes);
    EXPECT_LT(channel_->queued_bytes(), kPauseQueuedBytes + 2 * kAnswerBytes);
    read_all_answers();
}

// All input was read, and send() itself empties the queue: neither a readable socket nor what is queued
// brings the loop back to the requests that wait.
TEST_F(ChannelTest, RequestsThatWaitAreServedThoughAPushEmptiedTheQueue) {
    ask(kRequests);
    run_until([&] { return handled_ > 0; });
    const std::uint32_t before = handled_;
    ASSERT_LT(before, kFewRequests);
    while (channel_->queued_bytes() > 0) {
        read_answers();
        ASSERT_TRUE(channel_->send(kAnswer, 0, ""));
    }
    EXPECT_EQ(handled_, before);  // never from inside send()
    read_all_answers();
}

TEST_F(ChannelTest, WhatIsSentNextWaitsUntilThePeerHasRead) {
    ask(kFewRequests);
    run_until([&] { return handled_ > 0; });
    const std::string more = encode_header(kAsk, kFewRequests + 1, 0);
    ASSERT_GT(::send(peer_.get(), more.data(), more.size(), 0), 0);
    run_some_turns();
    EXPECT_LT(handled_, kFewRequests);
    const Watch watch = loop_->watch(peer_.get(), Interest::read, [this](Ready) { read_answers(); });
    run_until([&] { return answers_ == kFewRequests + 1; });
}

TEST_F(ChannelTest, AHandlerMayDestroyTheChannelWhenItGoesOn) {
    ask(kRequests);
    run_until([&] { return handled_ > 0; });
    const std::uint32_t before = handled_;
    ASSERT_LT(before, kFewRequests);
    on_frame_ = [this](const Frame&) { channel_.reset(); };
    const Watch watch = loop_->watch(peer_.get(), Interest::read, [this](Ready) { read_answers(); });
    run_until([&] { return channel_ == nullptr; });
    run_some_turns();
    EXPECT_EQ(handled_, before + 1);
    EXPECT_EQ(closed_, "");
}

TEST_F(ChannelTest, APeerThatGoesWhileItsRequestsWaitIsClosed) {
    ask(kRequests);
    run_until([&] { return handled_ > 0; });
    const std::uint32_t before = handled_;
    ASSERT_LT(before, kFewRequests);
    peer_.reset();
    run_until([&] { return !closed_.empty(); });
    EXPECT_EQ(handled_, before);
}

TEST_F(ChannelTest, NothingIsDeliveredAfterAnOverflow) {
    body_.resize(1U << 20);
    on_frame_ = [this](const Frame&) {
        while (channel_->send(kAnswer, 0, body_)) continue;
        EXPECT_FALSE(channel_->send(kAnswer, 0, ""));
        EXPECT_EQ(closed_, "");  // never from inside send()
    };
    ask(10);
    run_until([&] { return !closed_.empty(); });
    EXPECT_EQ(handled_, 1U);
    EXPECT_EQ(closed_, "the peer does not read");
}

}  // namespace
}  // namespace outstation::ipc
