// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of the journal: identity file, segment header, frame header, segment index. Specified in
// docs/formats/journal.md; all numbers little-endian. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/record.hpp"
#include "lib/model/result.hpp"

namespace outstation::store {

using StationId = std::array<char, 16>;

// Who numbers the records: identity of a record is (station, epoch, stream, sequence).
struct Identity {
    StationId station{};
    std::uint64_t epoch = 0;
    bool operator==(const Identity&) const = default;
};

inline constexpr std::size_t kIdentityOctets = 8 + 2 + 2 + 4 + 16 + 8 + 8 + 4 + 4 + 8;
static_assert(kIdentityOctets == 64);
inline constexpr std::uint32_t kFeatureFormerEpochs = 1;  // of an identity: so many former ones follow
[[nodiscard]] std::string encode_identity(const Identity& identity, std::int64_t created_ns,
                                          std::uint32_t former = 0);
// `former` is told how many follow; without it they are a feature that is not known (refused).
[[nodiscard]] Result<Identity> parse_identity(std::string_view bytes, std::uint32_t* former = nullptr);

// The first page of a segment; what is not used is zero.
inline constexpr std::size_t kSegmentHeaderOctets = 4096;
inline constexpr std::uint16_t kFormatVersion = 1;
// A reader that does not know one of these bits must not read the file. None is defined yet.
inline constexpr std::uint32_t kKnownFeatures = 0;

struct SegmentHeader {
    Identity identity;
    StreamId stream = StreamId::samples;
    std::uint64_t first_sequence = 0;
    std::int64_t created_ns = 0;       // wall clock, since 1970 UTC
    std::uint32_t previous_chain = 0;  // chain value of the last frame before this segment; 0: there is none
    bool operator==(const SegmentHeader&) const = default;
};
[[nodiscard]] std::string encode_segment_header(const SegmentHeader& header);
// malformed: not a header or damaged; refused: a format version or feature this program does not know.
[[nodiscard]] Result<SegmentHeader> parse_segment_header(std::string_view bytes);

// Seeds the checksums of a segment's frames, so that bytes from elsewhere (another segment, or a payload that
// imitates a frame) are never taken for one.
[[nodiscard]] std::uint32_t frame_seed(const Identity& identity, StreamId stream,
                                       std::uint64_t first_sequence_of_segment);

inline constexpr std::size_t kFrameHeaderOctets = 4 + 4 + 4 + 4 + 8 + 8 + 8 + 4 + 1 + 1 + 2 + 4 + 4;
static_assert(kFrameHeaderOctets == 56);
inline constexpr std::size_t kFrameAlignment = 8;
// No frame is larger, before or after compression.
inline constexpr std::size_t kMaxBodyOctets = 32U << 20;
// No frame holds more records; so many numbers are left out for a frame whose header cannot be read.
inline constexpr std::uint32_t kMaxFrameRecords = 65536;

// columns: the payload is lib/store/columns/frame_columns.hpp's, which packs by itself.
enum class Codec : std::uint8_t { raw = 0, zstd = 1, columns = 2 };
inline constexpr std::uint8_t kFlagIndex = 1;        // the payload is the index of the segment, not records
inline constexpr std::uint8_t kFlagDefinitions = 2;  // the body defines series
inline constexpr std::uint8_t kFlagKeyed = 4;        // readable without the frames before it
inline constexpr std::uint8_t kFlagGap = 8;  // no payload: nothing will ever be known of these numbers

// What a frame says about its records.
struct FrameInfo {
    std::uint64_t first_sequence = 0;
    std::uint32_t records = 0;
    std::int64_t t0_ns = 0;  // oldest and newest stamp of its records
    std::int64_t t1_ns = 0;
    std::uint8_t flags = 0;
    std::uint16_t group = 0;  // which devices' turn it was in the flush interval
    [[nodiscard]] bool gap() const { return (flags & kFlagGap) != 0; }
    [[nodiscard]] std::uint64_t end_sequence() const { return first_sequence + records; }
    bool operator==(const FrameInfo&) const = default;
};

struct FrameHeader {
    FrameInfo info;
    Codec codec = Codec::raw;
    std::uint32_t payload_octets = 0;
    std::uint32_t body_octets = 0;  // of the payload when decompressed
    std::uint32_t payload_crc = 0;
    std::uint32_t chain = 0;       // header_crc of the frame before
    std::uint32_t header_crc = 0;  // filled by parse and by encode_frame()
    // Octets from this header to the next one.
    [[nodiscard]] std::uint64_t total_octets() const;
    bool operator==(const FrameHeader&) const = default;
};
// Header and payload, padded; completes the checksums in `header`.
[[nodiscard]] std::string encode_frame(FrameHeader& header, std::string_view payload, std::uint32_t seed);
// malformed: damaged, larger than a frame can be, numbers beyond 64 bits, or a gap with a payload.
[[nodiscard]] Result<FrameHeader> parse_frame_header(std::string_view bytes, std::uint32_t seed);
// The multiple of kFrameAlignment at or behind this.
[[nodiscard]] std::uint64_t aligned(std::uint64_t octets);

// Compressed when that is smaller. Fails with exhausted above kMaxBodyOctets.
[[nodiscard]] Result<std::string> compress_body(std::string_view body, Codec& codec);
// Checks the payload against its header and undoes the compression; columns stay as they are. malformed:
// damaged; refused: unknown codec.
[[nodiscard]] Result<std::string> read_body(const FrameHeader& header, std::string_view payload);

// Where a frame stands in its segment.
struct FrameEntry {
    FrameInfo info;
    std::uint64_t offset = 0;
    [[nodiscard]] std::uint64_t end_sequence() const { return info.end_sequence(); }
    bool operator==(const FrameEntry&) const = default;
};
inline constexpr std::size_t kFrameEntryOctets = 8 + 8 + 8 + 8 + 4 + 1 + 1 + 2;
static_assert(kFrameEntryOctets == 40);
[[nodiscard]] std::string encode_index(const std::vector<FrameEntry>& entries);
[[nodiscard]] Result<std::vector<FrameEntry>> parse_index(std::string_view body);

// The last octets of a sealed segment: where its index stands.
inline constexpr std::uint64_t kTrailerOctets = 4 + 4 + 8;
[[nodiscard]] std::string encode_trailer(std::uint64_t index_offset, std::uint32_t seed);
[[nodiscard]] Result<std::uint64_t> parse_trailer(std::string_view bytes, std::uint32_t seed);

// "samples-00000000000000000001.journal"
[[nodiscard]] std::string segment_name(StreamId stream, std::uint64_t first_sequence);
struct SegmentName {
    StreamId stream = StreamId::samples;
    std::uint64_t first_sequence = 0;
};
[[nodiscard]] Result<SegmentName> parse_segment_name(std::string_view name);

}  // namespace outstation::store
