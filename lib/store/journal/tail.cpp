// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the end of a segment that does not end in a valid frame.
#include "lib/store/journal/tail.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::string_view kFrameMagic = "OFRM";

// The frames of the tail whose headers are whole though their payloads are not.
struct Headers {
    std::uint64_t end_offset;  // behind the last of them
    std::uint64_t end_sequence;
    std::int64_t t0_ns = 0;
    std::int64_t t1_ns = 0;
    bool any = false;

    void add(const FrameHeader& header, std::uint64_t offset) {
        end_offset = offset + header.total_octets();
        end_sequence = header.info.end_sequence();
        if (header.info.records == 0) return;
        t0_ns = any ? std::min(t0_ns, header.info.t0_ns) : header.info.t0_ns;
        t1_ns = any ? std::max(t1_ns, header.info.t1_ns) : header.info.t1_ns;
        any = true;
    }
};

Headers find_headers(std::string_view bytes, const Segment& segment, std::uint64_t end) {
    Headers out{segment.end_offset, segment.end_sequence};
    std::uint64_t offset = segment.end_offset;
    while (offset < end) {
        const auto header = bytes[offset] == 'O' ? parse_frame_header(bytes.substr(offset), segment.seed)
                                                 : Result<FrameHeader>(fail(ErrorCode::not_found, ""));
        if (header && header->info.first_sequence >= out.end_sequence) {
            out.add(*header, offset);
            offset = out.end_offset;
        } else {
            offset += kFrameAlignment;
        }
    }
    return out;
}

// A trailer is written only together with the index that it points to.
bool is_torn_index(std::string_view bytes, const Segment& segment, std::uint64_t offset) {
    const auto place = parse_trailer(trailer_place(bytes), segment.seed);
    return place && *place == offset;
}

}  // namespace

std::string_view trailer_place(std::string_view bytes) {
    return bytes.substr(bytes.size() - std::min(bytes.size(), kTrailerOctets));
}

bool has_octets(std::string_view bytes) {
    return bytes.find_first_not_of('\0') != std::string_view::npos;
}

std::uint64_t unreadable_records(std::string_view bytes) {
    std::uint64_t frames = 1;
    for (std::size_t at = kFrameAlignment; at < bytes.size(); at += kFrameAlignment)
        frames += bytes.substr(at).starts_with(kFrameMagic) ? 1 : 0;
    const auto zeros = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\0'));
    return std::max(frames * kMaxFrameRecords, bytes.size() - zeros);
}

Tail find_tail(std::string_view bytes, const Segment& segment) {
    const std::uint64_t begin = segment.end_offset;
    const bool trailer = parse_trailer(trailer_place(bytes), segment.seed).has_value();
    const std::uint64_t limit = bytes.size() - (trailer ? kTrailerOctets : 0);
    if (begin >= limit) return {};
    const auto octets = bytes.substr(begin, limit - begin);
    const auto last = octets.find_last_not_of('\0');
    if (last == std::string_view::npos) return {};
    const std::uint64_t end = begin + last + 1;
    const Headers headers = find_headers(bytes, segment, end);
    Tail tail{begin, aligned(std::clamp(headers.end_offset, end, limit)), headers.end_sequence, headers.t0_ns,
              headers.t1_ns};
    if (headers.end_offset < end && !is_torn_index(bytes, segment, headers.end_offset))
        tail.end_sequence += unreadable_records(bytes.substr(headers.end_offset, end - headers.end_offset));
    if (!headers.any) tail.t0_ns = tail.t1_ns = segment.empty() ? segment.header.created_ns : segment.t1_ns;
    return tail;
}

}  // namespace outstation::store
