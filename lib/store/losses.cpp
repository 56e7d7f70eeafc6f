// SPDX-License-Identifier: GPL-3.0-or-later
// Turns gaps and damage into entries of the gap ledger.
#include "lib/store/losses.hpp"

#include <algorithm>

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

namespace {

class Losses {
  public:
    explicit Losses(const ToldDamage& told) : told_(told) {}

    void add(const HistoryDamage& damage) {
        if (!damage.lost || damage.sequences.first == 0) return;
        if (auto* const entry = add(StreamId::samples, damage.sequences)) {
            entry->device = damage.device;
            entry->from_ns = damage.t0_ns;
            entry->to_ns = damage.t1_ns;
        }
    }
    void add(const wire::DamagedSpan& span) {
        if (auto* const entry = add(StreamId::samples, {span.first_sequence, span.last_sequence})) {
            entry->from_ns = span.from_ns;
            entry->to_ns = span.to_ns;
        }
    }
    // Samples that cannot be read are spans, unless they are sealed and nothing is lost.
    void add(const Damage& damage) {
        const auto segment = parse_segment_name(damage.segment.substr(damage.segment.rfind('/') + 1));
        if (!segment || damage.first_sequence > damage.last_sequence) return;
        if (segment->stream == StreamId::samples && !damage.tail) return;
        auto* const entry = add(segment->stream, {damage.first_sequence, damage.last_sequence});
        if (entry != nullptr && damage.tail) entry->reason = kTailReason;
    }
    [[nodiscard]] std::vector<wire::LedgerRecord> take() { return std::move(entries_); }

  private:
    // Nothing when it was told before, alone or with more.
    wire::LedgerRecord* add(StreamId stream, const SequenceRange& lost) {
        const bool told = std::any_of(told_.begin(), told_.end(), [&](const auto& entry) {
            return std::get<0>(entry) == stream &&
                   SequenceRange{std::get<1>(entry), std::get<2>(entry)}.contains(lost);
        });
        if (told || entries_.size() == kMaxBatchRecords) return nullptr;
        wire::LedgerRecord& entry = entries_.emplace_back();
        entry.account = wire::Account::damaged;
        entry.stream = stream;
        entry.first_sequence = lost.first;
        entry.last_sequence = lost.last;
        entry.reason = kDamageReason;
        return &entry;
    }

    const ToldDamage& told_;
    std::vector<wire::LedgerRecord> entries_;
};

}  // namespace

std::vector<wire::LedgerRecord> losses_of(const Recovered& recovered) {
    Losses losses(recovered.told_damage);
    for (const HistoryDamage& damage : recovered.history_damage) losses.add(damage);
    for (const wire::DamagedSpan& span : recovered.samples) losses.add(span);
    for (const Damage& damage : recovered.damage) losses.add(damage);
    return losses.take();
}

}  // namespace outstation::store
