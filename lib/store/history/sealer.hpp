// SPDX-License-Identifier: GPL-3.0-or-later
// Seals one window: raw records as blocks, into a new history file. Nothing of it can be seen before
// commit(); a sealer that is dropped leaves nothing. Threads: the one that seals.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/history.hpp"

namespace outstation::store {

// At most this many records are sealed at once.
inline constexpr std::uint64_t kMaxSealedRecords = 1U << 24;

class Sealer {
  public:
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    // The records of one device in the window, ascending by sequence, begin to come. Each device comes once.
    [[nodiscard]] Result<void> start(const std::string& device);
    // malformed: a record of another device, or a sequence that is not of this window or was there before.
    [[nodiscard]] Result<void> add(std::uint64_t sequence, const wire::SampleRecord& record);
    [[nodiscard]] Result<void> add(const RowGroup& group);
    // The device has no more.
    [[nodiscard]] Result<void> end();
    // The definitions of all series that are in the window.
    [[nodiscard]] Result<void> add_definitions(const std::vector<ChunkRow>& packed);
    // After an error in any of these the sealer cannot be used any more. A device and what it needs at once:
    [[nodiscard]] Result<void> add(const std::string& device, const std::vector<NumberedRecord>& records,
                                   std::vector<wire::SeriesDef> definitions);
    // The marks of the producers' batches that the records came in, any number of calls.
    [[nodiscard]] Result<void> add_batches(const std::vector<wire::BatchMark>& batches);
    // The records are in history, durable, when this returns well. malformed: sequences are missing that were
    // not said to be. After io, seal again.
    [[nodiscard]] Result<HistoryFileInfo> commit();

  private:
    friend class HistoryStore;
    Sealer(HistoryStore& store, std::vector<SequenceRange> missing);
    [[nodiscard]] Result<void> open(const Head& head);
    [[nodiscard]] Result<void> take_sequence(std::uint64_t sequence);
    [[nodiscard]] Result<void> count(std::uint64_t sequence, std::int64_t wall_ns, std::size_t values);
    [[nodiscard]] std::uint64_t count_minutes();

    HistoryStore& store_;
    std::vector<SequenceRange> missing_;
    Head head_;
    std::unique_ptr<HistoryWriter> writer_;
    std::vector<bool> seen_;
    std::set<std::string> devices_;
    // Of the device whose records come.
    std::optional<RecordBlocks> blocks_;
    std::uint64_t values_ = 0;
    std::vector<std::int64_t> minutes_;
    std::size_t rows_before_ = 0;  // of the device before: how many are expected
};

}  // namespace outstation::store
