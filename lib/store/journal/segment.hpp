// SPDX-License-Identifier: GPL-3.0-or-later
// One segment file: reading it back after anything may have happened to it. Writing is stream.hpp.
// Threads: plain data and functions; the file system is called from the caller's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/journal/epochs.hpp"
#include "lib/store/journal/file_system.hpp"

namespace outstation::store {

// Something that is not as it was written. Records first..last cannot be served; first > last when no record
// is missing.
struct Damage {
    std::string segment;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    std::string what;
    // The octets behind the last whole frame: a write that power or a crash cut short (it was never
    // acknowledged) and damage to the last frames (they were) look the same.
    bool tail = false;
};

// What is known of a segment without its frames.
struct Segment {
    std::string path;
    SegmentHeader header;
    std::uint32_t seed = 0;
    std::uint64_t end_sequence = 0;  // one behind its last record
    std::uint64_t records = 0;       // numbers in a gap are none
    std::int64_t t0_ns = 0;          // oldest and newest stamp; both 0 while it is empty
    std::int64_t t1_ns = 0;
    std::uint64_t file_octets = 0;
    std::uint64_t end_offset = kSegmentHeaderOctets;  // where the next frame goes
    std::uint32_t chain = 0;                          // of its last frame
    bool sealed = false;                              // its index is written: nothing more is appended
    bool stale_trailer = false;                       // not sealed, yet octets stand where the trailer goes
    bool unreadable = false;  // could not be opened: where it ends is told by the segment behind it
    bool incomplete = false;  // the device could not read all of it: it is not unlinked as sealed

    [[nodiscard]] bool empty() const { return end_sequence == header.first_sequence; }
    void add(const FrameInfo& info);
};

// Octets behind the last valid frame of a segment that is not sealed.
struct Tail {
    std::uint64_t begin = 0;  // offsets; none when both are the same
    std::uint64_t end = 0;
    std::uint64_t end_sequence = 0;  // one behind the highest number that a record in them may have had
    std::int64_t t0_ns = 0;  // oldest and newest stamp as their headers have it, else the newest before
    std::int64_t t1_ns = 0;
    [[nodiscard]] bool exists() const { return end > begin; }
};

struct SegmentContents {
    Segment segment;
    bool foreign = false;  // of another station or epoch: nothing else is known
    std::vector<FrameEntry> entries;
    std::vector<Damage> damage;
    Tail tail;
};

// Finds the valid frames in the bytes of a segment, and what stands behind the last one. A bad frame with
// valid ones behind it is damage, because a frame is written only after the one before it was synced.
void scan_frames(std::string_view bytes, SegmentContents& contents);

// Reads a segment: by its index when it has one, else by scanning it. The epoch that has its first number
// stands in for a damaged header. Pages that cannot be read are damage. Fails with refused for a format that
// this program does not know, with io when it cannot be opened.
[[nodiscard]] Result<SegmentContents> load_segment(FileSystem& files, const std::string& directory,
                                                   const std::string& name, const Epochs& epochs);

// The body of one frame. Fails with malformed when it is damaged.
struct FrameBytes {
    Codec codec = Codec::raw;  // columns: packed; anything else: undone
    std::string bytes;
};
[[nodiscard]] Result<FrameBytes> read_frame(const File& file, const Segment& segment,
                                            const FrameEntry& entry);

}  // namespace outstation::store
