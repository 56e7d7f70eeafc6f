// SPDX-License-Identifier: GPL-3.0-or-later
// Sums up the files of history for the status.
#include "lib/store/store_status.hpp"

#include <algorithm>
#include <map>

namespace outstation::store {

void add_history(wire::StoreStatus& out, const std::vector<HistoryFileInfo>& files, const Epochs& epochs) {
    std::map<Level, wire::HistoryLevelStatus> levels;
    std::uint64_t first_raw = 0;
    for (const HistoryFileInfo& info : files) {
        const Head& head = info.head;
        auto& level = levels[head.level];
        level.level = static_cast<std::uint32_t>(head.level);
        level.from_ns = level.files == 0 ? head.t0_ns : std::min(level.from_ns, head.t0_ns);
        level.to_ns = std::max(level.to_ns, head.t1_ns);
        level.bytes += info.octets;
        ++level.files;
        if (head.level == Level::raw && epochs.has(head.identity) && first_raw == 0)
            first_raw = head.sequences.first;
    }
    for (const auto& [level, status] : levels) out.history.push_back(status);
    if (first_raw == 0) return;
    for (wire::StreamStatus& row : out.streams) {
        if (row.stream != StreamId::samples || row.first_sequence <= first_raw) continue;
        row.first_sequence = first_raw;
        row.oldest_ns = levels[Level::raw].from_ns;
    }
}

}  // namespace outstation::store
