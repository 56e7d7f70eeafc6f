// SPDX-License-Identifier: GPL-3.0-or-later
// Ranges of sequences, and which file counts.
#include "lib/store/history/coverage.hpp"

#include <algorithm>
#include <tuple>

namespace outstation::store {

void Coverage::add(const SequenceRange& range) {
    SequenceRange whole = range;
    std::vector<SequenceRange> out;
    for (const SequenceRange& other : ranges_) {
        const bool before = other.last < whole.first && whole.first - other.last > 1;
        const bool behind = whole.last < other.first && other.first - whole.last > 1;
        if (before || behind) {
            out.push_back(other);
        } else {
            whole = {std::min(whole.first, other.first), std::max(whole.last, other.last)};
        }
    }
    out.push_back(whole);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    ranges_ = std::move(out);
}

bool Coverage::contains(const SequenceRange& range) const {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const auto& have) { return have.contains(range); });
}

bool Coverage::overlaps(const SequenceRange& range) const {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const auto& have) { return have.overlaps(range); });
}

std::vector<SequenceRange> Coverage::without(const SequenceRange& range) const {
    std::vector<SequenceRange> out;
    std::uint64_t next = range.first;
    for (const SequenceRange& have : ranges_) {
        if (have.last < next) continue;
        if (have.first > range.last) break;
        if (have.first > next) out.push_back({next, have.first - 1});
        if (have.last >= range.last) return out;
        next = have.last + 1;
    }
    out.push_back({next, range.last});
    return out;
}

Coverage coverage_of(const std::vector<HistoryFileInfo>& files, Level level, std::uint64_t epoch) {
    Coverage out;
    for (const HistoryFileInfo& file : files) {
        if (file.head.level == level && file.head.identity.epoch == epoch) out.add(file.head.sequences);
    }
    return out;
}

void sort_files(std::vector<HistoryFileInfo>& files, const Epochs& epochs) {
    const auto key = [&epochs](const HistoryFileInfo& file) {
        const Head& head = file.head;
        const bool ours = epochs.has(head.identity);
        return std::tuple(head.level, ours, ours ? 0 : head.identity.epoch, head.sequences.first,
                          ~head.sequences.last, ~static_cast<unsigned>(head.span));
    };
    std::sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

const HistoryFileInfo* before(const std::vector<HistoryFileInfo>& files, const Epochs& epochs,
                              const Head& head) {
    const auto found = std::find_if(files.begin(), files.end(), [&](const HistoryFileInfo& file) {
        return file.head.sequences.last + 1 == head.sequences.first &&
               epochs.are_one(file.head.identity, head.identity);
    });
    return found == files.end() ? nullptr : &*found;
}

bool superseded(const HistoryFileInfo& file, const HistoryFileInfo& by) {
    if (file.name == by.name || file.head.identity != by.head.identity ||
        !by.head.sequences.contains(file.head.sequences))
        return false;
    if (file.head.level == by.head.level)
        return file.head.span < by.head.span ||
               (file.head.span == by.head.span &&
                (file.head.sequences != by.head.sequences || file.name < by.name));
    return file.head.level == Level::raw && by.head.level == Level::m1;
}

}  // namespace outstation::store
