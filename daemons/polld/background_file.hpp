// SPDX-License-Identifier: GPL-3.0-or-later
// A small file of ours that is written whole on a thread of its own, because the loop polls meanwhile and a
// flush may take long; read at the start. Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::polld {

class BackgroundFile {
  public:
    // Does the work on a thread, which it gives; or at once, on a loop that knows one thread only.
    using Run = std::function<std::thread(std::function<void()> work)>;
    [[nodiscard]] static std::thread on_a_thread(std::function<void()> work);

    BackgroundFile(Loop& loop, std::string path, Run run = on_a_thread)
        : loop_(loop), path_(std::move(path)), run_(std::move(run)) {}
    // Finishes what is being written, and calls nobody back.
    ~BackgroundFile() { wait(); }
    BackgroundFile(const BackgroundFile&) = delete;
    BackgroundFile& operator=(const BackgroundFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    // not_found: there is none.
    [[nodiscard]] Result<std::string> read();
    // When it is not what was written last. False and nothing while one is being written; `failed` says why
    // it could not be.
    [[nodiscard]] bool write(std::string bytes, std::function<void(const Error&)> failed);
    // The same before it returns: there is no later.
    [[nodiscard]] Result<void> write_now(const std::string& bytes);

  private:
    void wait();

    Loop& loop_;
    std::string path_;
    Run run_;
    std::string written_;
    bool is_writing_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

// One message in such a file.
template <typename Message>
class MessageFile {
  public:
    MessageFile(Loop& loop, std::string path, BackgroundFile::Run run = BackgroundFile::on_a_thread)
        : file_(loop, std::move(path), std::move(run)) {}
    // not_found: there is none; malformed.
    [[nodiscard]] Result<Message> read() {
        const auto bytes = file_.read();
        if (!bytes) return fail(bytes.error());
        auto message = wire::decode<Message>(*bytes);
        if (!message) return fail(message.error().in(file_.path()));
        return message;
    }
    [[nodiscard]] bool write(const Message& message, std::function<void(const Error&)> failed) {
        return file_.write(wire::encode(message), std::move(failed));
    }
    [[nodiscard]] Result<void> write_now(const Message& message) {
        return file_.write_now(wire::encode(message));
    }

  private:
    BackgroundFile file_;
};

}  // namespace outstation::polld
