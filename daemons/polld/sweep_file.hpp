// SPDX-License-Identifier: GPL-3.0-or-later
// How far discovery is, in a file. Written on a thread of its own, because the loop polls meanwhile and a
// flush may take long. Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

class SweepFile {
  public:
    SweepFile(Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
    // Finishes what is being written, and calls nobody back.
    ~SweepFile() { wait(); }
    SweepFile(const SweepFile&) = delete;
    SweepFile& operator=(const SweepFile&) = delete;

    // not_found: there is none; malformed.
    [[nodiscard]] Result<wire::SweepState> read();
    // When it is not what was written last. False and nothing while one is being written; `failed` says why
    // it could not be.
    [[nodiscard]] bool write(const wire::SweepState& state, std::function<void(const Error&)> failed);
    // The same before it returns: there is no later.
    [[nodiscard]] Result<void> write_now(const wire::SweepState& state);

  private:
    void wait();

    Loop& loop_;
    std::string path_;
    std::string written_;
    bool is_writing_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

}  // namespace outstation::polld
