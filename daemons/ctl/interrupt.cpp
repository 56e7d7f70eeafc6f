// SPDX-License-Identifier: GPL-3.0-or-later
// Noting signals.
#include "daemons/ctl/interrupt.hpp"

#include <atomic>

namespace outstation::ctl {
namespace {

// The thread that a signal lands on need not be the one that asks.
std::atomic<int> noted = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may write it");

void note(int number) {
    noted = number;
}

}  // namespace

Interruptible::Interruptible() {
    noted = 0;
    struct sigaction action {};
    action.sa_handler = &note;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // and not SA_RESTART
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
        sigaction(kSignals[i], nullptr, &before_[i]);
        if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
    }
}

Interruptible::~Interruptible() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    if (const int number = noted; number != 0) {
        noted = 0;
        (void)raise(number);
    }
}

Result<void> go_on() {
    return noted == 0 ? Result<void>() : fail(ErrorCode::refused, "interrupted");
}

}  // namespace outstation::ctl
