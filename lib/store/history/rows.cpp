// SPDX-License-Identifier: GPL-3.0-or-later
// Checksums of blocks, chunks of definitions and batches.
#include "lib/store/history/rows.hpp"

#include "lib/store/journal/crc32c.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

void put(std::string& out, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

Result<wire::FrameBody> unpack(const ChunkRow& row) {
    FrameHeader header;
    header.codec = static_cast<Codec>(row.codec);
    header.payload_octets = static_cast<std::uint32_t>(row.body.size());
    header.body_octets = row.octets;
    header.payload_crc = row.crc;
    if (row.octets > kMaxBodyOctets || row.body.size() > kMaxBodyOctets)
        return fail(ErrorCode::malformed, "a chunk is too large");
    const auto plain = read_body(header, row.body);
    if (!plain) return fail(plain.error());
    return wire::decode<wire::FrameBody>(*plain);
}

}  // namespace

std::uint32_t checksum_of(const BlockRow& row, std::uint32_t seed) {
    std::string head;
    put(head, row.device.size());
    head += row.device;
    put(head, row.sequences.first);
    put(head, row.sequences.last);
    put(head, static_cast<std::uint64_t>(row.t0_ns));
    put(head, static_cast<std::uint64_t>(row.t1_ns));
    put(head, row.records);
    return crc32c(row.body, crc32c(head, seed));
}

Result<ChunkRow> pack_chunk(std::string_view body) {
    ChunkRow out;
    Codec codec = Codec::raw;
    auto packed = compress_body(body, codec);
    if (!packed) return fail(packed.error());
    out.codec = static_cast<std::uint8_t>(codec);
    out.octets = static_cast<std::uint32_t>(body.size());
    out.body = std::move(*packed);
    out.body.shrink_to_fit();  // it may be kept, and was made as large as the plain text
    out.crc = crc32c(out.body);
    return out;
}

Result<ChunkRow> pack_definitions(std::vector<wire::SeriesDef> defs) {
    std::uint32_t previous_id = 0;
    std::string previous_device;
    for (wire::SeriesDef& def : defs) {
        const std::uint32_t id = def.id;
        def.id -= previous_id;
        previous_id = id;
        if (def.device == previous_device) {
            def.device.clear();
        } else {
            previous_device = def.device;
        }
    }
    wire::FrameBody body;
    body.series = std::move(defs);
    return pack_chunk(wire::encode(body));
}

Result<ChunkRow> pack_batches(std::vector<wire::BatchMark> batches) {
    wire::FrameBody body;
    body.batches = std::move(batches);
    return pack_chunk(wire::encode(body));
}

Result<std::vector<wire::SeriesDef>> unpack_definitions(const ChunkRow& row) {
    auto body = unpack(row);
    if (!body) return fail(body.error());
    if (body->series.size() > kMaxChunkItems) return fail(ErrorCode::malformed, "too many in a chunk");
    std::size_t names = 0;
    std::uint32_t previous_id = 0;
    const std::string* previous_device = nullptr;
    for (wire::SeriesDef& def : body->series) {
        def.id += previous_id;
        previous_id = def.id;
        if (def.device.empty() && previous_device != nullptr) def.device = *previous_device;
        names += def.device.size();
        if (names > kMaxBodyOctets) return fail(ErrorCode::malformed, "the names in a chunk are too long");
        previous_device = &def.device;
    }
    return std::move(body->series);
}

Result<std::vector<wire::BatchMark>> unpack_batches(const ChunkRow& row) {
    auto body = unpack(row);
    if (!body) return fail(body.error());
    if (body->batches.size() > kMaxChunkItems) return fail(ErrorCode::malformed, "too many in a chunk");
    return std::move(body->batches);
}

}  // namespace outstation::store
