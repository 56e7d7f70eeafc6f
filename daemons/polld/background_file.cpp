// SPDX-License-Identifier: GPL-3.0-or-later
// One thread a write: there are few.
#include "daemons/polld/background_file.hpp"

#include <pthread.h>

#include <csignal>

#include "lib/crypto/private_file.hpp"

namespace outstation::polld {

constexpr std::size_t kMostOctets = 16U << 20;

Result<std::string> BackgroundFile::read() {
    auto bytes = crypto::read_small_file(path_, kMostOctets);
    if (bytes) written_ = *bytes;
    return bytes;
}

std::thread BackgroundFile::on_a_thread(std::function<void()> work) {
    return std::thread([work = std::move(work)] {
        pthread_setname_np(pthread_self(), "polld-file");
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        work();
    });
}

void BackgroundFile::wait() {
    if (thread_.joinable()) thread_.join();
}

bool BackgroundFile::write(std::string bytes, std::function<void(const Error&)> failed) {
    if (is_writing_) return false;
    if (bytes == written_) return true;
    wait();
    is_writing_ = true;
    thread_ = run_([this, bytes = std::move(bytes), alive = std::weak_ptr<bool>(alive_),
                    failed = std::move(failed)]() mutable {
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

Result<void> BackgroundFile::write_now(const std::string& bytes) {
    wait();
    return crypto::write_private_file(path_, bytes);
}

}  // namespace outstation::polld
