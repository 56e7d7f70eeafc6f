// SPDX-License-Identifier: GPL-3.0-or-later
// What history is made of: levels of detail, spans of files, what a file says about itself, damage. Plain
// data. All times are nanoseconds since 1970 UTC, ranges of sequences have both ends inside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/store/journal/format.hpp"

namespace outstation::store {

// Every sample, or one row a bucket of a minute, a quarter of an hour, an hour. The numbers are on disk.
enum class Level : std::uint8_t { raw = 0, m1 = 1, m15 = 2, h1 = 3 };
inline constexpr Level kLevels[] = {Level::raw, Level::m1, Level::m15, Level::h1};
inline constexpr std::size_t kLevelCount = 4;
// Length of a bucket; 0 for raw.
[[nodiscard]] std::int64_t bucket_ns(Level level);

// What a file was made for: a sealed window of two hours, a day or a month (UTC). The numbers are on disk.
enum class Span : std::uint8_t { window = 0, day = 1, month = 2 };
// Start of the span of this kind that holds a time, and of the one after it. Times outside 1970 to 2255 are
// brought within.
[[nodiscard]] std::int64_t span_start_ns(Span span, std::int64_t time_ns);
[[nodiscard]] std::int64_t span_end_ns(Span span, std::int64_t start_ns);

struct SequenceRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    [[nodiscard]] bool contains(const SequenceRange& other) const {
        return first <= other.first && other.last <= last;
    }
    [[nodiscard]] bool overlaps(const SequenceRange& other) const {
        return first <= other.last && other.first <= last;
    }
    bool operator==(const SequenceRange&) const = default;
};

// What a history file says about itself (docs/formats/history.md, "Head").
struct Head {
    Identity identity;
    Level level = Level::raw;
    Span span = Span::window;
    std::int64_t start_ns = 0;
    SequenceRange sequences;  // of the records that it was made from
    std::int64_t t0_ns = 0;   // oldest and newest stamp
    std::int64_t t1_ns = 0;
    std::uint64_t records = 0;  // rows: samples records, or buckets
    std::uint64_t values = 0;
    std::uint64_t minutes = 0;  // in how many minutes of a device there are records, summed over devices
    std::uint32_t blocks = 0;
    std::uint32_t devices = 0;
    bool operator==(const Head&) const = default;
};

struct HistoryFileInfo {
    std::string name;
    Head head;
    std::uint64_t octets = 0;
    bool operator==(const HistoryFileInfo&) const = default;
};

// A part of history that cannot be read.
struct HistoryDamage {
    std::string file;
    std::string device;  // empty: not known, or all
    std::int64_t t0_ns = 0;
    std::int64_t t1_ns = 0;
    SequenceRange sequences;  // 0 to 0: not known
    std::string what;
    bool lost = true;  // records are; else nothing is that is not also elsewhere
};

// A file that could not be read when history was opened. Its head says what the name says; its records go at
// most to the last sequence there: the one before the next file of its level.
struct UnreadableFile {
    HistoryFileInfo info;
    std::string what;
    bool foreign = false;    // another station's, or of a version that this program does not know
    bool elsewhere = false;  // another file of the level has its records
};
// The last sequence where there is no next file.
inline constexpr std::uint64_t kNoLastSequence = ~std::uint64_t{0} >> 1;

}  // namespace outstation::store
