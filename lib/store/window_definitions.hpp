// SPDX-License-Identifier: GPL-3.0-or-later
// The definitions that a window takes with it, packed. From one window to the next they are nearly always the
// same, so that they are packed once. Threads: one.
#pragma once

#include <vector>

#include "lib/store/dictionary.hpp"
#include "lib/store/history/rows.hpp"

namespace outstation::store {

class WindowDefinitions {
  public:
    // Of these series, in their order; what has no definition is left out. The answer holds until the next
    // one.
    [[nodiscard]] Result<const std::vector<ChunkRow>*> pack(const Dictionary& dictionary,
                                                            std::vector<std::uint32_t> series);

  private:
    std::vector<std::uint32_t> series_;
    std::size_t known_ = 0;      // series in the dictionary then
    std::uint64_t changes_ = 0;  // of the dictionary
    std::vector<ChunkRow> chunks_;
};

}  // namespace outstation::store
