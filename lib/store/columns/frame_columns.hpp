// SPDX-License-Identifier: GPL-3.0-or-later
// Journal codec 2: the sample records of a frame as columns, each value relative to the value of the same
// series in earlier frames. docs/formats/columns.md has its bytes. Pure computation: no I/O. Threads: each
// object is used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

// What both sides remember between frames: the last values of every series and the layout of every device.
class FrameHistory;
struct FrameBuffers;

class FrameEncoder {
  public:
    FrameEncoder();
    ~FrameEncoder();
    FrameEncoder(FrameEncoder&&) noexcept;
    FrameEncoder& operator=(FrameEncoder&&) noexcept;

    // Definitions for the records of a frame, encoded (wire::append_definition()); for each record whether it
    // is the first of its device and series since the last keyed frame.
    using Define = std::function<std::string(const std::vector<char>& is_first)>;

    // The payload of a frame that holds everything in `body` (states too, but they are not packed as
    // columns), and in front of its series those that `define` gives. keyed: nothing before this frame is
    // needed to read it or the frames behind it. The first frame is always keyed; after an error the next one
    // is. exhausted: the body would be larger than kMaxBodyOctets. malformed: a record's columns differ in
    // length.
    [[nodiscard]] Result<std::string> encode(const wire::FrameBody& body, bool keyed,
                                             const Define& define = {});

    // How many devices there were since the last keyed frame.
    [[nodiscard]] std::size_t devices() const;

  private:
    void forget();

    std::unique_ptr<FrameHistory> history_;
    std::unique_ptr<FrameHistory> before_;  // the history that the last keyed frame ended
    std::unique_ptr<FrameBuffers> buffers_;
};

class FrameDecoder {
  public:
    FrameDecoder();
    ~FrameDecoder();
    FrameDecoder(FrameDecoder&&) noexcept;
    FrameDecoder& operator=(FrameDecoder&&) noexcept;

    // The body as it was given to the encoder, to the bit, records in order. Frames must come in order from a
    // keyed one on. malformed: damaged; not_found: the frames before are needed. After an error a keyed frame
    // must come.
    [[nodiscard]] Result<wire::FrameBody> decode(std::string_view payload);

    // The body without its samples, which can be read without the frames before it. malformed: damaged.
    [[nodiscard]] static Result<wire::FrameBody> rest(std::string_view payload);

    // Whether a payload is readable without the frames before it.
    [[nodiscard]] static bool keyed(std::string_view payload);

  private:
    std::unique_ptr<FrameHistory> history_;
};

}  // namespace outstation::store
