// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of a history file and the rows in them. Specified in docs/formats/history.md.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/history/types.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

// The whole schema, a table an entry, as SQLite keeps it. A file with any other is not ours.
struct HistoryTable {
    std::string_view name;
    std::string_view sql;
    bool operator==(const HistoryTable&) const = default;
};
inline constexpr std::array<HistoryTable, 7> kHistoryTables = {{
    {"head", "CREATE TABLE head(id INTEGER PRIMARY KEY, body BLOB NOT NULL)"},
    {"device",
     "CREATE TABLE device(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, blocks INTEGER NOT NULL)"},
    {"block",
     "CREATE TABLE block(id INTEGER PRIMARY KEY, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT "
     "NULL, t0_ns INTEGER NOT NULL, t1_ns INTEGER NOT NULL, records INTEGER NOT NULL, crc INTEGER NOT NULL, "
     "strip INTEGER NOT NULL, at INTEGER NOT NULL, octets INTEGER NOT NULL)"},
    {"strip", "CREATE TABLE strip(id INTEGER PRIMARY KEY, body BLOB NOT NULL)"},
    {"definition",
     "CREATE TABLE definition(id INTEGER PRIMARY KEY, codec INTEGER NOT NULL, octets INTEGER NOT NULL, crc "
     "INTEGER NOT NULL, body BLOB NOT NULL)"},
    {"batch",
     "CREATE TABLE batch(id INTEGER PRIMARY KEY, codec INTEGER NOT NULL, octets INTEGER NOT NULL, crc "
     "INTEGER "
     "NOT NULL, body BLOB NOT NULL)"},
    {"missing", "CREATE TABLE missing(id INTEGER PRIMARY KEY, last_sequence INTEGER NOT NULL)"},
}};

// Version 1 had the bodies in the blocks' rows, and no strips.
inline constexpr HistoryTable kBlockTable1 = {
    "block",
    "CREATE TABLE block(id INTEGER PRIMARY KEY, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT "
    "NULL, t0_ns INTEGER NOT NULL, t1_ns INTEGER NOT NULL, records INTEGER NOT NULL, crc INTEGER NOT NULL, "
    "body BLOB NOT NULL)"};
inline constexpr std::string_view kStripTable = "strip";

// Bodies lie together in strips, because a row leaves some of a page empty. A strip has no more than so many
// octets, or one body.
inline constexpr std::size_t kMaxStripOctets = 65536;

// A block's number: that of its device and one within the device, from 0 without holes.
inline constexpr std::int64_t kMaxDevices = 1 << 20;
inline constexpr std::int64_t kMaxBlocksOfDevice = 1 << 24;
[[nodiscard]] constexpr std::int64_t block_id(std::int64_t device, std::int64_t n) {
    return device * kMaxBlocksOfDevice + n;
}

struct BlockRow {
    std::string device;
    SequenceRange sequences;  // of the records that it was made from
    std::int64_t t0_ns = 0;
    std::int64_t t1_ns = 0;
    std::uint32_t records = 0;
    std::uint32_t crc = 0;
    std::string body;  // lib/store/columns/block.hpp
};
// Over everything in the row; it goes unchanged from file to file.
[[nodiscard]] std::uint32_t checksum_of(const BlockRow& row, std::uint32_t seed);

// Definitions of series and marks of batches lie in chunks: a FrameBody, packed like a journal frame's.
struct ChunkRow {
    std::int64_t id = 0;
    std::uint8_t codec = 0;
    std::uint32_t octets = 0;  // of the body when decompressed
    std::uint32_t crc = 0;
    std::string body;
};
inline constexpr std::size_t kMaxChunkItems = 4096;
// An encoded wire::FrameBody as a chunk. Fails with exhausted.
[[nodiscard]] Result<ChunkRow> pack_chunk(std::string_view body);
// In a chunk an empty device stands for the one before, and ids are differences from the one before, so that
// devices of a kind look the same. Fails with exhausted.
[[nodiscard]] Result<ChunkRow> pack_definitions(std::vector<wire::SeriesDef> defs);
[[nodiscard]] Result<ChunkRow> pack_batches(std::vector<wire::BatchMark> batches);
// malformed: damaged.
[[nodiscard]] Result<std::vector<wire::SeriesDef>> unpack_definitions(const ChunkRow& row);
[[nodiscard]] Result<std::vector<wire::BatchMark>> unpack_batches(const ChunkRow& row);

}  // namespace outstation::store
