// SPDX-License-Identifier: GPL-3.0-or-later
// Which numbers of series nothing on disk has any more, so that a station that meets new series all its life
// does not run out of them. Asked when a store opens, before anybody has a number. Blocks. Threads: one.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/store/dictionary.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/journal/stream.hpp"
#include "lib/store/latest.hpp"

namespace outstation::store {

// Known numbers of `dictionary` that no segment of samples and no file of history defines, and that have no
// value in memory: a segment and a file define each number that they use. Fails when one of them cannot be
// read: it may have any number.
[[nodiscard]] Result<std::vector<std::uint32_t>> find_spare_numbers(const Dictionary& dictionary,
                                                                    JournalView samples,
                                                                    HistoryReader& history,
                                                                    const std::vector<HistoryFileInfo>& files,
                                                                    const LatestTable& latest);

}  // namespace outstation::store
