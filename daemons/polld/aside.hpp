// SPDX-License-Identifier: GPL-3.0-or-later
// Work that would keep the loop from its devices, on a thread of its own, one piece after another. Threads:
// the loop's, but for the work. Ownership: the loop outlives it.
#pragma once

#include <pthread.h>

#include <csignal>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "lib/event/loop.hpp"

namespace outstation::polld {

class Aside {
  public:
    explicit Aside(Loop& loop) : loop_(loop) {}
    // Waits for what is being done, and calls nobody back.
    ~Aside() { wait(); }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

    // Until the work is done; what comes then is the loop's.
    void wait() {
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool is_busy() const { return is_busy_; }
    // Must not be called while it is busy. `then` runs in the loop.
    void run(std::function<void()> work, std::function<void()> then) {
        wait();
        is_busy_ = true;
        thread_ = std::thread(
            [this, alive = std::weak_ptr<bool>(alive_), work = std::move(work), then = std::move(then)] {
                pthread_setname_np(pthread_self(), "aside");
                sigset_t all;
                sigfillset(&all);
                pthread_sigmask(SIG_BLOCK, &all, nullptr);
                work();
                loop_.post([this, alive, then] {
                    if (alive.expired()) return;
                    is_busy_ = false;
                    then();
                });
            });
    }

  private:
    Loop& loop_;
    bool is_busy_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

}  // namespace outstation::polld
