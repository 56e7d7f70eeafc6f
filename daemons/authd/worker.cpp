// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's thread.
#include "daemons/authd/worker.hpp"

#include <pthread.h>

#include <csignal>

namespace outstation::authd {
namespace {

// A login takes about 0.1 s here: whoever would wait longer than this is told to come back.
constexpr std::size_t most_waiting(Place place) {
    if (place == Place::stranger) return 24;
    return place == Place::known ? 32 : 64;
}

}  // namespace

ThreadWorker::ThreadWorker(Loop& loop) : loop_(loop), thread_([this] { work(); }) {}

ThreadWorker::~ThreadWorker() {
    *alive_ = false;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
    }
    changed_.notify_one();
    thread_.join();
}

bool ThreadWorker::run(Place place, std::function<void()> job, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= most_waiting(place)) return false;
        waiting_.push_back({std::move(job), std::move(done)});
    }
    changed_.notify_one();
    return true;
}

void ThreadWorker::work() {
    pthread_setname_np(pthread_self(), "worker");
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            task = std::move(waiting_.front());
            waiting_.pop_front();
        }
        task.job();
        loop_.post([alive = alive_, done = std::move(task.done)] {
            if (*alive) done();
        });
    }
}

}  // namespace outstation::authd
