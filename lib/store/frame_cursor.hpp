// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the frames of a stream, whichever way they are packed. A frame of columns is relative to those before
// it: read in order that costs nothing, elsewhere the frames from the last one that stands alone are read
// too. Threads: one at a time.
#pragma once

#include <vector>

#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/journal/stream.hpp"

namespace outstation::store {

class FrameCursor {
  public:
    explicit FrameCursor(JournalView view) : view_(std::move(view)) {}

    [[nodiscard]] JournalView& view() { return view_; }
    // The body of the frame at `index` of the entries of a part. malformed: it, or one that it needs, is
    // damaged; not_found: its segment was dropped.
    [[nodiscard]] Result<wire::FrameBody> read(std::size_t part, const std::vector<FrameEntry>& entries,
                                               std::size_t index);

    // All but the samples of it, which needs no other frame.
    [[nodiscard]] Result<wire::FrameBody> read_rest(std::size_t part, const FrameEntry& entry);

  private:
    [[nodiscard]] Result<wire::FrameBody> read_columns(std::size_t part,
                                                       const std::vector<FrameEntry>& entries,
                                                       std::size_t index, std::string_view bytes);

    JournalView view_;
    FrameDecoder decoder_;
    std::uint64_t next_sequence_ = 0;  // of the frame that the decoder could read next; 0: none
};

// The records of a frame that is a message, as they were given: stamps without boot id get the frame's. Fails
// with malformed.
[[nodiscard]] Result<wire::FrameBody> decode_frame(std::string_view bytes);

}  // namespace outstation::store
