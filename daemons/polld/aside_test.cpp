// SPDX-License-Identifier: GPL-3.0-or-later
// One piece after another, and the loop waits for none.
#include "daemons/polld/aside.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace outstation::polld {
namespace {

TEST(AsideTest, WhatComesWhileItIsBusyIsDoneAfterwards) {
    const auto loop = make_epoll_loop().value();
    Aside aside(*loop);
    std::atomic<bool> may_end{false};
    std::string done;
    aside.run(
        [&] {
            while (!may_end) std::this_thread::yield();
        },
        [&] { done += "1"; });
    aside.run([] {}, [&] { done += "2"; });
    aside.run([] {},
              [&] {
                  done += "3";
                  EXPECT_FALSE(aside.is_busy());
                  loop->stop();
              });
    EXPECT_TRUE(aside.is_busy());
    EXPECT_EQ(done, "") << "nobody waited for it here";
    may_end = true;
    loop->run();
    EXPECT_EQ(done, "123");
}

}  // namespace
}  // namespace outstation::polld
