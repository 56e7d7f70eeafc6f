// SPDX-License-Identifier: GPL-3.0-or-later
// Packing of a window's definitions.
#include "lib/store/window_definitions.hpp"

#include <algorithm>
#include <utility>

namespace outstation::store {

Result<const std::vector<ChunkRow>*> WindowDefinitions::pack(const Dictionary& dictionary,
                                                             std::vector<std::uint32_t> series) {
    const std::size_t known = dictionary.size();
    const std::uint64_t changes = dictionary.changes();
    if (series == series_ && known == known_ && changes == changes_) return &chunks_;
    std::vector<ChunkRow> chunks;
    for (std::size_t at = 0; at < series.size(); at += kMaxChunkItems) {
        const auto begin = series.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(series.size() - at, kMaxChunkItems));
        std::string body;
        dictionary.append_chunk({begin, end}, body);
        auto chunk = pack_chunk(body);
        if (!chunk) return fail(chunk.error());
        chunks.push_back(std::move(*chunk));
    }
    series_ = std::move(series);
    known_ = known;
    changes_ = changes;
    chunks_ = std::move(chunks);
    return &chunks_;
}

}  // namespace outstation::store
