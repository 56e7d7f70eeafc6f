// SPDX-License-Identifier: GPL-3.0-or-later
// Runs what blocks (scrypt, fsync) beside the loop, one job after the other. What waits is bounded by kind,
// so that a crowd of strangers at the login keeps neither a known person nor a file waiting for a place.
// Threads: call on the loop's.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "lib/event/loop.hpp"

namespace outstation::authd {

// Whose job it is: the later ones find a place where the earlier ones do not any more.
enum class Place { stranger, known, file };

class Worker {
  public:
    virtual ~Worker() = default;
    // `job` runs elsewhere, then `done` on the loop's thread. False and nothing when too much waits already.
    [[nodiscard]] virtual bool run(Place place, std::function<void()> job, std::function<void()> done) = 0;
};

// One thread. The destructor finishes the running job, drops those that wait, and calls nobody back.
class ThreadWorker : public Worker {
  public:
    explicit ThreadWorker(Loop& loop);
    ~ThreadWorker() override;
    ThreadWorker(const ThreadWorker&) = delete;
    ThreadWorker& operator=(const ThreadWorker&) = delete;
    [[nodiscard]] bool run(Place place, std::function<void()> job, std::function<void()> done) override;

  private:
    struct Task {
        std::function<void()> job;
        std::function<void()> done;
    };
    void work();

    Loop& loop_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace outstation::authd
