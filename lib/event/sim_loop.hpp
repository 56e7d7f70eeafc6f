// SPDX-License-Identifier: GPL-3.0-or-later
// The loop's twin on virtual time: hours of timers run in milliseconds, the same way every time. For tests.
// Descriptors are not polled: a fake tells the loop that its descriptor is ready with set_ready().
// Threads: one, posts included.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "lib/event/loop.hpp"
#include "lib/event/timer_queue.hpp"

namespace outstation {

class SimLoop : public Loop {
  public:
    // Starts at monotonic 1000 s and at the given wall time.
    explicit SimLoop(WallTime wall = WallTime(std::chrono::seconds(1'700'000'000)));

    [[nodiscard]] MonoTime now() const override { return now_; }
    [[nodiscard]] WallTime wall() const override { return now_ - MonoTime{} + wall_offset_; }
    [[nodiscard]] Watch watch(int fd, Interest interest, std::function<void(Ready)> on_ready) override;
    [[nodiscard]] Timer at(MonoTime at, std::function<void()> on_due) override {
        return timers_.add(at, std::move(on_due));
    }
    void post(std::function<void()> task) override { posted_.push_back(std::move(task)); }
    // Runs until stop() or until nothing is left to happen.
    void run() override;
    void stop() override { stopping_ = true; }
    [[nodiscard]] Duration take_worst_lag() override { return Duration{0}; }

    // Runs everything that happens in the next `span` of virtual time, then stands at its end.
    void advance(Duration span);
    // Called from what the loop runs: it took so long, and what is due meanwhile is late.
    void spend(Duration time) { now_ += time; }
    // Steps the wall clock; the monotonic clock goes on.
    void step_wall(Duration by) { wall_offset_ += by; }
    // Marks a descriptor ready or not; level-triggered, so it is reported until cleared.
    void set_ready(int fd, Ready ready);

  private:
    struct Entry {
        std::uint64_t id;
        Interest interest;
        std::function<void(Ready)> on_ready;
    };
    using Watches = std::map<int, Entry>;
    class Handle;

    bool run_posted();
    bool run_ready();
    void settle();

    MonoTime now_{std::chrono::seconds(1000)};
    WallTime wall_offset_;
    detail::TimerQueue timers_;
    std::deque<std::function<void()>> posted_;
    std::shared_ptr<Watches> watches_ = std::make_shared<Watches>();
    std::map<int, Ready> ready_;
    std::uint64_t created_ = 0;
    bool stopping_ = false;
};

}  // namespace outstation
