// SPDX-License-Identifier: GPL-3.0-or-later
// Signals as loop events, by signalfd.
#include "lib/runtime/signals.hpp"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace outstation::runtime {

Result<std::unique_ptr<Signals>> Signals::watch(Loop& loop, std::initializer_list<int> signals,
                                                std::function<void(int)> on_signal) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : signals) sigaddset(&set, number);
    if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return fail_errno("pthread_sigmask", errno);
    UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return fail_errno("signalfd", errno);
    return std::unique_ptr<Signals>(new Signals(loop, std::move(fd), std::move(on_signal)));
}

Signals::Signals(Loop& loop, UniqueFd fd, std::function<void(int)> on_signal)
    : fd_(std::move(fd)), on_signal_(std::move(on_signal)) {
    watch_ = loop.watch(fd_.get(), Interest::read, [this](Ready) {
        signalfd_siginfo info{};
        if (read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
            on_signal_(static_cast<int>(info.ssi_signo));
    });
}

}  // namespace outstation::runtime
