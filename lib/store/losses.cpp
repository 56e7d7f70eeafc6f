// SPDX-License-Identifier: GPL-3.0-or-later
// Turns gaps and damage into entries of the gap ledger.
#include "lib/store/losses.hpp"

#include "lib/store/store.hpp"

namespace outstation::store {

wire::LedgerRecord loss_of(const CollectionWatch::Gap& gap, const DeviceStates& states) {
    wire::LedgerRecord entry;
    entry.account = wire::Account::not_collected;
    entry.device = gap.device;
    entry.from_ns = gap.from_ns;
    entry.to_ns = gap.to_ns;
    entry.reason = gap.restarted                              ? "station_restarted"
                   : states.was_down(gap.device, gap.from_ns) ? "device_down"
                                                              : "not_polled";
    return entry;
}

std::vector<wire::LedgerRecord> losses_of(const std::vector<Damage>& journal,
                                          const std::vector<HistoryDamage>& history, const ToldDamage& told) {
    std::vector<wire::LedgerRecord> entries;
    for (const HistoryDamage& damage : history) {
        const SequenceRange& lost = damage.sequences;
        if (lost.first == 0 || told.contains({StreamId::samples, lost.first, lost.last})) continue;
        wire::LedgerRecord& entry = entries.emplace_back();
        entry.account = wire::Account::damaged;
        entry.stream = StreamId::samples;
        entry.device = damage.device;
        entry.from_ns = damage.t0_ns;
        entry.to_ns = damage.t1_ns;
        entry.first_sequence = lost.first;
        entry.last_sequence = lost.last;
        entry.reason = "damage";
    }
    for (const Damage& damage : journal) {
        const auto segment = parse_segment_name(damage.segment.substr(damage.segment.rfind('/') + 1));
        if (!segment || damage.first_sequence > damage.last_sequence) continue;
        if (told.contains({segment->stream, damage.first_sequence, damage.last_sequence})) continue;
        wire::LedgerRecord& entry = entries.emplace_back();
        entry.account = wire::Account::damaged;
        entry.stream = segment->stream;
        entry.first_sequence = damage.first_sequence;
        entry.last_sequence = damage.last_sequence;
        entry.reason = damage.tail ? "unfinished_or_damaged" : "damage";
        if (entries.size() == kMaxBatchRecords) break;
    }
    return entries;
}

}  // namespace outstation::store
