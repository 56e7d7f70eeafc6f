// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the journal at start.
#include "lib/store/recover.hpp"

#include <algorithm>

#include "lib/store/look_back.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kSegmentsForLatest = 2;
// Frames of samples read although they are sealed: what devices' usual distances are learned from.
constexpr std::size_t kSealedFramesRead = 64;

// A number that has a value was given, even where its definition can no longer be read.
std::uint32_t highest_series(const wire::SampleRecord& record) {
    std::uint32_t highest = 0;
    for (const std::uint32_t id : record.counter_series) highest = std::max(highest, id);
    for (const std::uint32_t id : record.gauge_series) highest = std::max(highest, id);
    return highest;
}

}  // namespace

void Recovery::read(StreamId id, JournalView view) {
    if (id == StreamId::samples && view.first_sequence() > 0) {
        kept_ = view.first_sequence();
        archive_.begin_at(kept_);
    }
    holes_ = {};
    FrameCursor frames(std::move(view));
    const std::size_t parts = frames.view().parts().size();
    Place from;
    if (id == StreamId::samples) from = first_unsealed(frames.view());
    // Behind the last one that has a record no producer is named.
    const std::size_t last = frames.view().first_lasting();
    for (; from.part < parts; from = {from.part + 1, 0}) {
        const bool newest = id == StreamId::samples || from.part + kSegmentsForLatest > last;
        read_part(id, frames, from, newest);
    }
    if (id == StreamId::samples)
        LookBack(dictionary_, out_.states, out_.latest, out_.collection).run(archive_.reader());
}

// Definitions of what is sealed are in the catalogue, marks of producers in each frame that stands alone.
Recovery::Place Recovery::first_unsealed(JournalView& view) const {
    const std::uint64_t next = archive_.sealed_to() + 1;
    for (std::size_t part = view.parts().size(); part-- > 0;) {
        const Segment& segment = view.parts()[part].segment;
        // One without a record knows no producer.
        if (part > 0 && (segment.records == 0 || segment.header.first_sequence > next)) continue;
        const auto entries = view.entries(part);
        if (!entries) return {part, 0};
        const auto end = std::find_if(entries->begin(), entries->end(), [next](const FrameEntry& entry) {
            return entry.end_sequence() > next;
        });
        auto index = static_cast<std::size_t>(end - entries->begin());
        index -= std::min(index, kSealedFramesRead);
        while (index > 0 && ((*entries)[index].info.flags & kFlagKeyed) == 0) --index;
        return {part, index};
    }
    return {};
}

void Recovery::read_part(StreamId id, FrameCursor& frames, Place from, bool newest) {
    const std::size_t part = from.part;
    const Segment segment = frames.view().parts()[part].segment;
    const auto entries = frames.view().entries(part);
    if (from.index == 0) note(id, holes_.begin(segment));
    if (!entries) return take_unreadable(id, segment, entries.error());
    const bool whole = newest || id == StreamId::state || id == StreamId::ledger;
    for (std::size_t i = from.index; i < entries->size(); ++i) {
        const FrameEntry& entry = (*entries)[i];
        note(id, holes_.see(entry));
        if (entry.info.gap()) continue;
        const bool defines = (entry.info.flags & (kFlagDefinitions | kFlagKeyed)) != 0;
        if (!whole && !defines) continue;
        const auto body = frames.read(part, *entries, i);
        if (body) {
            take_frame(id, entry, *body, newest);
        } else {
            take_damaged(id, frames, part, entry, body.error());
        }
    }
}

void Recovery::take_unreadable(StreamId id, const Segment& segment, const Error& error) {
    out_.damage.push_back({segment.path, 1, 0, error.text});
    if (id == StreamId::samples && error.code == ErrorCode::io) out_.incomplete.insert(segment.path);
    holes_.skip(segment);
    if (segment.empty()) return;
    note(id, wire::DamagedSpan{segment.t0_ns, segment.t1_ns, segment.header.first_sequence,
                               segment.end_sequence - 1});
}

// For the answers that would have what is missing.
void Recovery::note(StreamId id, const std::optional<wire::DamagedSpan>& span) {
    if (id == StreamId::samples && span && span->last_sequence > archive_.sealed_to())
        archive_.add_damage(*span);
}

// What a frame that is whole says of batches and series counts, even where its samples need a damaged one.
void Recovery::take_damaged(StreamId id, FrameCursor& frames, std::size_t part, const FrameEntry& entry,
                            const Error& error) {
    const std::string& path = frames.view().parts()[part].segment.path;
    const std::uint64_t first = entry.info.first_sequence;
    Damage* const before = out_.damage.empty() ? nullptr : &out_.damage.back();
    if (before != nullptr && before->segment == path && before->last_sequence + 1 == first) {
        before->last_sequence = entry.end_sequence() - 1;
    } else {
        out_.damage.push_back({path, first, entry.end_sequence() - 1, error.text});
    }
    note(id, wire::DamagedSpan{entry.info.t0_ns, entry.info.t1_ns, first, entry.end_sequence() - 1});
    const bool sealed = entry.end_sequence() - 1 <= archive_.sealed_to();
    if (id == StreamId::samples && error.code == ErrorCode::io && !sealed) out_.incomplete.insert(path);
    if (const auto rest = frames.read_rest(part, entry)) take_frame(id, entry, *rest, true);
}

void Recovery::take_frame(StreamId id, const FrameEntry& frame, const wire::FrameBody& body, bool newest) {
    for (const auto& def : body.series) dictionary_.restore(def);
    dictionary_.restore_last(body.last_series);
    if (id == StreamId::state) {
        std::uint64_t sequence = frame.info.first_sequence;
        for (const auto& record : body.states) {
            if (!listed_.forgot(sequence++, record.device)) out_.states.add(record);
        }
    }
    for (const auto& entry : body.ledger) {
        if (entry.account == wire::Account::damaged) recall_damage(entry);
        out_.collection.recall(entry);
    }
    if (!newest) return;
    Producers& producers = out_.producers[id];
    for (const auto& mark : body.producers) producers.add({mark.daemon, mark.incarnation, mark.counter});
    for (const auto& batch : body.batches) producers.add({batch.daemon, batch.incarnation, batch.counter});
    take_samples(body);
    if (id != StreamId::samples) return;
    archive_.add(frame.info.first_sequence, body);
    if (archive_.unsealed_octets() > seal_above_octets_) seal();
}

// History has no place for what the journal could not give when a window was sealed.
void Recovery::recall_damage(const wire::LedgerRecord& entry) {
    out_.told_damage.emplace(entry.stream, entry.first_sequence, entry.last_sequence);
    if (entry.stream == StreamId::samples && entry.device.empty() && entry.reason == kDamageReason)
        archive_.add_damage({entry.from_ns, entry.to_ns, entry.first_sequence, entry.last_sequence});
}

// What cannot be sealed now stays in memory and is tried again by the keeper.
void Recovery::seal() {
    const auto sealed = archive_.seal(dictionary_, kept_, now_ns_);
    if (!sealed) seal_above_octets_ *= 2;
}

void Recovery::take_samples(const wire::FrameBody& body) {
    for (const auto& record : body.samples) {
        dictionary_.restore_last(highest_series(record));
        archive_.clocks().learn(record.stamp);
        out_.latest.add(record, archive_.clocks().repair(record.stamp));
        if (!out_.states.is_down(record.device, record.stamp.wall_ns)) out_.collection.recall(record);
    }
}

}  // namespace outstation::store
