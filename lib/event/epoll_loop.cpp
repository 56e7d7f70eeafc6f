// SPDX-License-Identifier: GPL-3.0-or-later
// The real loop: epoll for descriptors, a timer map, an eventfd for posts.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "lib/event/loop.hpp"
#include "lib/event/timer_queue.hpp"

namespace outstation {
namespace {

MonoTime read_monotonic() {
    timespec ts{};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return MonoTime(std::chrono::seconds(ts.tv_sec) + Duration(ts.tv_nsec));
}

std::uint32_t epoll_events(Interest interest) {
    const auto bits = static_cast<unsigned>(interest);
    std::uint32_t events = 0;
    if ((bits & 1U) != 0) events |= EPOLLIN;
    if ((bits & 2U) != 0) events |= EPOLLOUT;
    return events;
}

// Watches by descriptor. Shared with the handles, which may outlive the loop.
struct Watches {
    struct Entry {
        std::uint64_t id;
        std::function<void(Ready)> on_ready;
    };
    explicit Watches(int fd) : epoll_fd(fd) {}
    ~Watches() { close(epoll_fd); }
    Watches(const Watches&) = delete;
    Watches& operator=(const Watches&) = delete;

    int epoll_fd;
    std::unordered_map<int, std::shared_ptr<Entry>> by_fd;
};

class WatchHandle : public detail::Cancellable {
  public:
    WatchHandle(std::weak_ptr<Watches> watches, int fd, std::uint64_t id)
        : watches_(std::move(watches)), fd_(fd), id_(id) {}
    WatchHandle(const WatchHandle&) = delete;
    WatchHandle& operator=(const WatchHandle&) = delete;
    ~WatchHandle() override {
        const auto watches = watches_.lock();
        if (!watches || !owns(*watches)) return;
        epoll_ctl(watches->epoll_fd, EPOLL_CTL_DEL, fd_, nullptr);
        watches->by_fd.erase(fd_);
    }
    void set_interest(Interest interest) override {
        const auto watches = watches_.lock();
        if (!watches || !owns(*watches)) return;
        epoll_event event{};
        event.events = epoll_events(interest);
        event.data.fd = fd_;
        epoll_ctl(watches->epoll_fd, EPOLL_CTL_MOD, fd_, &event);
    }

  private:
    [[nodiscard]] bool owns(const Watches& watches) const {
        const auto it = watches.by_fd.find(fd_);
        return it != watches.by_fd.end() && it->second->id == id_;
    }
    std::weak_ptr<Watches> watches_;
    int fd_;
    std::uint64_t id_;
};

class EpollLoop : public Loop {
  public:
    EpollLoop(int epoll_fd, int wake_fd)
        : watches_(std::make_shared<Watches>(epoll_fd)), wake_fd_(wake_fd), now_(read_monotonic()) {
        wake_ = watch(wake_fd_, Interest::read, [this](Ready) { run_posted(); });
    }
    ~EpollLoop() override {
        wake_.cancel();
        close(wake_fd_);
    }
    EpollLoop(const EpollLoop&) = delete;
    EpollLoop& operator=(const EpollLoop&) = delete;

    [[nodiscard]] MonoTime now() const override { return now_; }
    [[nodiscard]] WallTime wall() const override {
        timespec ts{};
        clock_gettime(CLOCK_REALTIME, &ts);
        return WallTime(std::chrono::seconds(ts.tv_sec) + Duration(ts.tv_nsec));
    }

    [[nodiscard]] Watch watch(int fd, Interest interest, std::function<void(Ready)> on_ready) override {
        epoll_event event{};
        event.events = epoll_events(interest);
        event.data.fd = fd;
        if (epoll_ctl(watches_->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) return Watch{};
        const std::uint64_t id = ++created_;
        watches_->by_fd[fd] = std::make_shared<Watches::Entry>(Watches::Entry{id, std::move(on_ready)});
        return Watch(std::make_unique<WatchHandle>(watches_, fd, id));
    }

    [[nodiscard]] Timer at(MonoTime at, std::function<void()> on_due) override {
        return timers_.add(at, std::move(on_due));
    }

    void post(std::function<void()> task) override {
        {
            const std::lock_guard lock(posted_mutex_);
            posted_.push_back(std::move(task));
        }
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written =
            write(wake_fd_, &one, sizeof one);  // EAGAIN: it is awake already
    }

    void run() override {
        stopping_ = false;
        while (!stopping_) turn();
    }
    void stop() override { stopping_ = true; }

    [[nodiscard]] Duration take_worst_lag() override { return std::exchange(worst_lag_, Duration{0}); }

  private:
    [[nodiscard]] int timeout_ms() const {
        const auto next = timers_.next();
        if (!next) return -1;
        const auto wait = *next - read_monotonic();
        if (wait <= Duration{0}) return 0;
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
        return static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
    }

    void turn() {
        epoll_event events[64];
        const int n = epoll_wait(watches_->epoll_fd, events, 64, timeout_ms());
        now_ = read_monotonic();
        timers_.run_due(now_);
        for (int i = 0; i < n && !stopping_; ++i) dispatch(events[i]);
        worst_lag_ = std::max(worst_lag_, read_monotonic() - now_);
    }

    void dispatch(const epoll_event& event) {
        const auto it = watches_->by_fd.find(event.data.fd);
        if (it == watches_->by_fd.end()) return;  // cancelled earlier in this turn
        const auto entry = it->second;
        const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        entry->on_ready(
            Ready{broken || (event.events & EPOLLIN) != 0, broken || (event.events & EPOLLOUT) != 0});
    }

    void run_posted() {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof count);
        std::vector<std::function<void()>> tasks;
        {
            const std::lock_guard lock(posted_mutex_);
            tasks.swap(posted_);
        }
        for (auto& task : tasks) task();
    }

    std::shared_ptr<Watches> watches_;
    int wake_fd_;
    Watch wake_;
    MonoTime now_;
    detail::TimerQueue timers_;
    std::uint64_t created_ = 0;
    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;
    std::atomic<bool> stopping_ = false;
    Duration worst_lag_{0};
};

}  // namespace

Result<std::unique_ptr<Loop>> make_epoll_loop() {
    const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) return fail_errno("epoll_create1", errno);
    const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0) {
        const int number = errno;
        close(epoll_fd);
        return fail_errno("eventfd", number);
    }
    return std::make_unique<EpollLoop>(epoll_fd, wake_fd);
}

}  // namespace outstation
