// SPDX-License-Identifier: GPL-3.0-or-later
// One thread a write: there are few.
#include "daemons/polld/sweep_file.hpp"

#include <pthread.h>

#include <csignal>

#include "lib/crypto/private_file.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::polld {

Result<wire::SweepState> SweepFile::read() {
    auto bytes = crypto::read_small_file(path_);
    if (!bytes) return fail(bytes.error());
    auto state = wire::decode<wire::SweepState>(*bytes);
    if (!state) return fail(state.error().in(path_));
    written_ = std::move(*bytes);
    return std::move(*state);
}

void SweepFile::wait() {
    if (thread_.joinable()) thread_.join();
}

bool SweepFile::write(const wire::SweepState& state, std::function<void(const Error&)> failed) {
    if (is_writing_) return false;
    std::string bytes = wire::encode(state);
    if (bytes == written_) return true;
    wait();
    is_writing_ = true;
    thread_ = std::thread([this, bytes = std::move(bytes), alive = std::weak_ptr<bool>(alive_),
                           failed = std::move(failed)]() mutable {
        pthread_setname_np(pthread_self(), "sweep-file");
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        const auto written = crypto::write_private_file(path_, bytes);
        loop_.post([this, alive = std::move(alive), written, bytes = std::move(bytes),
                    failed = std::move(failed)]() mutable {
            if (alive.expired()) return;
            is_writing_ = false;
            if (!written) return failed(written.error());
            written_ = std::move(bytes);
        });
    });
    return true;
}

Result<void> SweepFile::write_now(const wire::SweepState& state) {
    wait();
    return crypto::write_private_file(path_, wire::encode(state));
}

}  // namespace outstation::polld
