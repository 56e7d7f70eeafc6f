// SPDX-License-Identifier: GPL-3.0-or-later
// The asking end: one daemon's connection to another, kept up by itself (back-off 50 ms to 1 s). Requests
// fail at once while there is no connection; nothing is queued here. Threads: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lib/ipc/channel.hpp"
#include "lib/wire/control_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::ipc {

class Client {
  public:
    Client(Loop& loop, std::string path, wire::Hello hello);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Called after each connection (Hello is sent already) and after each loss. Set them before start().
    void on_connected(std::function<void()> callback) { on_connected_ = std::move(callback); }
    void on_disconnected(std::function<void(const Error&)> callback) {
        on_disconnected_ = std::move(callback);
    }
    template <typename Message>
    void on_push(std::function<void(const Message&)> callback) {
        pushes_[Message::kType] = [callback = std::move(callback)](std::string_view body) -> Result<void> {
            const auto message = wire::decode<Message>(body);
            if (!message) return fail(message.error());
            callback(*message);
            return {};
        };
    }
    // Connects, and connects again whenever the connection is lost.
    void start();
    [[nodiscard]] bool connected() const { return channel_ != nullptr; }
    [[nodiscard]] const std::string& path() const { return path_; }
    // Why there is no connection, for people; empty when there is one.
    [[nodiscard]] const std::string& last_error() const { return last_error_; }

    // Calls back once, never from inside this call: the reply, the peer's ErrorReply, timeout, or io when the
    // connection was lost or is not there.
    template <typename Reply, typename Request>
    void request(const Request& message, Duration timeout, std::function<void(Result<Reply>)> callback) {
        request_raw(Request::kType, wire::encode(message), timeout, Reply::kType,
                    [callback = std::move(callback)](Result<std::string_view> body) {
                        if (!body) return callback(fail(body.error()));
                        callback(wire::decode<Reply>(*body));
                    });
    }
    // Sends what has no answer.
    template <typename Message>
    [[nodiscard]] Result<void> send(const Message& message) {
        if (!channel_) return fail(ErrorCode::io, path_ + ": not connected");
        return channel_->send(Message::kType, 0, wire::encode(message));
    }

  private:
    using RawCallback = std::function<void(Result<std::string_view>)>;
    struct Pending {
        std::uint16_t reply_type;
        RawCallback callback;
        Timer timeout;
    };

    void request_raw(std::uint16_t type, const std::string& body, Duration timeout, std::uint16_t reply_type,
                     RawCallback callback);
    void connect();
    void retry_later(const Error& error);
    void on_frame(const Frame& frame);
    void on_reply(Pending pending, const Frame& frame);
    void lose(const Error& error);
    void finish_later(RawCallback callback, Error error);

    Loop& loop_;
    std::string path_;
    wire::Hello hello_;
    std::function<void()> on_connected_;
    std::function<void(const Error&)> on_disconnected_;
    std::map<std::uint16_t, std::function<Result<void>(std::string_view)>> pushes_;
    std::unique_ptr<Channel> channel_;
    std::map<std::uint32_t, Pending> pending_;
    std::uint32_t last_id_ = 0;
    Duration back_off_{0};
    Timer retry_;
    std::string last_error_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::ipc
