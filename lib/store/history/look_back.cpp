// SPDX-License-Identifier: GPL-3.0-or-later
// Looking for what devices gave last, from the newest records backwards.
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/history/reader_retry.hpp"

namespace outstation::store {

// Blocks of one device, newest first; what cannot be read is passed over. False: it wants no more.
bool HistoryReader::look_back(HistoryFile& file, const std::string& name, std::size_t& blocks_left,
                              const LookBack& visit) {
    const auto device = file.device(name);
    if (!device || !*device) return true;
    for (std::int64_t n = (*device)->blocks; n-- > 0 && blocks_left > 0;) {
        --blocks_left;
        auto row = file.block(**device, n);
        if (!row) continue;
        auto block = BlockReader::open(std::move(row->body));
        if (block && !visit(name, *block)) return false;
    }
    return true;
}

Result<void> HistoryReader::look_back(const std::set<std::string>& devices, const LookBack& visit) {
    return retry<void>([&]() -> Result<void> {
        std::set<std::string> wanting = devices;
        std::size_t files_left = kMaxLookBackFiles, blocks_left = kMaxLookBackBlocks;
        const std::vector<HistoryFileInfo> files = store_.files();
        for (auto info = files.rbegin(); info != files.rend() && !wanting.empty(); ++info) {
            if (info->head.level != Level::raw || !store_.has(info->head)) continue;
            if (files_left-- == 0 || blocks_left == 0) break;
            const auto from = file(*info);
            if (!from && went_away(from.error())) return fail(from.error());
            if (!from) continue;
            std::erase_if(wanting, [&](const std::string& name) {
                return !look_back(**from, name, blocks_left, visit);
            });
        }
        return {};
    });
}

}  // namespace outstation::store
