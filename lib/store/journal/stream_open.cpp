// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a stream after anything may have happened to it: its segments, its last frame, its tail.
#include <algorithm>
#include <limits>

#include "lib/store/journal/stream.hpp"

namespace outstation::store {
namespace {

constexpr std::uint64_t kMaxGapRecords = std::numeric_limits<std::uint32_t>::max();  // of one frame

}  // namespace

Result<std::unique_ptr<JournalStream>> JournalStream::open(FileSystem& files, Options options,
                                                           const std::vector<std::string>& names,
                                                           Opened& opened) {
    std::unique_ptr<JournalStream> stream(new JournalStream(files, std::move(options)));
    Tail tail;
    if (const auto loaded = stream->load(names, opened, tail); !loaded) return fail(loaded.error());
    if (const auto active = stream->reopen_active(); !active) return fail(active.error());
    if (const auto settled = stream->settle(tail, opened); !settled) return fail(settled.error());
    return stream;
}

Result<void> JournalStream::load(const std::vector<std::string>& names, Opened& opened, Tail& tail) {
    for (const std::string& name : names) {
        const auto parsed = parse_segment_name(name);
        if (!parsed || parsed->stream != options_.stream) continue;
        auto contents = load_segment(files_, options_.directory, name, options_.identity);
        if (!contents) return fail(contents.error());
        note_between(contents->segment, opened);
        std::move(contents->damage.begin(), contents->damage.end(), std::back_inserter(opened.damage));
        opened.torn_tail = contents->tail.exists();
        tail = contents->tail;
        active_entries_ = std::move(contents->entries);
        segments_.push_back(std::move(contents->segment));
    }
    return {};
}

void JournalStream::note_between(const Segment& segment, Opened& opened) const {
    if (segments_.empty() || segments_.back().end_sequence == segment.header.first_sequence) return;
    opened.damage.push_back({segment.path, segments_.back().end_sequence, segment.header.first_sequence - 1,
                             "records are missing before this segment"});
}

Result<void> JournalStream::reopen_active() {
    if (segments_.empty() || segments_.back().sealed) {
        active_entries_.clear();
        return {};
    }
    const Segment& segment = segments_.back();
    auto file = files_.open(segment.path, FileSystem::Mode::write);
    if (!file) return fail(file.error());
    active_ = std::move(*file);
    if (active_entries_.empty()) return {};
    const std::uint64_t offset = active_entries_.back().offset;
    const auto last = active_->read(offset, segment.end_offset - offset);
    if (!last) return fail(last.error());
    if (const auto written = active_->write(offset, *last); !written) return written;
    return active_->sync();
}

// Nothing that stands behind the last valid frame may be taken for something else later, and no number that a
// lost record may have had is given again.
Result<void> JournalStream::settle(const Tail& tail, Opened& opened) {
    if (!active_) return {};
    if (tail.exists()) {
        const bool lost = tail.end_sequence > segments_.back().end_sequence;
        if (const auto ok = lost ? write_gaps(tail, opened) : clear_tail(tail); !ok) return ok;
    }
    return clear_trailer();
}

// A seal that was cut short: its index is written again when the segment is sealed again. First the index,
// then the trailer, which is what tells it from a frame.
Result<void> JournalStream::clear_tail(const Tail& tail) {
    if (const auto ok = write_zeros(*active_, tail.begin, tail.end); !ok) return ok;
    return active_->sync();
}

Result<void> JournalStream::clear_trailer() {
    Segment& segment = segments_.back();
    if (!segment.stale_trailer) return {};
    const std::uint64_t end = std::max(segment.file_octets, kTrailerOctets);
    if (const auto ok = write_zeros(*active_, end - kTrailerOctets, end); !ok) return ok;
    segment.stale_trailer = false;
    return active_->sync();
}

// What is there stays as it is, for whoever wants to look at it; the gap stands behind it.
Result<void> JournalStream::write_gaps(const Tail& tail, Opened& opened) {
    const std::uint64_t first = segments_.back().end_sequence;
    const std::uint64_t count = tail.end_sequence - first;
    if (const auto ok = make_room_behind(tail.end, (count - 1) / kMaxGapRecords + 1); !ok) return ok;
    while (segments_.back().end_sequence < tail.end_sequence) {
        FrameHeader header;
        header.info.first_sequence = segments_.back().end_sequence;
        header.info.records = static_cast<std::uint32_t>(
            std::min(tail.end_sequence - header.info.first_sequence, kMaxGapRecords));
        header.info.flags = kFlagGap;
        header.info.t0_ns = tail.t0_ns;
        header.info.t1_ns = tail.t1_ns;
        if (const auto ok = put(header, {}); !ok) return ok;
    }
    opened.damage.push_back({segments_.back().path, first, tail.end_sequence - 1,
                             "torn or damaged tail, " + std::to_string(count) +
                                 (count == 1 ? " record unknown" : " records unknown"),
                             true});
    return {};
}

// The next frame goes to `offset`. Room for some gaps and the index behind it, if need be in a longer file.
Result<void> JournalStream::make_room_behind(std::uint64_t offset, std::uint64_t gaps) {
    Segment segment = segments_.back();
    segment.end_offset = offset;
    const std::uint64_t needed = offset + gaps * frame_room(0) + index_room(active_entries_.size() + gaps);
    if (needed > segment.file_octets) {
        const std::uint64_t trailer = segment.file_octets - std::min(segment.file_octets, kTrailerOctets);
        if (const auto ok = write_zeros(*active_, std::max(offset, trailer), needed); !ok) return ok;
        if (const auto ok = active_->sync(); !ok) return ok;
        segment.file_octets = needed;
        segment.stale_trailer = false;
    }
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    return {};
}

}  // namespace outstation::store
