// SPDX-License-Identifier: GPL-3.0-or-later
// Order, restart, watchdog, stop.
#include "daemons/ctl/supervisor.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace outstation::ctl {

Result<std::unique_ptr<Supervisor>> Supervisor::make(Loop& loop, runtime::Log& log, Options options) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (options.notify_path.size() >= sizeof address.sun_path) {
        return fail(ErrorCode::config, "socket path too long: " + options.notify_path);
    }
    std::memcpy(address.sun_path, options.notify_path.data(), options.notify_path.size());
    UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    unlink(options.notify_path.c_str());
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("bind " + options.notify_path, errno);
    }
    const int on = 1;
    if (setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        return fail_errno("SO_PASSCRED", errno);
    return std::unique_ptr<Supervisor>(new Supervisor(loop, log, std::move(options), std::move(fd)));
}

Supervisor::Supervisor(Loop& loop, runtime::Log& log, Options options, UniqueFd notify)
    : loop_(loop), log_(log), options_(std::move(options)), notify_(std::move(notify)) {
    watch_ = loop_.watch(notify_.get(), Interest::read, [this](Ready) { read_notifications(); });
}

Supervisor::~Supervisor() {
    for (const Child& child : children_) {
        if (child.pid > 0) kill(child.pid, SIGKILL);
    }
    unlink(options_.notify_path.c_str());
}

void Supervisor::start(const std::vector<ChildSpec>& specs, std::function<void()> all_ready) {
    for (const ChildSpec& spec : specs) {
        children_.emplace_back();
        children_.back().spec = spec;
    }
    all_ready_ = std::move(all_ready);
    start_next();
}

void Supervisor::start_next() {
    if (stopping_) return;
    if (launched_ == children_.size()) {
        if (all_ready_) std::exchange(all_ready_, nullptr)();
        return;
    }
    launch(children_[launched_++]);
}

void Supervisor::launch(Child& child) {
    const auto microseconds =
        std::chrono::duration_cast<std::chrono::microseconds>(options_.watchdog).count();
    std::vector<std::string> environment;
    if (child.spec.notifies) {
        environment = {"NOTIFY_SOCKET=" + options_.notify_path,
                       "WATCHDOG_USEC=" + std::to_string(microseconds)};
    }
    child.started = loop_.now();
    const auto pid = spawn(child.spec, environment);
    if (!pid) {
        log_.error("SPAWN_FAILED", pid.error().text);
        child.timer = loop_.after(child.back_off.next(Duration{0}), [this, &child] { launch(child); });
        return;
    }
    child.pid = *pid;
    if (!child.spec.notifies) return on_ready(child);
    if (!child.ready) {
        child.timer = loop_.after(options_.ready_limit, [this, &child] {
            log_.warning("NOT_READY", child.spec.name + " is not ready; going on without it");
            on_ready(child);
        });
    }
}

void Supervisor::on_ready(Child& child) {
    child.timer.cancel();
    child.last_ping = loop_.now();
    if (child.spec.notifies) check_watchdog(child);
    if (std::exchange(child.ready, true)) return;  // a restart: the order was kept at the first start
    loop_.post([this] { start_next(); });
}

void Supervisor::check_watchdog(Child& child) {
    if (loop_.now() - child.last_ping > options_.watchdog) {
        log_.error("HUNG", child.spec.name + " has not been heard of; killing it");
        kill(child.pid, SIGKILL);
        return;
    }
    child.watchdog = loop_.after(options_.watchdog / 4, [this, &child] { check_watchdog(child); });
}

void Supervisor::reap() {
    int status = 0;
    for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
        const auto child =
            std::find_if(children_.begin(), children_.end(), [&](const Child& c) { return c.pid == pid; });
        if (child != children_.end()) on_exit(*child, status);
    }
}

void Supervisor::on_exit(Child& child, int status) {
    child.pid = 0;
    child.timer.cancel();
    child.watchdog.cancel();
    if (stopping_) return stop_next();
    const Duration delay = child.back_off.next(loop_.now() - child.started);
    log_.warning("RESTARTING",
                 child.spec.name + " ended (" + exit_text(status) + "); again in " +
                     std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()) +
                     " ms");
    child.timer = loop_.after(delay, [this, &child] { launch(child); });
}

void Supervisor::stop(std::function<void()> stopped) {
    stopped_ = std::move(stopped);
    if (std::exchange(stopping_, true)) return signal_all(SIGKILL);
    for (Child& child : children_) child.timer.cancel();
    stop_next();
}

void Supervisor::stop_next() {
    const auto last =
        std::find_if(children_.rbegin(), children_.rend(), [](const Child& c) { return c.pid > 0; });
    if (last == children_.rend()) {
        stop_timer_.cancel();
        if (stopped_) std::exchange(stopped_, nullptr)();
        return;
    }
    kill(last->pid, SIGTERM);
    stop_timer_ = loop_.after(options_.stop_limit, [pid = last->pid] { kill(pid, SIGKILL); });
}

void Supervisor::signal_all(int number) {
    for (const Child& child : children_) {
        if (child.pid > 0 && (child.spec.notifies || number != SIGHUP)) kill(child.pid, number);
    }
}

void Supervisor::read_notifications() {
    for (;;) {
        char text[4096];
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
        iovec part{text, sizeof text};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t n = recvmsg(notify_.get(), &message, MSG_DONTWAIT);
        if (n < 0) return;
        const cmsghdr* head = CMSG_FIRSTHDR(&message);
        if (head == nullptr || head->cmsg_type != SCM_CREDENTIALS) continue;
        ucred sender{};
        std::memcpy(&sender, CMSG_DATA(head), sizeof sender);
        on_notification(sender.pid, std::string(text, static_cast<std::size_t>(n)));
    }
}

void Supervisor::on_notification(pid_t pid, const std::string& text) {
    const auto child =
        std::find_if(children_.begin(), children_.end(), [&](const Child& c) { return c.pid == pid; });
    if (child == children_.end() || stopping_) return;
    child->last_ping = loop_.now();
    if (("\n" + text + "\n").find("\nREADY=1\n") != std::string::npos) on_ready(*child);
}

}  // namespace outstation::ctl
