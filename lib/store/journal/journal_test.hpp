// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the journal share: a stream of records that know their number, and counting what of them
// can be read again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/journal/journal.hpp"

namespace outstation::store {

inline constexpr std::uint64_t kSegment = 16384;

inline Identity test_identity() {
    Identity out;
    for (std::size_t i = 0; i < out.station.size(); ++i) out.station[i] = static_cast<char>(i);
    out.epoch = 0x0102030405;
    return out;
}

inline Journal::Options options() {
    Journal::Options out;
    out.directory = "journal";
    out.bulk_segment_octets = out.urgent_segment_octets = kSegment;
    out.make_identity = &test_identity;
    return out;
}

inline std::string body_of(std::uint64_t sequence) {
    std::string out = "record " + std::to_string(sequence) + " ";
    std::minstd_rand random(static_cast<std::uint32_t>(sequence) + 1);
    while (out.size() < 300 + sequence % 700) out.push_back(static_cast<char>(random()));
    return out;
}

inline constexpr std::int64_t kStartNs = 1'700'000'000'000'000'000;  // in 2023

// One frame of one record.
inline Result<void> append_one(JournalStream& stream, std::int64_t start_ns = kStartNs) {
    const std::uint64_t sequence = stream.next_sequence();
    const std::string body = body_of(sequence);
    const auto time_ns = start_ns + static_cast<std::int64_t>(sequence) * 1000;
    if (const auto room = stream.prepare(body.size(), time_ns); !room) return fail(room.error());
    FrameInfo info;
    info.first_sequence = sequence;
    info.records = 1;
    info.t0_ns = info.t1_ns = time_ns;
    return stream.write(info, body);
}

// The sequence numbers that can be read; each body is checked.
inline std::set<std::uint64_t> readable(const JournalStream& stream) {
    std::set<std::uint64_t> out;
    JournalView view = stream.view();
    for (std::size_t part = 0; part < view.parts().size(); ++part) {
        const auto entries = view.entries(part);
        if (!entries) continue;
        for (const FrameEntry& entry : *entries) {
            const auto body = view.read(part, entry);
            if (!body || entry.info.gap()) continue;
            EXPECT_EQ(*body, body_of(entry.info.first_sequence));
            EXPECT_TRUE(out.insert(entry.info.first_sequence).second) << "doubled";
        }
    }
    return out;
}

inline std::set<std::uint64_t> first_to(std::uint64_t last) {
    std::set<std::uint64_t> out;
    for (std::uint64_t i = 1; i <= last; ++i) out.insert(i);
    return out;
}

// Appends until `count` records are durable or something fails; returns how many were acknowledged.
inline std::uint64_t fill(FileSystem& files, std::uint64_t count) {
    Journal::Opened opened;
    const auto journal = Journal::open(files, options(), opened);
    if (!journal) return 0;
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    std::uint64_t acknowledged = stream.next_sequence() - 1;
    while (acknowledged < count) {
        if (!append_one(stream)) break;
        ++acknowledged;
    }
    return acknowledged;
}

// The numbers that gaps cover.
inline std::set<std::uint64_t> gaps_of(const JournalStream& stream) {
    std::set<std::uint64_t> out;
    JournalView view = stream.view();
    for (std::size_t part = 0; part < view.parts().size(); ++part) {
        const auto entries = view.entries(part);
        if (!entries) continue;
        for (const FrameEntry& entry : *entries) {
            for (std::uint64_t i = entry.info.first_sequence; entry.info.gap() && i < entry.end_sequence();
                 ++i)
                out.insert(i);
        }
    }
    return out;
}

// Every number given is a record that can be read or is stated as a gap, and none is both.
inline void expect_complete(const JournalStream& stream, const std::string& at) {
    auto all = gaps_of(stream);
    const auto records = readable(stream);
    const std::size_t both = all.size() + records.size();
    all.insert(records.begin(), records.end());
    EXPECT_EQ(all.size(), both) << at;
    EXPECT_EQ(all, first_to(stream.next_sequence() - 1)) << at;
}

inline bool only_tails(const Journal::Opened& opened) {
    return std::all_of(opened.damage.begin(), opened.damage.end(), [](const auto& d) { return d.tail; });
}

inline std::string last_segment(const FakeFileSystem& files) {
    std::string out;
    for (const std::string& path : files.paths()) {
        if (path.starts_with("journal/samples-")) out = path;
    }
    return out;
}

}  // namespace outstation::store
