// SPDX-License-Identifier: GPL-3.0-or-later
// Which sequences a set of files has, and which file counts when several have the same. Pure functions.
#pragma once

#include <vector>

#include "lib/store/history/types.hpp"
#include "lib/store/journal/epochs.hpp"

namespace outstation::store {

// Ranges of sequences of one epoch.
class Coverage {
  public:
    void add(const SequenceRange& range);
    [[nodiscard]] bool contains(const SequenceRange& range) const;
    [[nodiscard]] bool overlaps(const SequenceRange& range) const;
    // What of `range` it does not have, ascending.
    [[nodiscard]] std::vector<SequenceRange> without(const SequenceRange& range) const;
    [[nodiscard]] const std::vector<SequenceRange>& ranges() const { return ranges_; }

  private:
    std::vector<SequenceRange> ranges_;  // ascending, apart
};

[[nodiscard]] Coverage coverage_of(const std::vector<HistoryFileInfo>& files, Level level,
                                   std::uint64_t epoch);

// By level, foreign epochs before ours, first sequence, the longest first.
void sort_files(std::vector<HistoryFileInfo>& files, const Epochs& epochs);

// Of sorted files the finest that ends where this one begins: its last counters are those before the first.
[[nodiscard]] const HistoryFileInfo* before(const std::vector<HistoryFileInfo>& files, const Epochs& epochs,
                                            const Head& head);

// A file that adds nothing: another of its level has its records and a longer span, or more of them, or the
// same and a later time; or it is raw and was thinned to minutes.
[[nodiscard]] bool superseded(const HistoryFileInfo& file, const HistoryFileInfo& by);

}  // namespace outstation::store
