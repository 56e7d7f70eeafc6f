// SPDX-License-Identifier: GPL-3.0-or-later
// Writing of frame bodies.
#include "lib/store/frame_writer.hpp"

#include <algorithm>

#include "lib/store/store.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

// Room asked for a record and a value of it: more than they take nearly always.
constexpr std::size_t kRecordOctets = 64;
constexpr std::size_t kValueOctets = 4;
// A frame that stands alone forgets all devices, and the first record of each costs thrice as much as the
// others; one that is damaged costs those behind it up to the next that does. So many records of each.
constexpr std::size_t kKeyedEvery = 8;

template <typename Records>
void hoist_boot_id(Records& records, std::string& boot_id) {
    if (records.empty() || !boot_id.empty()) return;  // none, or it was done already
    boot_id = records.front().stamp.boot_id;
    for (auto& record : records) {
        if (record.stamp.boot_id == boot_id) record.stamp.boot_id.clear();
    }
}

template <typename Records>
void span_times(const Records& records, FrameInfo& info) {
    for (const auto& record : records) {
        const bool first = info.records++ == 0;
        info.t0_ns = first ? record.stamp.wall_ns : std::min(info.t0_ns, record.stamp.wall_ns);
        info.t1_ns = first ? record.stamp.wall_ns : std::max(info.t1_ns, record.stamp.wall_ns);
    }
}

}  // namespace

Result<void> FrameWriter::write(wire::FrameBody& body, std::int64_t now_ns) {
    if (stream_.id() == StreamId::samples) forget_changed();
    const auto written =
        stream_.id() == StreamId::samples ? write_columns(body, now_ns) : write_message(body, now_ns);
    if (!written) {
        since_keyed_.reset();  // the encoder is ahead of what was written
        return written;
    }
    started_ = true;
    for (const auto& batch : body.batches) producers_.add({batch.daemon, batch.incarnation, batch.counter});
    return {};
}

Result<bool> FrameWriter::prepare(std::size_t octets, std::int64_t now_ns) {
    const auto segment = stream_.prepare(octets, now_ns);
    if (!segment) return fail(segment.error());
    if (*segment == segment_) return false;
    segment_ = *segment;
    forget_defined();
    started_ = false;
    return true;
}

FrameInfo FrameWriter::info_of(const wire::FrameBody& body, bool defines, bool keyed) const {
    FrameInfo info;
    info.first_sequence = stream_.next_sequence();
    span_times(body.samples, info);
    span_times(body.states, info);
    span_times(body.ledger, info);
    info.flags = static_cast<std::uint8_t>((defines ? kFlagDefinitions : 0) | (keyed ? kFlagKeyed : 0));
    return info;
}

Result<void> FrameWriter::write_message(wire::FrameBody& body, std::int64_t now_ns) {
    hoist_boot_id(body.states, body.boot_id);
    hoist_boot_id(body.ledger, body.boot_id);
    const std::string records = wire::encode(body);
    std::string head;
    // Protobuf messages written one after another read as one. A new segment has heard of no producer, so
    // that its first frame may need more room than was asked for.
    for (bool again = true; again;) {
        wire::FrameBody marks;
        if (!started_) put_marks(marks);
        head = wire::encode(marks);
        const auto other = prepare(head.size() + records.size(), now_ns);
        if (!other) return fail(other.error());
        again = *other;
    }
    return stream_.write(info_of(body, false, !started_), head + records);
}

// What is not known before the segment is: which series it lacks, and whether the frame must stand alone.
Result<void> FrameWriter::write_columns(wire::FrameBody& body, std::int64_t now_ns) {
    std::size_t octets = 0;
    for (const auto& record : body.samples) octets += kRecordOctets + kValueOctets * record.size();
    for (;;) {
        if (const auto other = prepare(octets, now_ns); !other) return fail(other.error());
        const bool keyed = !started_ || !since_keyed_ || *since_keyed_ >= kKeyedEvery * columns_.devices();
        std::vector<std::uint32_t> undefined;
        const auto define = [&](const std::vector<char>& is_first) {
            undefined = undefined_series(body, is_first);
            // Also where a frame before it is damaged.
            body.last_series = std::max(dictionary_.last_on_disk(), undefined.empty() ? 0 : undefined.back());
            std::string definitions;
            dictionary_.append_definitions(undefined, definitions);
            return definitions;
        };
        body.producers.clear();
        if (keyed) put_marks(body);
        const auto payload = columns_.encode(body, keyed, define);
        if (!payload) return fail(payload.error());
        if (payload->size() > octets) {
            octets = payload->size();
            const auto other = prepare(octets, now_ns);
            if (!other) return fail(other.error());
            if (*other) continue;  // the encoder is ahead of the segment, where the next frame is keyed
        }
        const FrameInfo info = info_of(body, !undefined.empty(), keyed);
        if (const auto ok = stream_.write_columns(info, *payload); !ok) return ok;
        since_keyed_ = (keyed ? 0 : *since_keyed_) + body.samples.size();
        if (!undefined.empty()) dictionary_.wrote(undefined.back());
        all_defined_ = all_defined_ || keyed;
        note_defined(undefined);
        return {};
    }
}

void FrameWriter::forget_defined() {
    defined_.clear();
    all_defined_ = false;
}

// The segment has them as they were.
void FrameWriter::forget_changed() {
    if (changes_ == dictionary_.changes()) return;
    const auto changed = dictionary_.changed_since(changes_);
    changes_ = changed.changes;
    if (changed.all) return forget_defined();
    for (const std::uint32_t id : changed.ids) {
        if (id >= defined_.size() || defined_[id] == 0) continue;
        defined_[id] = 0;
        all_defined_ = false;
    }
}

void FrameWriter::note_defined(const std::vector<std::uint32_t>& series) {
    for (const std::uint32_t id : series) {
        if (id >= defined_.size()) defined_.resize(id + 1);
        defined_[id] = 1;
    }
    while (defined_to_ + 1 < defined_.size() && defined_[defined_to_ + 1] != 0) ++defined_to_;
}

std::vector<std::uint32_t> FrameWriter::undefined_series(const wire::FrameBody& body,
                                                         const std::vector<char>& is_first) const {
    std::vector<std::uint32_t> out;
    const auto look = [&out, defined = defined_.data(),
                       known = defined_.size()](const std::vector<std::uint32_t>& column) {
        for (const std::uint32_t id : column) {
            if (id >= known || defined[id] == 0) out.push_back(id);
        }
    };
    for (std::size_t i = 0; i < body.samples.size(); ++i) {
        if (all_defined_ && is_first[i] == 0) continue;
        look(body.samples[i].counter_series);
        look(body.samples[i].gauge_series);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    add_undefined_below(out);
    return out;
}

// A number below one on disk would be lost with a restart, and one more would be given to its series.
void FrameWriter::add_undefined_below(std::vector<std::uint32_t>& series) const {
    const std::uint32_t last = std::max(series.empty() ? 0 : series.back(), dictionary_.last_on_disk());
    const auto used = static_cast<std::ptrdiff_t>(series.size());
    for (std::uint32_t id = defined_to_ + 1; id < last && series.size() < kMaxBatchValues; ++id) {
        const bool defined = id < defined_.size() && defined_[id] != 0;
        if (!defined && !std::binary_search(series.begin(), series.begin() + used, id)) series.push_back(id);
    }
    std::inplace_merge(series.begin(), series.begin() + used, series.end());
}

void FrameWriter::put_marks(wire::FrameBody& head) const {
    head.last_series = dictionary_.last_on_disk();
    head.producers = producers_.marks();
}

}  // namespace outstation::store
