// SPDX-License-Identifier: GPL-3.0-or-later
// Frames over one socket.
#include "lib/ipc/channel.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace outstation::ipc {
namespace {

void put_le(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

std::uint32_t get_le(std::string_view in, std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= std::uint32_t{static_cast<unsigned char>(in[at + i])} << (8 * i);
    return value;
}

}  // namespace

std::string encode_header(std::uint16_t type, std::uint32_t id, std::size_t body_bytes) {
    std::string out;
    put_le(out, body_bytes, 4);
    put_le(out, type, 2);
    put_le(out, 0, 2);
    put_le(out, id, 4);
    return out;
}

void FrameReader::add(std::string_view bytes) {
    buffer_.erase(0, taken_);
    taken_ = 0;
    buffer_.append(bytes);
}

Result<bool> FrameReader::next(Frame& frame) {
    const auto rest = std::string_view(buffer_).substr(taken_);
    if (rest.size() < kHeaderBytes) return false;
    const std::size_t body_bytes = get_le(rest, 0, 4);
    if (body_bytes > kMaxBodyBytes)
        return fail(ErrorCode::malformed, "frame of " + std::to_string(body_bytes) + " bytes");
    if (get_le(rest, 6, 2) != 0) return fail(ErrorCode::malformed, "frame with reserved bits set");
    if (rest.size() < kHeaderBytes + body_bytes) return false;
    frame.type = static_cast<std::uint16_t>(get_le(rest, 4, 2));
    frame.id = get_le(rest, 8, 4);
    frame.body = rest.substr(kHeaderBytes, body_bytes);
    taken_ += kHeaderBytes + body_bytes;
    return true;
}

Channel::Channel(Loop& loop, UniqueFd fd, Events events)
    : loop_(loop), fd_(std::move(fd)), events_(std::move(events)) {
    watch_ = loop_.watch(fd_.get(), Interest::read, [this](Ready ready) { on_ready(ready); });
}

Channel::~Channel() {
    *alive_ = false;
}

Result<void> Channel::send(std::uint16_t type, std::uint32_t id, std::string_view body) {
    if (closed_) return fail(ErrorCode::io, "the channel is closed");
    if (body.size() > kMaxBodyBytes)
        return fail(ErrorCode::exhausted, "message of " + std::to_string(body.size()) + " bytes");
    if (overflowed_) return fail(ErrorCode::exhausted, "the peer does not read");
    if (queued_bytes() > kMaxQueuedBytes) {
        overflowed_ = true;
        loop_.post([this, alive = alive_] {
            if (*alive) close(Error{ErrorCode::exhausted, "the peer does not read"});
        });
        return fail(ErrorCode::exhausted, "the peer does not read");
    }
    out_ += encode_header(type, id, body.size());
    out_ += body;
    write_some();
    return {};
}

void Channel::on_ready(Ready ready) {
    const auto alive = alive_;
    if (ready.writable) write_some();
    if (held_) deliver();
    if (*alive && ready.readable && !ended()) read_some();
    if (*alive && !closed_) update_interest();
}

void Channel::read_some() {
    char buffer[65536];
    const ssize_t n = recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return close(Error(fail_errno("read", errno).value()));
    if (n == 0) return close(Error{ErrorCode::not_found, "the peer closed the connection"});
    reader_.add(std::string_view(buffer, static_cast<std::size_t>(n)));
    deliver();
}

// What it leaves behind is bounded: while frames are held the loop is not asked for more input, so it is one
// read's.
void Channel::deliver() {
    const auto alive = alive_;
    const auto on_frame = events_.on_frame;  // outlives a channel that it destroys
    Frame frame;
    while (*alive && !ended()) {
        held_ = must_pause();
        if (held_) return;
        const auto more = reader_.next(frame);
        if (!more) return close(more.error());
        if (!*more) return;
        on_frame(frame);
    }
}

void Channel::write_some() {
    while (sent_ < out_.size()) {
        const ssize_t n =
            ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) break;  // EAGAIN waits for the socket; a broken one is told by the next read
        sent_ += static_cast<std::size_t>(n);
    }
    if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
    } else if (sent_ > (1U << 20)) {
        out_.erase(0, sent_);
        sent_ = 0;
    }
    update_interest();
}

void Channel::update_interest() {
    // Held frames wait for a turn in which the socket takes more, even if a send() has emptied the queue
    // since: nothing else would call deliver() when the peer has sent all it had to.
    const bool write = queued_bytes() > 0 || held_;
    const bool read = !must_pause() && !held_;
    watch_.set_interest(static_cast<Interest>((read ? 1U : 0U) | (write ? 2U : 0U)));
}

void Channel::close(Error error) {
    if (closed_) return;
    closed_ = true;
    watch_.cancel();
    fd_.reset();
    const auto on_closed = events_.on_closed;
    on_closed(error);
}

}  // namespace outstation::ipc
