// SPDX-License-Identifier: GPL-3.0-or-later
// One connected Unix stream socket that carries frames (docs/formats/ipc.md): {body length u32, type u16,
// zero u16, id u32} little-endian, then the body. Bounded in both directions; a peer that breaks the format
// closes the channel. Threads: the loop's. Ownership: owns the descriptor; a callback may destroy the
// channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/model/result.hpp"

namespace outstation::ipc {

inline constexpr std::size_t kHeaderBytes = 4 + 2 + 2 + 4;
inline constexpr std::size_t kMaxBodyBytes = 8U << 20;
// A peer that lets this much pile up unread is cut off.
inline constexpr std::size_t kMaxQueuedBytes = 64U << 20;
// From this on nothing more is read from the peer, and no frame of it that was read already is delivered,
// until it has read what waits for it.
inline constexpr std::size_t kPauseQueuedBytes = 4U << 20;

struct Frame {
    std::uint16_t type = 0;
    std::uint32_t id = 0;  // pairs a reply with its request; 0 for what is pushed
    std::string_view body;
};

// The twelve bytes in front of a body.
[[nodiscard]] std::string encode_header(std::uint16_t type, std::uint32_t id, std::size_t body_bytes);

// Takes frames off the front of a growing buffer.
class FrameReader {
  public:
    void add(std::string_view bytes);
    // True and `frame` when a whole one is there (its body is valid until the next add()); malformed when the
    // header breaks its format. What was taken is thrown away in add(), once a read: taking many small frames
    // costs their octets, not more.
    [[nodiscard]] Result<bool> next(Frame& frame);

  private:
    std::string buffer_;
    std::size_t taken_ = 0;
};

class Channel {
  public:
    struct Events {
        // In order, from the loop alone (never from inside send()), and never after on_closed or after a
        // send() that found that the peer does not read.
        std::function<void(const Frame&)> on_frame;
        std::function<void(const Error&)>
            on_closed;  // at most once, never from inside send(); end of file is not_found
    };

    Channel(Loop& loop, UniqueFd fd, Events events);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Queues one frame. Fails with exhausted when the peer does not read (the channel then closes itself) or
    // when the body is larger than kMaxBodyBytes (nothing is sent).
    [[nodiscard]] Result<void> send(std::uint16_t type, std::uint32_t id, std::string_view body);
    [[nodiscard]] std::size_t queued_bytes() const { return out_.size() - sent_; }
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    void on_ready(Ready ready);
    void read_some();
    void write_some();
    [[nodiscard]] bool ended() const { return closed_ || overflowed_; }
    [[nodiscard]] bool must_pause() const { return queued_bytes() >= kPauseQueuedBytes; }
    void deliver();
    void close(Error error);
    void update_interest();

    Loop& loop_;
    UniqueFd fd_;
    Events events_;
    FrameReader reader_;
    std::string out_;
    std::size_t sent_ = 0;
    bool held_ = false;        // frames may wait in the reader until the peer has read enough
    bool overflowed_ = false;  // the peer does not read: closes in a later turn
    bool closed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Watch watch_;
};

}  // namespace outstation::ipc
