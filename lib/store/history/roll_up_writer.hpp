// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the roll-up of one device into a history file: as many blocks as it needs, written as they fill, so
// that the memory for it does not grow with the time that the file is for. Threads: one. Ownership: the
// writer outlives it.
#pragma once

#include <string>

#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/roll_up.hpp"

namespace outstation::store {

class RollUpWriter {
  public:
    RollUpWriter(HistoryWriter& writer, const std::string& device)
        : writer_(writer), gathered_(device, writer.head().level) {}

    [[nodiscard]] RollUp& gathered() { return gathered_; }
    // The records with these sequences were added to gathered(). Writes what is finished when that is much.
    [[nodiscard]] Result<void> added(const SequenceRange& sequences);
    // Writes the rest.
    [[nodiscard]] Result<void> finish();

  private:
    [[nodiscard]] Result<void> write(RollUp::Take which);

    HistoryWriter& writer_;
    RollUp gathered_;
    SequenceRange sequences_;  // 0 to 0: none yet
};

}  // namespace outstation::store
