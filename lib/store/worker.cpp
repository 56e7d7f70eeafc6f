// SPDX-License-Identifier: GPL-3.0-or-later
// The named thread.
#include "lib/store/worker.hpp"

#include <pthread.h>

namespace outstation::store {

ThreadWorker::ThreadWorker(std::string name) : thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), name.c_str());
}

ThreadWorker::~ThreadWorker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void ThreadWorker::submit(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void ThreadWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

}  // namespace outstation::store
