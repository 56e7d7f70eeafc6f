// SPDX-License-Identifier: GPL-3.0-or-later
// Virtual time: the clock jumps to the next timer whenever nothing else is to be done.
#include "lib/event/sim_loop.hpp"

#include <vector>

namespace outstation {

class SimLoop::Handle : public detail::Cancellable {
  public:
    Handle(std::weak_ptr<Watches> watches, int fd, std::uint64_t id)
        : watches_(std::move(watches)), fd_(fd), id_(id) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override {
        if (const auto watches = watches_.lock()) {
            const auto it = watches->find(fd_);
            if (it != watches->end() && it->second.id == id_) watches->erase(it);
        }
    }
    void set_interest(Interest interest) override {
        if (const auto watches = watches_.lock()) {
            const auto it = watches->find(fd_);
            if (it != watches->end() && it->second.id == id_) it->second.interest = interest;
        }
    }

  private:
    std::weak_ptr<Watches> watches_;
    int fd_;
    std::uint64_t id_;
};

SimLoop::SimLoop(WallTime wall) : wall_offset_(wall - (now_ - MonoTime{})) {}

Watch SimLoop::watch(int fd, Interest interest, std::function<void(Ready)> on_ready) {
    const std::uint64_t id = ++created_;
    (*watches_)[fd] = Entry{id, interest, std::move(on_ready)};
    return Watch(std::make_unique<Handle>(watches_, fd, id));
}

void SimLoop::set_ready(int fd, Ready ready) {
    ready_[fd] = ready;
}

bool SimLoop::run_posted() {
    std::deque<std::function<void()>> tasks;
    tasks.swap(posted_);
    for (auto& task : tasks) task();
    return !tasks.empty();
}

bool SimLoop::run_ready() {
    std::vector<int> fds;
    for (const auto& [fd, entry] : *watches_) fds.push_back(fd);
    bool any = false;
    for (const int fd : fds) {
        const auto it = watches_->find(fd);
        if (it == watches_->end()) continue;
        const auto bits = static_cast<unsigned>(it->second.interest);
        const Ready state = ready_[fd];
        const Ready wanted{state.readable && (bits & 1U) != 0, state.writable && (bits & 2U) != 0};
        if (!wanted.readable && !wanted.writable) continue;
        any = true;
        const auto on_ready = it->second.on_ready;
        on_ready(wanted);
    }
    return any;
}

// Does everything that can be done without time passing. A descriptor that stays ready is served once a turn.
void SimLoop::settle() {
    for (int turn = 0; turn < 100000 && !stopping_; ++turn) {
        timers_.run_due(now_);
        const bool posted = run_posted();
        const bool ready = run_ready();
        const auto next = timers_.next();
        if (!posted && !ready && !(next && *next <= now_)) return;
    }
}

void SimLoop::advance(Duration span) {
    const MonoTime end = now_ + span;
    settle();
    for (auto next = timers_.next(); next && *next <= end; next = timers_.next()) {
        now_ = std::max(now_, *next);
        settle();
    }
    now_ = std::max(now_, end);
}

void SimLoop::run() {
    stopping_ = false;
    settle();
    for (auto next = timers_.next(); next && !stopping_; next = timers_.next()) {
        now_ = std::max(now_, *next);
        settle();
    }
}

}  // namespace outstation
