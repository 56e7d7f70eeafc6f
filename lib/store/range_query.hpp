// SPDX-License-Identifier: GPL-3.0-or-later
// Points of some series in a time range, raw or by steps, from history and from what is not sealed yet.
// Threads: one at a time, which is the archive's reader. Memory: what HistoryReader::range takes.
#pragma once

#include "lib/store/dictionary.hpp"
#include "lib/store/sample_archive.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

inline constexpr std::size_t kMaxRangeSeries = 64;
inline constexpr std::size_t kMaxPoints = 100'000;  // of all series of one answer

// A step that a restart of the device or a reset of the counter falls into has no rate from it; a 32-bit
// counter that wraps has. Damage within the range is told.
// Fails with malformed for an impossible question, not_found for a series that does not exist, exhausted when
// the answer would be too large.
[[nodiscard]] Result<wire::RangeReply> find_range(SampleArchive& archive, const Dictionary& dictionary,
                                                  const wire::RangeRequest& request);

}  // namespace outstation::store
