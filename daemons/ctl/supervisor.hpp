// SPDX-License-Identifier: GPL-3.0-or-later
// Runs processes in the foreground where there is no systemd: in order, restarted with back-off, killed when
// their watchdog is silent, stopped in reverse order. Speaks sd_notify as the manager. Threads: the loop's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemons/ctl/child.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/runtime/log.hpp"
#include "lib/runtime/signals.hpp"

namespace outstation::ctl {

class Supervisor {
  public:
    struct Options {
        std::string notify_path;  // our NOTIFY_SOCKET
        Duration watchdog = std::chrono::seconds(20);
        Duration ready_limit = std::chrono::seconds(60);  // then the next is started anyway
        Duration stop_limit = std::chrono::seconds(12);   // then SIGKILL
    };
    [[nodiscard]] static Result<std::unique_ptr<Supervisor>> make(Loop& loop, runtime::Log& log,
                                                                  Options options);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    // Starts them one after another, each when the one before is ready; `all_ready` is called once.
    void start(const std::vector<ChildSpec>& specs, std::function<void()> all_ready);
    // SIGTERM in reverse order, each when the one before is gone; then `stopped`. A second call kills what is
    // left.
    void stop(std::function<void()> stopped);
    // Sends the signal to all that run.
    void signal_all(int number);
    // To be called on SIGCHLD.
    void reap();

  private:
    struct Child {
        ChildSpec spec;
        pid_t pid = 0;  // 0: not running
        bool ready = false;
        MonoTime started;
        MonoTime last_ping;
        BackOff back_off;
        Timer timer;  // restart, or ready limit
        Timer watchdog;
    };

    Supervisor(Loop& loop, runtime::Log& log, Options options, UniqueFd notify);
    void launch(Child& child);
    void on_exit(Child& child, int status);
    void on_ready(Child& child);
    void start_next();
    void stop_next();
    void check_watchdog(Child& child);
    void read_notifications();
    void on_notification(pid_t pid, const std::string& text);

    Loop& loop_;
    runtime::Log& log_;
    Options options_;
    UniqueFd notify_;
    std::deque<Child> children_;
    std::size_t launched_ = 0;
    std::function<void()> all_ready_;
    std::function<void()> stopped_;
    bool stopping_ = false;
    Timer stop_timer_;
    Watch watch_;
};

}  // namespace outstation::ctl
