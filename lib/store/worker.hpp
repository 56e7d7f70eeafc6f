// SPDX-License-Identifier: GPL-3.0-or-later
// Where the store does what blocks: one named thread that runs tasks in order. Tests run them in place.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace outstation::store {

class Worker {
  public:
    virtual ~Worker() = default;
    virtual void submit(std::function<void()> task) = 0;
};

// Finishes what was submitted before its destructor returns.
class ThreadWorker : public Worker {
  public:
    explicit ThreadWorker(std::string name);  // at most 15 characters, as the system shows it
    ~ThreadWorker() override;
    ThreadWorker(const ThreadWorker&) = delete;
    ThreadWorker& operator=(const ThreadWorker&) = delete;
    void submit(std::function<void()> task) override;

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

// Runs each task inside submit(), for tests.
class InlineWorker : public Worker {
  public:
    void submit(std::function<void()> task) override { task(); }
};

}  // namespace outstation::store
