// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a batch of records into one durable frame: what a segment must repeat so that it can be read without
// older ones (definitions, producers' marks) is put in front. Threads: one, the flush worker's.
#pragma once

#include <vector>

#include "lib/store/dictionary.hpp"
#include "lib/store/journal/stream.hpp"
#include "lib/store/producers.hpp"

namespace outstation::store {

class FrameWriter {
  public:
    FrameWriter(JournalStream& stream, const Dictionary& dictionary, Producers producers)
        : stream_(stream), dictionary_(dictionary), producers_(std::move(producers)) {}

    // Records, batches and nothing else are set in `body`. Durable when this returns well. After exhausted
    // the same body may be written later; after another failure see JournalStream::write.
    [[nodiscard]] Result<void> write(wire::FrameBody& body, std::int64_t now_ns);

  private:
    [[nodiscard]] std::vector<std::uint32_t> undefined_series(const wire::FrameBody& body);
    [[nodiscard]] wire::FrameBody head_of(const std::vector<std::uint32_t>& undefined, bool first) const;

    JournalStream& stream_;
    const Dictionary& dictionary_;
    Producers producers_;
    std::uint64_t segment_ = 0;  // the one that defined_ is about
    std::vector<bool> defined_;  // by series number
    bool started_ = false;       // a frame of ours is in segment_
    std::uint64_t changes_ = 0;
};

// The records of a frame as they were given: stamps without boot id get the frame's. Fails with malformed.
[[nodiscard]] Result<wire::FrameBody> decode_frame(std::string_view bytes);

}  // namespace outstation::store
