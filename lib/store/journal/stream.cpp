// SPDX-License-Identifier: GPL-3.0-or-later
// Appending to and reading from the segments of a stream.
#include "lib/store/journal/stream.hpp"

#include <algorithm>

#include "lib/store/journal/new_file.hpp"

namespace outstation::store {
std::uint64_t frame_room(std::uint64_t body_octets) {
    return kFrameHeaderOctets + body_octets + kFrameAlignment;
}

std::uint64_t index_room(std::size_t frames) {
    return frame_room(frames * kFrameEntryOctets) + kTrailerOctets;
}

std::uint64_t JournalView::first_sequence() const {
    return parts_.empty() ? 0 : parts_.front().segment.header.first_sequence;
}

std::uint64_t JournalView::end_sequence() const {
    return parts_.empty() ? 0 : parts_.back().segment.end_sequence;
}

std::size_t JournalView::first_lasting() const {
    for (std::size_t part = parts_.size(); part-- > 0;) {
        if (parts_[part].segment.records > 0) return part;
    }
    return 0;
}

Result<const File*> JournalView::open(std::size_t part) {
    if (file_ && open_part_ == part) return file_.get();
    auto file = files_.open(parts_.at(part).segment.path, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    file_ = std::move(*file);
    open_part_ = part;
    return file_.get();
}

Result<std::vector<FrameEntry>> JournalView::entries(std::size_t part) {
    const Part& wanted = parts_.at(part);
    if (wanted.entries) return *wanted.entries;
    const std::string& path = wanted.segment.path;
    const std::size_t slash = path.rfind('/');
    const auto contents =
        load_segment(files_, path.substr(0, slash), path.substr(slash + 1), wanted.segment.header.identity);
    if (!contents) return fail(contents.error());
    return contents->entries;
}

Result<FrameBytes> JournalView::read_frame(std::size_t part, const FrameEntry& entry) {
    const auto file = open(part);
    if (!file) return fail(file.error());
    return store::read_frame(**file, parts_.at(part).segment, entry);
}

Result<std::string> JournalView::read(std::size_t part, const FrameEntry& entry) {
    auto frame = read_frame(part, entry);
    if (!frame) return fail(frame.error());
    return std::move(frame->bytes);
}

std::uint64_t JournalStream::next_sequence() const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t first = options_.epochs->first_sequence(options_.stream);
    return segments_.empty() ? first : std::max(first, segments_.back().end_sequence);
}

Result<void> JournalStream::usable() const {
    if (failed_)
        return fail(ErrorCode::io, std::string(stream_name(options_.stream)) + ": an earlier write failed");
    return {};
}

Result<std::uint64_t> JournalStream::prepare(std::size_t body_octets, std::int64_t now_ns) {
    if (const auto ok = usable(); !ok) return fail(ok.error());
    auto first = prepare_segment(body_octets, now_ns);
    failed_ = !first && first.error().code != ErrorCode::exhausted;
    return first;
}

Result<std::uint64_t> JournalStream::prepare_segment(std::size_t body_octets, std::int64_t now_ns) {
    if (const auto ok = cut_back(); !ok) return fail(ok.error());
    const std::uint64_t room = frame_room(body_octets) + index_room(active_entries_.size() + 1);
    const bool fits = active_ && !sealing_ && segments_.back().header.identity == options_.epochs->identity &&
                      segments_.back().end_offset + room <= segments_.back().file_octets;
    if (!fits) {
        // A segment without a record is replaced, under the same name, by one with enough room.
        const bool replaced = active_ && segments_.back().empty();
        if (const auto sealed = replaced ? Result<void>() : seal(); !sealed) return fail(sealed.error());
        if (const auto created = create(body_octets, now_ns); !created) return fail(created.error());
    }
    return segments_.back().header.first_sequence;
}

// Of a frame that did not fit on the disk nothing may stay that could be taken for the end of the next one.
Result<void> JournalStream::cut_back() {
    if (torn_octets_ == 0) return {};
    const std::uint64_t end = segments_.back().end_offset;
    if (const auto ok = write_zeros(*active_, end, end + torn_octets_); !ok) return ok;
    if (const auto ok = sync_once(*active_); !ok) return ok;
    torn_octets_ = 0;
    return {};
}

Result<void> JournalStream::seal() {
    if (!active_) return {};
    sealing_ = true;
    if (const auto ok = write_index(); !ok) return ok;
    sealing_ = false;
    active_.reset();
    const std::lock_guard lock(mutex_);
    segments_.back().sealed = true;
    active_entries_.clear();
    return {};
}

Result<void> JournalStream::write_index() {
    Segment segment = segments_.back();
    FrameHeader header;
    header.info.first_sequence = segment.end_sequence;
    header.info.flags = kFlagIndex;
    header.chain = segment.chain;
    const std::string index = encode_index(active_entries_);
    const auto payload = compress_body(index, header.codec);
    if (!payload) return fail(payload.error());
    header.body_octets = static_cast<std::uint32_t>(index.size());
    const std::string frame = encode_frame(header, *payload, segment.seed);
    segment.file_octets = std::max(segment.file_octets, segment.end_offset + frame.size() + kTrailerOctets);
    const std::string trailer = encode_trailer(segment.end_offset, segment.seed);
    if (const auto ok = active_->write(segment.end_offset, frame); !ok) return ok;
    if (const auto ok = active_->write(segment.file_octets - kTrailerOctets, trailer); !ok) return ok;
    if (const auto ok = sync_once(*active_); !ok) return ok;
    segment.end_offset += frame.size();
    segment.chain = header.header_crc;
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    return {};
}

// Small while it is not known how much comes: zeros are written over the whole of it.
std::uint64_t JournalStream::next_segment_octets() const {
    const std::uint64_t before = segments_.empty() ? 0 : segments_.back().file_octets;
    return std::min(std::max(kFirstSegmentOctets, 2 * before), options_.segment_octets);
}

Result<void> JournalStream::create(std::uint64_t body_octets, std::int64_t now_ns) {
    Segment segment;
    const Identity& identity = options_.epochs->identity;
    segment.header = {identity, options_.stream, next_sequence(), now_ns,
                      segments_.empty() ? 0 : segments_.back().chain};
    segment.seed = frame_seed(identity, options_.stream, segment.header.first_sequence);
    segment.end_sequence = segment.header.first_sequence;
    segment.chain = segment.header.previous_chain;
    segment.file_octets =
        std::max(next_segment_octets(), kSegmentHeaderOctets + frame_room(body_octets) + index_room(1));
    segment.path = options_.directory + "/" + segment_name(options_.stream, segment.header.first_sequence);
    if (const auto ok = make_segment_file(segment); !ok) return ok;
    auto file = files_.open(segment.path, FileSystem::Mode::write);
    if (!file) return fail(ErrorCode::io, file.error().text);
    active_ = std::move(*file);
    {
        const std::lock_guard lock(mutex_);
        if (!segments_.empty() && segments_.back().path == segment.path) segments_.pop_back();
        segments_.push_back(std::move(segment));
    }
    return make_spare();
}

Result<void> JournalStream::make_segment_file(const Segment& segment) {
    const std::string name = segment_name(options_.stream, segment.header.first_sequence);
    const std::string head = encode_segment_header(segment.header);
    if (has_spare_ && segment.file_octets == options_.segment_octets) return use_spare(name, head);
    const auto allowed = options_.may_grow ? options_.may_grow(segment.file_octets) : Result<void>();
    return allowed ? make_file(files_, options_.directory, name, head, segment.file_octets) : allowed;
}

std::string JournalStream::spare_name() const {
    return std::string(stream_name(options_.stream)) + ".spare";
}

std::uint64_t JournalStream::missing_spare_octets() const {
    return options_.spare && !has_spare_ ? options_.segment_octets : 0;
}

Result<void> JournalStream::make_spare() {
    if (missing_spare_octets() == 0) return {};
    const auto allowed = options_.may_grow ? options_.may_grow(options_.segment_octets) : Result<void>();
    const auto made =
        allowed ? make_file(files_, options_.directory, spare_name(), {}, options_.segment_octets) : allowed;
    has_spare_ = made.has_value();
    return made || made.error().code == ErrorCode::exhausted ? Result<void>() : made;
}

// It is all zeros, or has a header that a crash kept from being used.
Result<void> JournalStream::use_spare(const std::string& name, std::string_view head) {
    const auto file = files_.open(options_.directory + "/" + spare_name(), FileSystem::Mode::write);
    if (!file) return fail(file.error());
    if (const auto ok = (*file)->write(0, head); !ok) return ok;
    if (const auto ok = sync_once(**file); !ok) return ok;
    const auto moved = move_file(files_, options_.directory, spare_name(), name);
    has_spare_ = !moved;
    return moved;
}

Result<void> JournalStream::write(const FrameInfo& info, std::string_view body) {
    if (const auto ok = usable(); !ok) return ok;
    return settle_write(write_frame(info, Codec::zstd, body));
}

Result<void> JournalStream::write_columns(const FrameInfo& info, std::string_view payload) {
    if (const auto ok = usable(); !ok) return ok;
    return settle_write(write_frame(info, Codec::columns, payload));
}

// A frame for which there was no room is not there, and the stream goes on.
Result<void> JournalStream::settle_write(Result<void> written) {
    failed_ = !written && written.error().code != ErrorCode::exhausted;
    return written;
}

Result<void> JournalStream::write_frame(const FrameInfo& info, Codec codec, std::string_view body) {
    if (!active_ || torn_octets_ > 0 || sealing_ || info.first_sequence != segments_.back().end_sequence ||
        info.records == 0)
        return fail(ErrorCode::bug, "a frame that does not follow the last one");
    if (info.records > kMaxFrameRecords)
        return fail(ErrorCode::bug, "a frame of " + std::to_string(info.records) + " records");
    FrameHeader header;
    header.info = info;
    header.body_octets = static_cast<std::uint32_t>(body.size());
    header.codec = codec;
    if (codec == Codec::columns) return put(header, body);
    const auto payload = compress_body(body, header.codec);
    if (!payload) return fail(ErrorCode::bug, payload.error().text);
    return put(header, *payload);
}

Result<void> JournalStream::put(FrameHeader& header, std::string_view payload) {
    Segment segment = segments_.back();
    header.chain = segment.chain;
    const std::string frame = encode_frame(header, payload, segment.seed);
    if (segment.end_offset + frame.size() > segment.file_octets)
        return fail(ErrorCode::bug, "a frame larger than prepared for");
    if (const auto ok = active_->write(segment.end_offset, frame); !ok) {
        if (ok.error().code == ErrorCode::exhausted) torn_octets_ = frame.size();
        return ok;
    }
    if (const auto ok = sync_once(*active_); !ok) return ok;
    const FrameEntry entry{header.info, segment.end_offset};
    segment.add(header.info);
    segment.end_offset += frame.size();
    segment.chain = header.header_crc;
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    active_entries_.push_back(entry);
    return {};
}

Result<bool> JournalStream::drop_oldest() {
    return let_go_of_oldest(false);
}

Result<bool> JournalStream::let_go_of_oldest(bool sealed_elsewhere) {
    if (const auto ok = usable(); !ok) return fail(ok.error());
    if (view().first_lasting() == 0) return false;
    const Segment oldest = segments_.front();
    {
        const std::lock_guard lock(mutex_);
        segments_.erase(segments_.begin());
    }
    if (const auto gone = take_away(oldest, sealed_elsewhere); !gone) return fail(gone.error());
    // Or a power cut could bring back an older segment and not the next, which looks like damage.
    if (const auto synced = files_.sync_directory(options_.directory); !synced) return fail(synced.error());
    return true;
}

// What was never read is nowhere else.
Result<void> JournalStream::take_away(const Segment& segment, bool sealed_elsewhere) {
    if (!sealed_elsewhere || !segment.incomplete || options_.set_aside == nullptr)
        return files_.remove(segment.path);
    auto kept = options_.set_aside->take(segment);
    const bool no_room = !kept && kept.error().code == ErrorCode::exhausted;
    return no_room ? files_.remove(segment.path) : kept;
}

void JournalStream::mark_incomplete(const std::string& path) {
    const std::lock_guard lock(mutex_);
    for (Segment& segment : segments_) segment.incomplete |= segment.path == path;
}

Result<std::size_t> JournalStream::drop_to(std::uint64_t last_sequence) {
    for (std::size_t dropped = 0;; ++dropped) {
        {
            const std::lock_guard lock(mutex_);
            if (segments_.empty() || segments_.front().end_sequence > last_sequence + 1) return dropped;
        }
        const auto gone = let_go_of_oldest(true);
        if (!gone) return fail(gone.error());
        if (!*gone) return dropped;
    }
}

JournalView JournalStream::view() const {
    const std::lock_guard lock(mutex_);
    std::vector<JournalView::Part> parts;
    parts.reserve(segments_.size());
    for (const Segment& segment : segments_) parts.push_back({segment, std::nullopt});
    if (!parts.empty() && !parts.back().segment.sealed) parts.back().entries = active_entries_;
    return {files_, std::move(parts)};
}

std::uint64_t JournalStream::octets() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const Segment& segment : segments_) sum += segment.file_octets;
    return sum;
}

std::uint64_t JournalStream::lasting_octets() const {
    const JournalView segments = view();
    std::uint64_t sum = 0;
    for (std::size_t part = segments.first_lasting(); part < segments.parts().size(); ++part)
        sum += segments.parts()[part].segment.file_octets;
    return sum;
}

std::size_t JournalStream::segments() const {
    const std::lock_guard lock(mutex_);
    return segments_.size();
}

}  // namespace outstation::store
