// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a batch of records into one durable frame: what a segment must repeat so that it can be read without
// older ones (definitions, producers' marks) is put in front. Samples are packed as columns, other records as
// a message. Threads: one, the flush worker's.
#pragma once

#include <optional>
#include <vector>

#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/store/journal/stream.hpp"
#include "lib/store/producers.hpp"

namespace outstation::store {

class FrameWriter {
  public:
    // What was on disk is in the dictionary.
    FrameWriter(JournalStream& stream, Dictionary& dictionary, Producers producers)
        : stream_(stream),
          dictionary_(dictionary),
          producers_(std::move(producers)),
          defined_to_(dictionary.last_on_disk()),
          changes_(dictionary.changes()) {}

    // Records, batches and nothing else are set in `body`; samples and batches are in it as they were
    // afterwards. Durable when this returns well. After exhausted the same body may be written later; after
    // another failure see JournalStream::write.
    [[nodiscard]] Result<void> write(wire::FrameBody& body, std::int64_t now_ns);

  private:
    // Makes room; true when the segment is another one than before.
    [[nodiscard]] Result<bool> prepare(std::size_t octets, std::int64_t now_ns);
    [[nodiscard]] Result<void> write_message(wire::FrameBody& body, std::int64_t now_ns);
    [[nodiscard]] Result<void> write_columns(wire::FrameBody& body, std::int64_t now_ns);
    [[nodiscard]] FrameInfo info_of(const wire::FrameBody& body, bool defines, bool keyed) const;
    // In ascending order: those of the records that the segment does not define, and below them those that
    // nothing on disk does; at most kMaxBatchValues.
    [[nodiscard]] std::vector<std::uint32_t> undefined_series(const wire::FrameBody& body,
                                                              const std::vector<char>& is_first) const;
    void add_undefined_below(std::vector<std::uint32_t>& series) const;
    void note_defined(const std::vector<std::uint32_t>& series);
    void forget_defined();
    void forget_changed();
    // What the first frame of a segment, and a keyed one, says beside its records.
    void put_marks(wire::FrameBody& head) const;

    JournalStream& stream_;
    Dictionary& dictionary_;
    Producers producers_;
    std::uint32_t defined_to_;           // up to here each number was on disk before, or is defined there
    std::uint64_t segment_ = 0;          // the one that defined_ is about
    std::vector<std::uint8_t> defined_;  // by series number: 1, it is
    bool all_defined_ = false;           // all series of records that columns_ knows, too
    bool started_ = false;               // a frame of ours is in segment_
    std::uint64_t changes_;              // of the dictionary, that defined_ knows of
    FrameEncoder columns_;               // of samples
    std::optional<std::size_t> since_keyed_;  // records; none: the next frame must stand alone
};

}  // namespace outstation::store
