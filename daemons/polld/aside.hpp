// SPDX-License-Identifier: GPL-3.0-or-later
// Work that would keep the loop from its devices, on a thread of its own, one piece after another. Threads:
// the loop's, but for the work. Ownership: the loop outlives it.
#pragma once

#include <pthread.h>

#include <csignal>
#include <deque>
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
    // After what was given before, without waiting for it. `then` runs in the loop.
    void run(std::function<void()> work, std::function<void()> then) {
        if (is_busy_) return waiting_.push_back({std::move(work), std::move(then)});
        begin({std::move(work), std::move(then)});
    }

  private:
    struct Piece {
        std::function<void()> work;
        std::function<void()> then;
    };
    void begin(Piece piece) {
        wait();  // the thread has posted, so it ends at once
        is_busy_ = true;
        thread_ = std::thread([this, alive = std::weak_ptr<bool>(alive_), piece = std::move(piece)] {
            pthread_setname_np(pthread_self(), "aside");
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_BLOCK, &all, nullptr);
            piece.work();
            loop_.post([this, alive, then = piece.then] {
                if (!alive.expired()) end(then);
            });
        });
    }
    void end(const std::function<void()>& then) {
        is_busy_ = false;
        if (!waiting_.empty()) {
            Piece next = std::move(waiting_.front());
            waiting_.pop_front();
            begin(std::move(next));
        }
        then();
    }

    Loop& loop_;
    bool is_busy_ = false;
    std::deque<Piece> waiting_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

}  // namespace outstation::polld
