// SPDX-License-Identifier: GPL-3.0-or-later
// Seals one window: raw records as blocks, into a new history file. Nothing of it can be seen before
// commit(); a sealer that is dropped leaves nothing. Threads: the one that seals.
#pragma once

#include <memory>
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

    // All records of one device in the window, ascending by sequence, and the definitions of their series.
    // Each device comes once. malformed: a record of another device, or a sequence that is not of this window
    // or was there before. After an error the sealer cannot be used any more.
    [[nodiscard]] Result<void> add(const std::string& device, const std::vector<NumberedRecord>& records,
                                   std::vector<wire::SeriesDef> definitions);
    // The marks of the producers' batches that the records came in, any number of calls.
    [[nodiscard]] Result<void> add_batches(const std::vector<wire::BatchMark>& batches);
    // The records are in history, durable, when this returns well. malformed: sequences are missing that were
    // not said to be. After io, seal again: the file may already stand and is replaced.
    [[nodiscard]] Result<HistoryFileInfo> commit();

  private:
    friend class HistoryStore;
    Sealer(HistoryStore& store, std::vector<SequenceRange> missing);
    [[nodiscard]] Result<void> open(const Head& head);
    [[nodiscard]] Result<void> take_sequences(const std::vector<NumberedRecord>& records);

    HistoryStore& store_;
    std::vector<SequenceRange> missing_;
    Head head_;
    std::unique_ptr<HistoryWriter> writer_;
    std::vector<bool> seen_;
    std::set<std::string> devices_;
};

}  // namespace outstation::store
