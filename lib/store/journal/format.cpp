// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding and checking of the journal's bytes.
#include "lib/store/journal/format.hpp"

#include <zstd.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>

#include "lib/store/journal/packing.hpp"

namespace outstation::store {
namespace {

constexpr std::string_view kIdentityMagic = "OSTNIDNT";
constexpr std::string_view kSegmentMagic = "OSTNJRNL";
constexpr std::string_view kFrameMagic = "OFRM";
constexpr std::string_view kTrailerMagic = "OIDX";
constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kSequenceDigits = 20;
constexpr std::size_t kSegmentHeaderUsed = 8 + 2 + 2 + 4 + 16 + 8 + 8 + 8 + 8 + 4 + 8 + 4;
constexpr int kZstdLevel = 1;

StationId get_station(Unpacker& in) {
    StationId id{};
    const auto bytes = in.bytes(id.size());
    std::copy(bytes.begin(), bytes.end(), id.begin());
    return id;
}

std::string_view view_of(const StationId& id) {
    return {id.data(), id.size()};
}

Result<void> check_version(Unpacker& in, std::string_view what, std::uint32_t known = kKnownFeatures) {
    const auto version = in.get<std::uint16_t>();
    in.get<std::uint16_t>();
    const auto features = in.get<std::uint32_t>();
    if (version != kFormatVersion)
        return fail(ErrorCode::refused, std::string(what) + " of format version " + std::to_string(version));
    if ((features & ~known) != 0)
        return fail(ErrorCode::refused, std::string(what) + " with unknown features");
    return {};
}

}  // namespace

std::uint64_t aligned(std::uint64_t octets) {
    return (octets + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

std::string encode_identity(const Identity& identity, std::int64_t created_ns, std::uint32_t former) {
    Packer out;
    out.put(kIdentityMagic).put(kFormatVersion).put(std::uint16_t{0});
    out.put(former == 0 ? std::uint32_t{0} : kFeatureFormerEpochs);
    out.put(view_of(identity.station)).put(identity.epoch).put(created_ns);
    out.put(former).put_crc().put(std::uint64_t{0});
    return out.take();
}

Result<Identity> parse_identity(std::string_view bytes, std::uint32_t* former) {
    if (bytes.size() != kIdentityOctets || !bytes.starts_with(kIdentityMagic) || !crc_holds(bytes, 52))
        return fail(ErrorCode::malformed, "identity is damaged");
    Unpacker in(bytes.substr(kIdentityMagic.size()));
    const std::uint32_t known_features = former == nullptr ? 0 : kFeatureFormerEpochs;
    if (const auto known = check_version(in, "identity", known_features); !known) return fail(known.error());
    Identity out;
    out.station = get_station(in);
    out.epoch = in.get<std::uint64_t>();
    in.get<std::int64_t>();
    if (former != nullptr) *former = in.get<std::uint32_t>();
    return out;
}

std::string encode_segment_header(const SegmentHeader& header) {
    Packer out;
    out.put(kSegmentMagic).put(kFormatVersion).put(std::uint16_t{0}).put(std::uint32_t{0});
    out.put(view_of(header.identity.station)).put(header.identity.epoch);
    out.put(static_cast<std::uint64_t>(header.stream)).put(header.first_sequence).put(header.created_ns);
    out.put(header.previous_chain).put(std::uint64_t{0}).put_crc(0);
    std::string bytes = out.take();
    bytes.resize(kSegmentHeaderOctets, '\0');
    return bytes;
}

Result<SegmentHeader> parse_segment_header(std::string_view bytes) {
    if (bytes.size() < kSegmentHeaderOctets || !bytes.starts_with(kSegmentMagic) ||
        !crc_holds(bytes, kSegmentHeaderUsed - 4))
        return fail(ErrorCode::malformed, "segment header is damaged");
    Unpacker in(bytes.substr(kSegmentMagic.size()));
    if (const auto known = check_version(in, "segment"); !known) return fail(known.error());
    SegmentHeader out;
    out.identity.station = get_station(in);
    out.identity.epoch = in.get<std::uint64_t>();
    const auto stream = stream_from(in.get<std::uint64_t>());
    if (!stream) return fail(ErrorCode::refused, "segment of an unknown stream");
    out.stream = *stream;
    out.first_sequence = in.get<std::uint64_t>();
    out.created_ns = in.get<std::int64_t>();
    out.previous_chain = in.get<std::uint32_t>();
    return out;
}

std::uint32_t frame_seed(const Identity& identity, StreamId stream, std::uint64_t first_sequence_of_segment) {
    Packer out;
    out.put(view_of(identity.station)).put(identity.epoch);
    out.put(static_cast<std::uint64_t>(stream)).put(first_sequence_of_segment);
    return crc32c(out.take());
}

std::uint64_t FrameHeader::total_octets() const {
    return aligned(kFrameHeaderOctets + std::uint64_t{payload_octets});
}

std::string encode_frame(FrameHeader& header, std::string_view payload, std::uint32_t seed) {
    header.payload_octets = static_cast<std::uint32_t>(payload.size());
    header.payload_crc = crc32c(payload);
    Packer out;
    out.put(kFrameMagic).put(header.payload_octets).put(header.body_octets).put(header.payload_crc);
    out.put(header.info.first_sequence).put(header.info.t0_ns).put(header.info.t1_ns);
    out.put(header.info.records).put(static_cast<std::uint8_t>(header.codec)).put(header.info.flags);
    out.put(header.info.group).put(header.chain);
    std::string bytes = out.take();
    header.header_crc = crc32c(bytes, seed);
    bytes += Packer().put(header.header_crc).take();
    bytes += payload;
    bytes.resize(aligned(bytes.size()), '\0');
    return bytes;
}

Result<FrameHeader> parse_frame_header(std::string_view bytes, std::uint32_t seed) {
    if (bytes.size() < kFrameHeaderOctets || !bytes.starts_with(kFrameMagic) ||
        !crc_holds(bytes, kFrameHeaderOctets - 4, seed))
        return fail(ErrorCode::malformed, "frame header is damaged");
    Unpacker in(bytes.substr(kFrameMagic.size()));
    FrameHeader out;
    out.payload_octets = in.get<std::uint32_t>();
    out.body_octets = in.get<std::uint32_t>();
    out.payload_crc = in.get<std::uint32_t>();
    out.info.first_sequence = in.get<std::uint64_t>();
    out.info.t0_ns = in.get<std::int64_t>();
    out.info.t1_ns = in.get<std::int64_t>();
    out.info.records = in.get<std::uint32_t>();
    out.codec = Codec{in.get<std::uint8_t>()};
    out.info.flags = in.get<std::uint8_t>();
    out.info.group = in.get<std::uint16_t>();
    out.chain = in.get<std::uint32_t>();
    out.header_crc = in.get<std::uint32_t>();
    if (out.payload_octets > kMaxBodyOctets || out.body_octets > kMaxBodyOctets)
        return fail(ErrorCode::malformed, "frame is too large");
    if (out.info.end_sequence() < out.info.first_sequence)
        return fail(ErrorCode::malformed, "frame numbers its records beyond 64 bits");
    if (out.info.gap() && (out.payload_octets > 0 || out.info.flags != kFlagGap))
        return fail(ErrorCode::malformed, "gap with a payload");
    return out;
}

Result<std::string> compress_body(std::string_view body, Codec& codec) {
    if (body.size() > kMaxBodyOctets)
        return fail(ErrorCode::exhausted, "frame of " + std::to_string(body.size()) + " octets");
    thread_local const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                                       &ZSTD_freeCCtx);
    if (!context) throw std::bad_alloc();
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const std::size_t size =
        ZSTD_compressCCtx(context.get(), out.data(), out.size(), body.data(), body.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0 || size >= body.size()) {
        codec = Codec::raw;
        return std::string(body);
    }
    codec = Codec::zstd;
    out.resize(size);
    return out;
}

Result<std::string> read_body(const FrameHeader& header, std::string_view payload) {
    if (payload.size() != header.payload_octets || crc32c(payload) != header.payload_crc)
        return fail(ErrorCode::malformed, "frame payload is damaged");
    if (header.codec == Codec::raw || header.codec == Codec::columns) return std::string(payload);
    if (header.codec != Codec::zstd)
        return fail(ErrorCode::refused,
                    "frame with unknown codec " + std::to_string(static_cast<unsigned>(header.codec)));
    std::string body(header.body_octets, '\0');
    const std::size_t size = ZSTD_decompress(body.data(), body.size(), payload.data(), payload.size());
    if (ZSTD_isError(size) != 0 || size != body.size())
        return fail(ErrorCode::malformed, "frame payload does not decompress");
    return body;
}

std::string encode_index(const std::vector<FrameEntry>& entries) {
    Packer out;
    for (const FrameEntry& entry : entries) {
        out.put(entry.offset).put(entry.info.first_sequence).put(entry.info.t0_ns).put(entry.info.t1_ns);
        out.put(entry.info.records).put(entry.info.flags).put(std::uint8_t{0}).put(entry.info.group);
    }
    return out.take();
}

Result<std::vector<FrameEntry>> parse_index(std::string_view body) {
    if (body.size() % kFrameEntryOctets != 0) return fail(ErrorCode::malformed, "segment index is damaged");
    std::vector<FrameEntry> out;
    out.reserve(body.size() / kFrameEntryOctets);
    Unpacker in(body);
    while (in.position() < body.size()) {
        FrameEntry entry;
        entry.offset = in.get<std::uint64_t>();
        entry.info.first_sequence = in.get<std::uint64_t>();
        entry.info.t0_ns = in.get<std::int64_t>();
        entry.info.t1_ns = in.get<std::int64_t>();
        entry.info.records = in.get<std::uint32_t>();
        entry.info.flags = in.get<std::uint8_t>();
        in.get<std::uint8_t>();
        entry.info.group = in.get<std::uint16_t>();
        out.push_back(entry);
    }
    return out;
}

std::string encode_trailer(std::uint64_t index_offset, std::uint32_t seed) {
    const std::string body = Packer().put(kTrailerMagic).put(index_offset).take();
    return body + Packer().put(crc32c(body, seed)).take();
}

Result<std::uint64_t> parse_trailer(std::string_view bytes, std::uint32_t seed) {
    if (bytes.size() != kTrailerOctets || !bytes.starts_with(kTrailerMagic) ||
        !crc_holds(bytes, kTrailerOctets - 4, seed))
        return fail(ErrorCode::not_found, "segment has no index");
    Unpacker in(bytes.substr(kTrailerMagic.size()));
    return in.get<std::uint64_t>();
}

std::string segment_name(StreamId stream, std::uint64_t first_sequence) {
    std::string digits = std::to_string(first_sequence);
    digits.insert(0, kSequenceDigits - digits.size(), '0');
    return std::string(stream_name(stream)) + "-" + digits + std::string(kSuffix);
}

Result<SegmentName> parse_segment_name(std::string_view name) {
    for (const StreamId stream : kStreams) {
        const std::string prefix = std::string(stream_name(stream)) + "-";
        if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) continue;
        const auto digits = name.substr(prefix.size(), name.size() - prefix.size() - kSuffix.size());
        SegmentName out{stream, 0};
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out.first_sequence);
        if (digits.size() == kSequenceDigits && error == std::errc{} && end == digits.data() + digits.size())
            return out;
    }
    return fail(ErrorCode::malformed, "not the name of a segment: " + std::string(name));
}

}  // namespace outstation::store
