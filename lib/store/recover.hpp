// SPDX-License-Identifier: GPL-3.0-or-later
// What a store must know when it opens, from the journal and from history. Blocks. Threads: one, before any
// other.
#pragma once

#include <set>
#include <tuple>

#include "lib/store/collection_watch.hpp"
#include "lib/store/damaged_spans.hpp"
#include "lib/store/device_states.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/store/frame_cursor.hpp"
#include "lib/store/latest.hpp"
#include "lib/store/producers.hpp"
#include "lib/store/sample_archive.hpp"
#include "lib/store/state/listed_devices.hpp"

namespace outstation::store {

// More octets of rows in memory than this are sealed before their time.
inline constexpr std::size_t kMaxUnsealedOctets = 32U << 20;

// Damage that the ledger has: stream, first and last sequence.
using ToldDamage = std::set<std::tuple<StreamId, std::uint64_t, std::uint64_t>>;
// Why an entry of the ledger says `damaged`; what a stop left unfinished is told apart.
inline constexpr const char* kDamageReason = "damage";
inline constexpr const char* kTailReason = "unfinished_or_damaged";

struct Recovered {
    LatestTable latest;
    DeviceStates states;
    std::map<StreamId, Producers> producers;
    std::vector<Damage> damage;
    std::vector<wire::DamagedSpan> samples;  // that cannot be read and are not in history either
    std::vector<HistoryDamage> history_damage;
    CollectionWatch collection;
    ToldDamage told_damage;
    std::set<std::string> incomplete;  // segments of samples that the device could not read all of
};

class Recovery {
  public:
    Recovery(SampleArchive& archive, Dictionary& dictionary, ListedDevices listed, std::int64_t now_ns)
        : archive_(archive), dictionary_(dictionary), listed_(std::move(listed)), now_ns_(now_ns) {}

    // Reads the samples that are not sealed and a few before them, all of `state` and `ledger`, and of other
    // streams the newest two segments, in the order of kStreams. Seals where there is too much for memory.
    // What is known of devices that have given nothing since the last seal comes from history.
    void read(StreamId id, JournalView view);
    [[nodiscard]] Recovered take() { return std::move(out_); }

  private:
    struct Place {
        std::size_t part = 0;
        std::size_t index = 0;  // of the frame
    };
    [[nodiscard]] Place first_unsealed(JournalView& view) const;
    void read_part(StreamId id, FrameCursor& frames, Place from, bool newest);
    void take_frame(StreamId id, const FrameEntry& entry, const wire::FrameBody& body, bool newest);
    void note(StreamId id, const std::optional<wire::DamagedSpan>& span);
    void take_unreadable(StreamId id, const Segment& segment, const Error& error);
    void recall_damage(const wire::LedgerRecord& entry);
    void seal();
    void take_samples(const wire::FrameBody& body);
    void take_damaged(StreamId id, FrameCursor& frames, std::size_t part, const FrameEntry& entry,
                      const Error& error);

    SampleArchive& archive_;
    Dictionary& dictionary_;
    ListedDevices listed_;
    std::int64_t now_ns_;
    std::uint64_t kept_ = 1;  // the first sample of the journal
    HoleWatch holes_;         // in the stream that is read
    std::size_t seal_above_octets_ = kMaxUnsealedOctets;
    Recovered out_;
};

}  // namespace outstation::store
