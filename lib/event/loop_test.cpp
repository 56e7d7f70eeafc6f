// SPDX-License-Identifier: GPL-3.0-or-later
// The promises of loop.hpp, on both loops.
#include "lib/event/loop.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "lib/event/sim_loop.hpp"

namespace outstation {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<Loop> make_loop(const std::string& kind) {
    if (kind == "sim") return std::make_unique<SimLoop>();
    return make_epoll_loop().value();
}

class LoopTest : public testing::TestWithParam<const char*> {
  protected:
    std::unique_ptr<Loop> loop_ = make_loop(GetParam());
};

TEST_P(LoopTest, TimersRunInOrderOfTimeThenCreation) {
    std::string order;
    const auto base = loop_->now();
    const Timer late = loop_->at(base + 3ms, [&] {
        order += 'c';
        loop_->stop();
    });
    const Timer first = loop_->at(base + 1ms, [&] { order += 'a'; });
    const Timer second = loop_->at(base + 1ms, [&] { order += 'b'; });
    loop_->run();
    EXPECT_EQ(order, "abc");
}

TEST_P(LoopTest, ADestroyedTimerNeverRuns) {
    int runs = 0;
    const auto base = loop_->now();
    auto victim = std::make_unique<Timer>(loop_->at(base + 2ms, [&] { ++runs; }));
    const Timer killer = loop_->at(base + 1ms, [&] { victim.reset(); });
    const Timer end = loop_->at(base + 4ms, [&] { loop_->stop(); });
    loop_->run();
    EXPECT_EQ(runs, 0);
}

TEST_P(LoopTest, ATimerMayDestroyItsOwnHandle) {
    Timer self;
    bool ran = false;
    self = loop_->after(0ms, [&] {
        self.cancel();
        ran = true;
        loop_->stop();
    });
    loop_->run();
    EXPECT_TRUE(ran);
}

TEST_P(LoopTest, ATimerThatIsDueAtOnceDoesNotStarveTheRest) {
    int turns = 0;
    std::function<void()> again;
    Timer timer;
    again = [&] {
        if (++turns < 5) timer = loop_->after(0ms, again);
    };
    timer = loop_->after(0ms, again);
    bool posted = false;
    loop_->post([&] { posted = true; });
    const Timer end = loop_->after(5ms, [&] { loop_->stop(); });
    loop_->run();
    EXPECT_TRUE(posted);
    EXPECT_EQ(turns, 5);
}

TEST_P(LoopTest, HandlesMayOutliveTheLoop) {
    Timer timer = loop_->after(1s, [] {});
    Watch watch = loop_->watch(0, Interest::none, [](Ready) {});
    loop_.reset();
    timer.cancel();
    watch.set_interest(Interest::read);
    watch.cancel();
}

INSTANTIATE_TEST_SUITE_P(Both, LoopTest, testing::Values("epoll", "sim"));

TEST(EpollLoop, PostsFromAnotherThreadArrive) {
    const auto loop = make_epoll_loop().value();
    int sum = 0;
    std::thread other([&] {
        for (int i = 1; i <= 100; ++i) loop->post([&sum, i] { sum += i; });
        loop->post([&] { loop->stop(); });
    });
    loop->run();
    other.join();
    EXPECT_EQ(sum, 5050);
}

TEST(EpollLoop, WatchesAreLevelTriggeredAndCancelInsideTheCallback) {
    const auto loop = make_epoll_loop().value();
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    ASSERT_EQ(write(fds[1], "xy", 2), 2);
    std::string got;
    Watch watch;
    watch = loop->watch(fds[0], Interest::read, [&](Ready ready) {
        EXPECT_TRUE(ready.readable);
        char c = 0;
        ASSERT_EQ(read(fds[0], &c, 1), 1);
        got += c;
        if (got.size() == 2) {
            watch.cancel();
            loop->stop();
        }
    });
    loop->run();
    EXPECT_EQ(got, "xy");
    close(fds[0]);
    close(fds[1]);
}

TEST(EpollLoop, LagIsTheLongestTurn) {
    const auto loop = make_epoll_loop().value();
    const Timer timer = loop->after(0ms, [&] {
        std::this_thread::sleep_for(20ms);
        loop->stop();
    });
    loop->run();
    EXPECT_GE(loop->take_worst_lag(), 20ms);
    EXPECT_EQ(loop->take_worst_lag(), 0ms);
}

TEST(SimLoop, ADayPassesAtOnceAndTheWallClockCanStep) {
    SimLoop loop(WallTime(100s));
    int ticks = 0;
    Timer timer;
    std::function<void()> tick = [&] {
        ++ticks;
        timer = loop.after(1min, tick);
    };
    timer = loop.after(1min, tick);
    loop.advance(24h);
    EXPECT_EQ(ticks, 1440);
    EXPECT_EQ(loop.wall(), WallTime(100s + 24h));
    loop.step_wall(-48h);
    EXPECT_EQ(loop.wall(), WallTime(100s - 24h));
}

TEST(SimLoop, AFakeDescriptorIsServedWhileReady) {
    SimLoop loop;
    int served = 0;
    const Watch watch = loop.watch(1000, Interest::read, [&](Ready) {
        if (++served == 3) loop.set_ready(1000, Ready{});
    });
    loop.set_ready(1000, Ready{true, false});
    loop.advance(1s);
    EXPECT_EQ(served, 3);
}

}  // namespace
}  // namespace outstation
