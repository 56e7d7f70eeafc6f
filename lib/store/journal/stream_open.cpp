// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a stream after anything may have happened to it: its segments, its last frame, its tail.
#include <algorithm>
#include <limits>

#include "lib/store/journal/new_file.hpp"
#include "lib/store/journal/stream.hpp"

namespace outstation::store {
namespace {

constexpr std::uint64_t kMaxGapRecords = std::numeric_limits<std::uint32_t>::max();  // of one frame

std::string unknown_records(std::uint64_t count) {
    return "torn or damaged tail, " + std::to_string(count) +
           (count == 1 ? " record unknown" : " records unknown");
}

// What stands for a segment that cannot be opened.
SegmentContents unreadable_segment(const std::string& path, const SegmentName& name, const Identity& identity,
                                   std::uint64_t octets) {
    SegmentContents out;
    out.segment.path = path;
    out.segment.header = {identity, name.stream, name.first_sequence, 0, 0};
    out.segment.end_sequence = name.first_sequence;
    out.segment.file_octets = octets;
    out.segment.sealed = out.segment.unreadable = out.segment.incomplete = true;
    return out;
}

// Gaps of one opening that follow each other because one frame could not hold them are one.
std::vector<Damage> gaps_of(const SegmentContents& contents) {
    std::vector<Damage> out;
    bool goes_on = false;
    for (const FrameEntry& entry : contents.entries) {
        if (!entry.info.gap()) {
            goes_on = false;
            continue;
        }
        const std::uint64_t last = entry.end_sequence() - 1;
        if (goes_on) {
            out.back().last_sequence = last;
        } else {
            out.push_back({contents.segment.path, entry.info.first_sequence, last, {}, true});
        }
        goes_on = entry.info.records == kMaxGapRecords;
    }
    for (Damage& gap : out) gap.what = unknown_records(gap.last_sequence - gap.first_sequence + 1);
    return out;
}

}  // namespace

Result<std::unique_ptr<JournalStream>> JournalStream::open(FileSystem& files, Options options,
                                                           const std::vector<std::string>& names,
                                                           Opened& opened) {
    std::unique_ptr<JournalStream> stream(new JournalStream(files, std::move(options)));
    Tail tail;
    if (const auto loaded = stream->load(names, opened, tail); !loaded) return fail(loaded.error());
    if (const auto spare = stream->find_spare(names); !spare) return fail(spare.error());
    if (const auto active = stream->reopen_active(); !active) return fail(active.error());
    if (const auto settled = stream->settle(tail, opened); !settled) return fail(settled.error());
    if (const auto made = stream->make_spare(); !made) return fail(made.error());
    return stream;
}

Result<void> JournalStream::load(const std::vector<std::string>& names, Opened& opened, Tail& tail) {
    std::vector<std::string> foreign;
    Result<void> not_opened;
    for (const std::string& name : names) {
        const auto parsed = parse_segment_name(name);
        if (!parsed || parsed->stream != options_.stream) continue;
        auto contents = load_segment(files_, options_.directory, name, *options_.epochs);
        if (!contents && contents.error().code == ErrorCode::io) {
            not_opened = fail(contents.error());
            contents = unreadable_segment(options_.directory + "/" + name, *parsed,
                                          options_.epochs->at(parsed->stream, parsed->first_sequence),
                                          options_.segment_octets);
        }
        if (!contents) return fail(contents.error());
        if (!is_ours(*contents)) {
            foreign.push_back(contents->segment.path);
        } else {
            take_in(std::move(*contents), opened, tail);
        }
    }
    // Numbers may be in it that must not be given again.
    if (!segments_.empty() && segments_.back().unreadable)
        return fail(not_opened.error().in("the newest segment of its stream cannot be opened"));
    return leave_foreign(foreign, opened);
}

// Records that a former epoch numbered behind its end are not those that we have under these numbers.
bool JournalStream::is_ours(const SegmentContents& contents) const {
    const SegmentHeader& header = contents.segment.header;
    return !contents.foreign &&
           (contents.segment.empty() ||
            header.identity == options_.epochs->at(header.stream, header.first_sequence));
}

void JournalStream::take_in(SegmentContents contents, Opened& opened, Tail& tail) {
    note_between(contents.segment, opened);
    std::move(contents.damage.begin(), contents.damage.end(), std::back_inserter(opened.damage));
    for (Damage& gap : gaps_of(contents)) opened.gaps.push_back(std::move(gap));
    opened.torn_tail = contents.tail.exists();
    tail = contents.tail;
    active_entries_ = std::move(contents.entries);
    segments_.push_back(std::move(contents.segment));
}

void JournalStream::note_between(const Segment& segment, Opened& opened) {
    if (segments_.empty() || segments_.back().end_sequence == segment.header.first_sequence) return;
    Segment& before = segments_.back();
    const std::string what =
        before.unreadable ? "the segment cannot be opened" : "records are missing before this segment";
    opened.damage.push_back({before.unreadable ? before.path : segment.path, before.end_sequence,
                             segment.header.first_sequence - 1, what});
    if (!before.unreadable) return;
    before.end_sequence = segment.header.first_sequence;
    // Of its stamps is known that they lie between its neighbours'.
    before.t1_ns = segment.empty() ? segment.header.created_ns : segment.t0_ns;
    before.t0_ns = segments_.size() > 1 ? std::min(segments_.end()[-2].t1_ns, before.t1_ns) : before.t1_ns;
}

// A journal whose identity was exchanged would otherwise begin to number anew beside its own records.
Result<void> JournalStream::leave_foreign(const std::vector<std::string>& paths, Opened& opened) const {
    for (const std::string& path : paths) {
        const auto name = parse_segment_name(path.substr(path.rfind('/') + 1));
        if (!name || name->first_sequence >= next_sequence())
            return fail(ErrorCode::refused,
                        path + ": of another station or epoch, in the way of ours; move it elsewhere");
        opened.damage.push_back({path, 1, 0, "of another station or epoch: neither read nor touched"});
    }
    return {};
}

Result<void> JournalStream::find_spare(const std::vector<std::string>& names) {
    if (!options_.spare || std::find(names.begin(), names.end(), spare_name()) == names.end()) return {};
    const std::string path = options_.directory + "/" + spare_name();
    const auto file = files_.open(path, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    const auto octets = (*file)->size();
    if (!octets) return fail(octets.error());
    has_spare_ = *octets == options_.segment_octets;
    return has_spare_ ? Result<void>() : files_.remove(path);
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
    return sync_once(*active_);
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
    return sync_once(*active_);
}

Result<void> JournalStream::clear_trailer() {
    Segment& segment = segments_.back();
    if (!segment.stale_trailer) return {};
    const std::uint64_t end = std::max(segment.file_octets, kTrailerOctets);
    if (const auto ok = write_zeros(*active_, end - kTrailerOctets, end); !ok) return ok;
    segment.stale_trailer = false;
    return sync_once(*active_);
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
    opened.damage.push_back(
        {segments_.back().path, first, tail.end_sequence - 1, unknown_records(count), true});
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
        if (const auto ok = sync_once(*active_); !ok) return ok;
        segment.file_octets = needed;
        segment.stale_trailer = false;
    }
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    return {};
}

}  // namespace outstation::store
