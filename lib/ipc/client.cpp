// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting, asking, and losing the connection.
#include "lib/ipc/client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace outstation::ipc {
namespace {

using namespace std::chrono_literals;
constexpr Duration kFirstRetry = 50ms;
constexpr Duration kLastRetry = 1s;

Result<UniqueFd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorCode::config, "socket path too long: " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("connect " + path, errno);
    return fd;
}

ErrorCode code_of(const std::string& name) {
    for (const ErrorCode code :
         {ErrorCode::timeout, ErrorCode::refused, ErrorCode::malformed, ErrorCode::not_found,
          ErrorCode::exhausted, ErrorCode::io, ErrorCode::config}) {
        if (error_code_name(code) == name) return code;
    }
    return ErrorCode::bug;
}

}  // namespace

Client::Client(Loop& loop, std::string path, wire::Hello hello)
    : loop_(loop), path_(std::move(path)), hello_(std::move(hello)) {}

Client::~Client() {
    *alive_ = false;
}

void Client::start() {
    if (!channel_) connect();
}

void Client::connect() {
    auto fd = connect_to(path_);
    if (!fd) return retry_later(fd.error());
    channel_ = std::make_unique<Channel>(loop_, std::move(*fd),
                                         Channel::Events{[this](const Frame& frame) { on_frame(frame); },
                                                         [this](const Error& error) { lose(error); }});
    last_error_.clear();
    const auto sent = channel_->send(wire::Hello::kType, 0, wire::encode(hello_));
    if (!sent) return lose(sent.error());
    if (on_connected_) on_connected_();
}

void Client::retry_later(const Error& error) {
    last_error_ = error.text;
    back_off_ = std::clamp(back_off_ * 2, kFirstRetry, kLastRetry);
    retry_ = loop_.after(back_off_, [this] { connect(); });
}

void Client::request_raw(std::uint16_t type, const std::string& body, Duration timeout,
                         std::uint16_t reply_type, RawCallback callback) {
    if (!channel_)
        return finish_later(std::move(callback),
                            Error{ErrorCode::io, path_ + ": not connected: " + last_error_});
    if (++last_id_ == 0) ++last_id_;
    const std::uint32_t id = last_id_;
    const auto sent = channel_->send(type, id, body);
    if (!sent) return finish_later(std::move(callback), sent.error());
    Timer timer = loop_.after(timeout, [this, id] {
        auto node = pending_.extract(id);
        if (!node.empty()) node.mapped().callback(fail(ErrorCode::timeout, path_ + ": no answer in time"));
    });
    pending_.emplace(id, Pending{reply_type, std::move(callback), std::move(timer)});
}

void Client::finish_later(RawCallback callback, Error error) {
    loop_.post([callback = std::move(callback), error = std::move(error), alive = alive_] {
        if (*alive) callback(fail(error));
    });
}

void Client::on_frame(const Frame& frame) {
    back_off_ = Duration{0};
    if (frame.id != 0) {
        auto node = pending_.extract(frame.id);
        if (node.empty()) return;  // answered after its time
        return on_reply(std::move(node.mapped()), frame);
    }
    const auto push = pushes_.find(frame.type);
    if (push == pushes_.end()) return;
    const auto alive = alive_;
    const auto handled = push->second(frame.body);
    if (*alive && !handled) lose(handled.error());
}

void Client::on_reply(Pending pending, const Frame& frame) {
    pending.timeout.cancel();
    if (frame.type == pending.reply_type) return pending.callback(frame.body);
    if (frame.type == wire::ErrorReply::kType) {
        const auto error = wire::decode<wire::ErrorReply>(frame.body);
        if (error) return pending.callback(fail(code_of(error->code), error->text));
    }
    pending.callback(fail(ErrorCode::malformed, path_ + ": answer of type " + std::to_string(frame.type)));
}

void Client::lose(const Error& error) {
    const auto alive = alive_;
    const std::shared_ptr<Channel> channel = std::move(channel_);
    loop_.post([channel] {});  // the channel may be what calls us: let it go in the next turn
    retry_later(error);
    auto pending = std::move(pending_);
    pending_.clear();
    for (auto& [id, entry] : pending) {
        if (!*alive) return;
        entry.callback(fail(ErrorCode::io, path_ + ": connection lost: " + error.text));
    }
    if (*alive && on_disconnected_) on_disconnected_(error);
}

}  // namespace outstation::ipc
