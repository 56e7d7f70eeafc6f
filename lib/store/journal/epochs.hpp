// SPDX-License-Identifier: GPL-3.0-or-later
// The epochs of a station: the one that gives numbers now, and the former ones, whose records are still ours.
// The numbers of a stream go on over the border, so that they alone order everything within one store;
// between stores a record is named by its epoch, too. The bytes of the file `identity` are specified in
// docs/formats/journal.md. Plain data and pure functions.
#pragma once

#include <array>
#include <limits>

#include "lib/store/journal/format.hpp"

namespace outstation::store {

inline constexpr std::size_t kMaxFormerEpochs = 1000;

struct FormerEpoch {
    static constexpr std::uint64_t kOpen = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t epoch = 0;
    // The last number of each stream when it ended, in the order of kStreams; kOpen: not known yet.
    std::array<std::uint64_t, std::size(kStreams)> last{};

    [[nodiscard]] std::uint64_t& last_of(StreamId stream) { return last[index_of(stream)]; }
    [[nodiscard]] std::uint64_t last_of(StreamId stream) const { return last[index_of(stream)]; }
    bool operator==(const FormerEpoch&) const = default;

  private:
    static std::size_t index_of(StreamId stream) { return static_cast<std::size_t>(stream) - 1; }
};

struct Epochs {
    Epochs() = default;
    Epochs(const Identity& now) : identity(now) {}  // a station that had no other

    Identity identity;
    std::vector<FormerEpoch> former;  // oldest first

    // Of this station, now or before.
    [[nodiscard]] bool has(const Identity& other) const;
    // Whether the numbers of both are one row: they are ours, or of the same epoch of somebody else.
    [[nodiscard]] bool are_one(const Identity& a, const Identity& b) const {
        return a == b || (has(a) && has(b));
    }
    // Who gave a stream's number, and the last number that it gave (kOpen: it still gives).
    [[nodiscard]] Identity at(StreamId stream, std::uint64_t sequence) const;
    [[nodiscard]] std::uint64_t last_at(StreamId stream, std::uint64_t sequence) const;
    // The first number that is not a former epoch's.
    [[nodiscard]] std::uint64_t first_sequence(StreamId stream) const;

    // From now on another epoch, random and none of ours, gives the numbers. Where the one before (if there
    // was one: not 0) ended is open until end_at(). Of more than kMaxFormerEpochs the oldest is forgotten.
    void begin();
    void end_at(StreamId stream, std::uint64_t last);
    // A segment as it is found, in the order of their first numbers, where nothing else tells the epochs.
    void add_found(const SegmentHeader& header);
    bool operator==(const Epochs&) const = default;

  private:
    [[nodiscard]] const FormerEpoch* former_at(StreamId stream, std::uint64_t sequence) const;
};

// A station with an epoch that no other has.
[[nodiscard]] Identity random_identity();

[[nodiscard]] std::string encode_epochs(const Epochs& epochs, std::int64_t created_ns);
[[nodiscard]] std::size_t epochs_octets(const Epochs& epochs);
// malformed: damaged; refused: a format version or feature this program does not know.
[[nodiscard]] Result<Epochs> parse_epochs(std::string_view bytes);
// No such file is longer.
inline constexpr std::size_t kFormerEpochOctets = 8 + std::size(kStreams) * 8;
static_assert(kFormerEpochOctets == 64);
inline constexpr std::size_t kMaxEpochsOctets =
    kIdentityOctets + kMaxFormerEpochs * kFormerEpochOctets + 4 + 4;

}  // namespace outstation::store
