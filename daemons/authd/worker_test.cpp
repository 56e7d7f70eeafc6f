// SPDX-License-Identifier: GPL-3.0-or-later
// The worker thread: order, limit, and who gives way to whom.
#include "daemons/authd/worker.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;

TEST(ThreadWorkerTest, RunsJobsInOrderAndCallsBackOnTheLoop) {
    const auto loop = make_epoll_loop().value();
    std::vector<int> order;
    {
        ThreadWorker worker(*loop);
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(worker.run(
                Place::file, [] {},
                [&, i] {
                    order.push_back(i);
                    if (i == 2) loop->stop();
                }));
        }
        loop->run();
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(ThreadWorkerTest, HasALimitAndStopsWithWorkWaiting) {
    const auto loop = make_epoll_loop().value();
    ThreadWorker worker(*loop);
    int taken = 0;
    while (taken < 1000 && worker.run(
                               Place::file, [] { std::this_thread::sleep_for(2ms); }, [] { FAIL(); }))
        ++taken;
    EXPECT_LT(taken, 100);
    EXPECT_FALSE(worker.run(
        Place::known, [] {}, [] { FAIL(); }));
}

TEST(ThreadWorkerTest, StrangersLeaveRoomForKnownPeopleAndFiles) {
    const auto loop = make_epoll_loop().value();
    std::mutex hold;
    ThreadWorker worker(*loop);
    const std::lock_guard held(hold);
    const auto wait = [&hold] { const std::lock_guard until(hold); };
    const auto nothing = [] {};
    for (int i = 0; i < 100; ++i)
        (void)worker.run(Place::stranger, i == 0 ? std::function<void()>(wait) : nothing, nothing);
    EXPECT_FALSE(worker.run(Place::stranger, nothing, nothing));
    EXPECT_TRUE(worker.run(Place::known, nothing, nothing));
    EXPECT_TRUE(worker.run(Place::file, nothing, nothing));
}

}  // namespace
}  // namespace outstation::authd
