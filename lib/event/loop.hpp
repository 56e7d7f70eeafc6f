// SPDX-License-Identifier: GPL-3.0-or-later
// The event loop behind a facade of our own: watches, timers, posts, clocks. Two implementations: EpollLoop
// (real) and SimLoop (virtual time, for tests). Nothing here knows a protocol. Threads: everything is called
// on the loop's thread, except post(), which any thread may call. Ownership: a Watch or Timer cancels in its
// destructor; a callback is never called after that.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>

#include "lib/model/result.hpp"

namespace outstation {

using Duration = std::chrono::nanoseconds;

// CLOCK_MONOTONIC; only differences mean something, and only within one boot.
struct MonotonicClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
using MonoTime = MonotonicClock::time_point;

// Nanoseconds since 1970-01-01 UTC, as the box's clock has it; it can step.
using WallTime = std::chrono::sys_time<Duration>;

enum class Interest : std::uint8_t { none = 0, read = 1, write = 2, both = 3 };

// What is ready. An error or hang-up is reported as both, so that the next system call tells the reason.
struct Ready {
    bool readable = false;
    bool writable = false;
};

class Loop;

namespace detail {
struct Cancellable {
    virtual ~Cancellable() = default;
    virtual void set_interest(Interest) {}
};
}  // namespace detail

// Cancels in its destructor. Empty handles are allowed.
class [[nodiscard]] Timer {
  public:
    Timer() = default;
    explicit Timer(std::unique_ptr<detail::Cancellable> state) : state_(std::move(state)) {}
    void cancel() { state_.reset(); }
    [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

  private:
    std::unique_ptr<detail::Cancellable> state_;
};

// Cancels in its destructor; does not close the descriptor, which must outlive it.
class [[nodiscard]] Watch {
  public:
    Watch() = default;
    explicit Watch(std::unique_ptr<detail::Cancellable> state) : state_(std::move(state)) {}
    void set_interest(Interest interest) {
        if (state_) state_->set_interest(interest);
    }
    void cancel() { state_.reset(); }
    [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

  private:
    std::unique_ptr<detail::Cancellable> state_;
};

class Loop {
  public:
    virtual ~Loop() = default;

    [[nodiscard]] virtual MonoTime now() const = 0;   // taken once a turn of the loop
    [[nodiscard]] virtual WallTime wall() const = 0;  // read from the clock at each call

    // Calls on_ready on each turn in which the descriptor is ready (level-triggered).
    [[nodiscard]] virtual Watch watch(int fd, Interest interest, std::function<void(Ready)> on_ready) = 0;

    // Calls on_due once, at or after `at`. Timers that are due at the same time run in the order of `at`,
    // then of creation.
    [[nodiscard]] virtual Timer at(MonoTime at, std::function<void()> on_due) = 0;
    [[nodiscard]] Timer after(Duration delay, std::function<void()> on_due) {
        return at(now() + delay, std::move(on_due));
    }

    // Runs `task` on the loop's thread in a later turn. Any thread.
    virtual void post(std::function<void()> task) = 0;

    // Runs until stop(). A task that throws ends the process: exceptions do not cross the loop.
    virtual void run() = 0;
    virtual void stop() = 0;

    // The longest time one turn kept the loop from looking at its descriptors, since the last call. Resets.
    [[nodiscard]] virtual Duration take_worst_lag() = 0;
};

// The real loop: epoll, one timer heap, an eventfd for post(). Fails with io when the kernel refuses
// descriptors.
[[nodiscard]] Result<std::unique_ptr<Loop>> make_epoll_loop();

}  // namespace outstation
