// SPDX-License-Identifier: GPL-3.0-or-later
// Appending to and reading from the segments of a stream.
#include "lib/store/journal/stream.hpp"

#include <algorithm>
#include <cassert>

namespace outstation::store {
namespace {

constexpr std::uint64_t kZeroChunkOctets = 1U << 20;

std::uint64_t frame_room(std::uint64_t body_octets) {
    return kFrameHeaderOctets + body_octets + kFrameAlignment;
}

// What sealing takes when the segment has this many frames.
std::uint64_t index_room(std::size_t frames) {
    return frame_room(frames * kFrameEntryOctets) + kTrailerOctets;
}

}  // namespace

std::uint64_t JournalView::first_sequence() const {
    return parts_.empty() ? 0 : parts_.front().segment.header.first_sequence;
}

std::uint64_t JournalView::end_sequence() const {
    return parts_.empty() ? 0 : parts_.back().segment.end_sequence;
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

Result<std::string> JournalView::read(std::size_t part, const FrameEntry& entry) {
    const auto file = open(part);
    if (!file) return fail(file.error());
    return read_frame(**file, parts_.at(part).segment, entry);
}

Result<std::unique_ptr<JournalStream>> JournalStream::open(FileSystem& files, Options options,
                                                           const std::vector<std::string>& names,
                                                           Opened& opened) {
    std::unique_ptr<JournalStream> stream(new JournalStream(files, std::move(options)));
    if (const auto loaded = stream->load(names, opened); !loaded) return fail(loaded.error());
    if (const auto active = stream->reopen_active(); !active) return fail(active.error());
    return stream;
}

Result<void> JournalStream::load(const std::vector<std::string>& names, Opened& opened) {
    for (const std::string& name : names) {
        const auto parsed = parse_segment_name(name);
        if (!parsed || parsed->stream != options_.stream) continue;
        auto contents = load_segment(files_, options_.directory, name, options_.identity);
        if (!contents) return fail(contents.error());
        note_between(contents->segment, opened);
        std::move(contents->damage.begin(), contents->damage.end(), std::back_inserter(opened.damage));
        opened.torn_tail = contents->torn_tail;
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

std::uint64_t JournalStream::next_sequence() const {
    const std::lock_guard lock(mutex_);
    return segments_.empty() ? 1 : segments_.back().end_sequence;
}

Result<void> JournalStream::usable() const {
    if (failed_)
        return fail(ErrorCode::io, std::string(stream_name(options_.stream)) + ": an earlier write failed");
    return {};
}

Result<std::uint64_t> JournalStream::prepare(std::size_t body_octets, std::int64_t now_ns) {
    if (const auto ok = usable(); !ok) return fail(ok.error());
    auto first = prepare_segment(body_octets, now_ns);
    failed_ = !first;
    return first;
}

Result<std::uint64_t> JournalStream::prepare_segment(std::size_t body_octets, std::int64_t now_ns) {
    const std::uint64_t room = frame_room(body_octets) + index_room(active_entries_.size() + 1);
    const bool fits = active_ && segments_.back().end_offset + room <= segments_.back().file_octets;
    if (!fits) {
        if (const auto sealed = seal(); !sealed) return fail(sealed.error());
        if (const auto created = create(body_octets, now_ns); !created) return fail(created.error());
    }
    return segments_.back().header.first_sequence;
}

Result<void> JournalStream::seal() {
    if (!active_) return {};
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
    if (const auto ok = active_->sync(); !ok) return ok;
    segment.end_offset += frame.size();
    segment.chain = header.header_crc;
    segment.sealed = true;
    active_.reset();
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    active_entries_.clear();
    return {};
}

Result<void> JournalStream::create(std::uint64_t body_octets, std::int64_t now_ns) {
    Segment segment;
    segment.header = {options_.identity, options_.stream, next_sequence(), now_ns,
                      segments_.empty() ? 0 : segments_.back().chain};
    segment.seed = frame_seed(options_.identity, options_.stream, segment.header.first_sequence);
    segment.end_sequence = segment.header.first_sequence;
    segment.chain = segment.header.previous_chain;
    segment.file_octets =
        std::max(options_.segment_octets, kSegmentHeaderOctets + frame_room(body_octets) + index_room(1));
    segment.path = options_.directory + "/" + segment_name(options_.stream, segment.header.first_sequence);
    if (const auto ok = write_new_file(segment.path, segment.header, segment.file_octets); !ok) return ok;
    auto file = files_.open(segment.path, FileSystem::Mode::write);
    if (!file) return fail(file.error());
    active_ = std::move(*file);
    const std::lock_guard lock(mutex_);
    segments_.push_back(std::move(segment));
    return {};
}

// Zeros first, so that later frames overwrite blocks that are allocated already; under a name of its own, so
// that a half-made segment is never seen.
Result<void> JournalStream::write_new_file(const std::string& path, const SegmentHeader& header,
                                           std::uint64_t octets) {
    const std::string temporary = path + ".new";
    auto file = files_.open(temporary, FileSystem::Mode::create);
    if (!file) return fail(file.error());
    const std::string zeros(std::min(kZeroChunkOctets, octets), '\0');
    for (std::uint64_t at = 0; at < octets; at += zeros.size()) {
        const auto chunk =
            std::string_view(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), octets - at));
        if (const auto ok = (*file)->write(at, chunk); !ok) return ok;
    }
    if (const auto ok = (*file)->write(0, encode_segment_header(header)); !ok) return ok;
    if (const auto ok = (*file)->sync(); !ok) return ok;
    if (const auto ok = files_.rename(temporary, path); !ok) return ok;
    return files_.sync_directory(options_.directory);
}

Result<void> JournalStream::write(const FrameInfo& info, std::string_view body) {
    if (const auto ok = usable(); !ok) return ok;
    const auto written = write_frame(info, body);
    failed_ = !written;
    return written;
}

Result<void> JournalStream::write_frame(const FrameInfo& info, std::string_view body) {
    if (!active_ || info.first_sequence != segments_.back().end_sequence || info.records == 0)
        return fail(ErrorCode::bug, "a frame that does not follow the last one");
    Segment segment = segments_.back();
    FrameHeader header;
    header.info = info;
    header.chain = segment.chain;
    header.body_octets = static_cast<std::uint32_t>(body.size());
    const auto payload = compress_body(body, header.codec);
    if (!payload) return fail(payload.error());
    const std::string frame = encode_frame(header, *payload, segment.seed);
    if (segment.end_offset + frame.size() > segment.file_octets)
        return fail(ErrorCode::bug, "a frame larger than prepared for");
    if (const auto ok = active_->write(segment.end_offset, frame); !ok) return ok;
    if (const auto ok = active_->sync(); !ok) return ok;
    const FrameEntry entry{info, segment.end_offset};
    segment.add(info);
    segment.end_offset += frame.size();
    segment.chain = header.header_crc;
    const std::lock_guard lock(mutex_);
    segments_.back() = std::move(segment);
    active_entries_.push_back(entry);
    return {};
}

Result<bool> JournalStream::drop_oldest() {
    if (const auto ok = usable(); !ok) return fail(ok.error());
    if (!oldest_droppable_ns()) return false;
    const std::string path = segments_.front().path;
    {
        const std::lock_guard lock(mutex_);
        segments_.erase(segments_.begin());
    }
    if (const auto removed = files_.remove(path); !removed) return fail(removed.error());
    return true;
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

std::size_t JournalStream::segments() const {
    const std::lock_guard lock(mutex_);
    return segments_.size();
}

std::optional<std::int64_t> JournalStream::oldest_droppable_ns() const {
    const std::lock_guard lock(mutex_);
    // The last one stays even when it is sealed: it carries the numbering.
    if (segments_.size() < 2) return std::nullopt;
    const Segment& oldest = segments_.front();
    return oldest.empty() ? oldest.header.created_ns : oldest.t1_ns;
}

}  // namespace outstation::store
