// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and scanning of segments.
#include "lib/store/journal/segment.hpp"

#include <algorithm>

#include "lib/store/journal/crc32c.hpp"
#include "lib/store/journal/salvage.hpp"
#include "lib/store/journal/tail.hpp"

namespace outstation::store {
namespace {

// The frame at `offset`, if its header, its payload and its place in the sequence are right.
Result<FrameHeader> frame_at(std::string_view bytes, std::uint64_t offset, const Segment& segment) {
    auto header = parse_frame_header(bytes.substr(offset), segment.seed);
    if (!header) return header;
    if (offset + header->total_octets() > bytes.size()) return fail(ErrorCode::malformed, "frame is cut");
    const auto payload = bytes.substr(offset + kFrameHeaderOctets, header->payload_octets);
    if (crc32c(payload) != header->payload_crc) return fail(ErrorCode::malformed, "frame payload is damaged");
    if (header->info.first_sequence < segment.end_sequence)
        return fail(ErrorCode::malformed, "frame is out of sequence");
    return header;
}

// Offset of the next valid frame at or behind `offset`, or the end of the bytes.
std::uint64_t find_frame(std::string_view bytes, std::uint64_t offset, const Segment& segment) {
    for (; offset + kFrameHeaderOctets <= bytes.size(); offset += kFrameAlignment) {
        if (bytes[offset] == 'O' && frame_at(bytes, offset, segment)) return offset;
    }
    return bytes.size();
}

void accept(SegmentContents& contents, const FrameHeader& header, std::uint64_t offset) {
    Segment& segment = contents.segment;
    const bool gap = header.info.first_sequence > segment.end_sequence;
    if (gap) {
        contents.damage.push_back({segment.path, segment.end_sequence, header.info.first_sequence - 1,
                                   "a damaged frame stands before valid ones"});
    } else if (header.chain != segment.chain) {
        contents.damage.push_back({segment.path, 1, 0, "the chain is broken"});
    }
    segment.sealed = (header.info.flags & kFlagIndex) != 0;
    if (segment.sealed) {
        segment.end_sequence = header.info.first_sequence;
    } else {
        segment.add(header.info);
        contents.entries.push_back({header.info, offset});
    }
    segment.chain = header.header_crc;
    segment.end_offset = offset + header.total_octets();
}

// The header as written, or made again from the name when it is damaged.
Result<SegmentHeader> header_of(const File& file, const SegmentName& name, const Epochs& epochs,
                                SegmentContents& contents) {
    const auto page = file.read(0, kSegmentHeaderOctets);
    const auto header = page ? parse_segment_header(*page) : Result<SegmentHeader>(fail(page.error()));
    if (page && !header && header.error().code == ErrorCode::refused) return header;
    if (header && header->stream == name.stream && header->first_sequence == name.first_sequence)
        return header;
    contents.damage.push_back({contents.segment.path, 1, 0, "the segment header is damaged"});
    return SegmentHeader{epochs.at(name.stream, name.first_sequence), name.stream, name.first_sequence, 0, 0};
}

// The header of the index, if the trailer points to one that can stand there.
Result<FrameHeader> index_header(const File& file, const Segment& segment, std::uint64_t& offset) {
    const std::uint64_t end = segment.file_octets - kTrailerOctets;
    const auto trailer = file.read(end, kTrailerOctets);
    if (!trailer) return fail(trailer.error());
    const auto place = parse_trailer(*trailer, segment.seed);
    if (!place) return fail(place.error());
    offset = *place;
    const auto head = file.read(offset, kFrameHeaderOctets);
    if (!head) return fail(head.error());
    const auto header = parse_frame_header(*head, segment.seed);
    if (!header) return header;
    // What a half-written seal left behind may point to a frame that was written there later.
    if ((header->info.flags & kFlagIndex) == 0 || offset % kFrameAlignment != 0 || offset > end ||
        header->total_octets() > end - offset)
        return fail(ErrorCode::malformed, "the trailer points to no index");
    return header;
}

// The index is about the frames in front of it, and no frame stands behind it.
Result<void> check_index(const File& file, const Segment& segment, const FrameHeader& index,
                         std::uint64_t offset, const std::vector<FrameEntry>& entries) {
    std::uint64_t place = kSegmentHeaderOctets;
    for (const FrameEntry& entry : entries) {
        if (entry.offset < place || entry.offset >= offset || entry.offset % kFrameAlignment != 0)
            return fail(ErrorCode::malformed, "segment index is out of place");
        place = entry.offset + kFrameHeaderOctets;
    }
    const std::uint64_t end = entries.empty() ? segment.end_sequence : entries.back().end_sequence();
    if (index.info.first_sequence != end)
        return fail(ErrorCode::malformed, "segment index ends with other records");
    if (!entries.empty()) {
        const auto head = file.read(entries.back().offset, kFrameHeaderOctets);
        if (!head) return fail(head.error());
        const auto last = parse_frame_header(*head, segment.seed);
        if (!last || last->header_crc != index.chain || last->info != entries.back().info)
            return fail(ErrorCode::malformed, "segment index is not about the last frame");
    }
    const auto behind = file.read(offset + index.total_octets(), kFrameHeaderOctets);
    if (!behind) return fail(behind.error());
    if (parse_frame_header(*behind, segment.seed))
        return fail(ErrorCode::malformed, "a frame stands behind the segment index");
    return {};
}

// The entries of the index that the trailer points to.
Result<std::vector<FrameEntry>> read_index(const File& file, Segment& segment) {
    std::uint64_t offset = 0;
    const auto header = index_header(file, segment, offset);
    if (!header) return fail(header.error());
    const auto payload = file.read(offset + kFrameHeaderOctets, header->payload_octets);
    if (!payload) return fail(payload.error());
    const auto body = read_body(*header, *payload);
    if (!body) return fail(body.error());
    auto entries = parse_index(*body);
    if (!entries) return entries;
    if (const auto ok = check_index(file, segment, *header, offset, *entries); !ok) return fail(ok.error());
    segment.chain = header->header_crc;
    segment.end_offset = offset + header->total_octets();
    return entries;
}

void scan(const File& file, SegmentContents& contents) {
    Result<void> all;
    const std::string bytes = read_all(file, contents.segment.file_octets, all);
    if (!all) contents.damage.push_back({contents.segment.path, 1, 0, all.error().text});
    contents.segment.incomplete = !all;
    scan_frames(bytes, contents);
    contents.segment.stale_trailer = !contents.segment.sealed && has_octets(trailer_place(bytes));
}

// Fails when there is no index or it does not hold; then the frames are scanned.
Result<void> load_by_index(const File& file, SegmentContents& contents) {
    Segment segment = contents.segment;
    std::vector<Damage> damage;
    const auto entries = read_index(file, segment);
    if (!entries) return fail(entries.error());
    for (const FrameEntry& entry : *entries) {
        if (entry.info.first_sequence < segment.end_sequence)
            return fail(ErrorCode::malformed, "segment index is out of sequence");
        if (entry.info.first_sequence > segment.end_sequence)
            damage.push_back({segment.path, segment.end_sequence, entry.info.first_sequence - 1,
                              "a damaged frame stands before valid ones"});
        segment.add(entry.info);
    }
    segment.sealed = true;
    contents.segment = segment;
    contents.entries = *entries;
    contents.damage.insert(contents.damage.end(), damage.begin(), damage.end());
    return {};
}

}  // namespace

void Segment::add(const FrameInfo& info) {
    t0_ns = empty() ? info.t0_ns : std::min(t0_ns, info.t0_ns);
    t1_ns = empty() ? info.t1_ns : std::max(t1_ns, info.t1_ns);
    end_sequence = info.first_sequence + info.records;
    if (!info.gap()) records += info.records;
}

void scan_frames(std::string_view bytes, SegmentContents& contents) {
    Segment& segment = contents.segment;
    for (;;) {
        const std::uint64_t offset = find_frame(bytes, segment.end_offset, segment);
        if (offset == bytes.size()) break;
        const auto header = frame_at(bytes, offset, segment);
        if (!header) break;
        accept(contents, *header, offset);
    }
    if (!segment.sealed) contents.tail = find_tail(bytes, segment);
}

Result<SegmentContents> load_segment(FileSystem& files, const std::string& directory, const std::string& name,
                                     const Epochs& epochs) {
    SegmentContents out;
    out.segment.path = directory + "/" + name;
    const auto parsed = parse_segment_name(name);
    if (!parsed) return fail(parsed.error());
    const auto file = files.open(out.segment.path, FileSystem::Mode::read);
    if (!file) return fail(file.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    const auto header = header_of(**file, *parsed, epochs, out);
    if (!header) return fail(header.error().in(out.segment.path));
    out.segment.header = *header;
    out.segment.file_octets = *size;
    out.foreign = !epochs.has(header->identity);
    if (out.foreign) return out;
    out.segment.seed = frame_seed(header->identity, header->stream, header->first_sequence);
    out.segment.end_sequence = header->first_sequence;
    out.segment.chain = header->previous_chain;
    if (*size >= kSegmentHeaderOctets + kTrailerOctets && load_by_index(**file, out)) return out;
    scan(**file, out);
    return out;
}

Result<FrameBytes> read_frame(const File& file, const Segment& segment, const FrameEntry& entry) {
    const auto head = file.read(entry.offset, kFrameHeaderOctets);
    if (!head) return fail(head.error());
    const auto header = parse_frame_header(*head, segment.seed);
    if (!header) return fail(header.error().in(segment.path));
    if (header->info.first_sequence != entry.info.first_sequence)
        return fail(ErrorCode::malformed, segment.path + ": index and frame differ");
    const auto payload = file.read(entry.offset + kFrameHeaderOctets, header->payload_octets);
    if (!payload) return fail(payload.error());
    auto body = read_body(*header, *payload);
    if (!body) return fail(body.error().in(segment.path));
    return FrameBytes{header->codec, std::move(*body)};
}

}  // namespace outstation::store
