// SPDX-License-Identifier: GPL-3.0-or-later
// Questions answered from the durable frames: events, replay, and what a store must know when it opens. One
// frame is in memory at a time and answers are bounded. A damaged frame is left out; the answer says what is
// missing. Threads: any, each call for itself.
#pragma once

#include <set>
#include <tuple>

#include "lib/store/collection_watch.hpp"
#include "lib/store/device_states.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/store/journal/stream.hpp"
#include "lib/store/latest.hpp"
#include "lib/store/producers.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

inline constexpr std::uint32_t kMaxEvents = 500;
inline constexpr std::uint32_t kMaxReplayRecords = 1000;
inline constexpr std::size_t kMaxReplayGaps = 1000;
inline constexpr std::size_t kMaxAnswerOctets = 4U << 20;

[[nodiscard]] Result<wire::EventsReply> find_events(JournalView view, const wire::EventsRequest& request);
[[nodiscard]] Result<wire::LedgerReply> find_ledger(JournalView view, const wire::LedgerRequest& request);
// The batches that the records came in are told with them, and the gaps in front of them. An answer with
// neither records nor gaps: there are none; one that ends in front of `damaged` records goes on behind them.
[[nodiscard]] Result<wire::ReplayReply> replay(JournalView view, const wire::ReplayRequest& request);

// What is rebuilt from the journal at start.
struct Recovered {
    LatestTable latest;
    DeviceStates states;
    std::map<StreamId, Producers> producers;
    std::vector<Damage> damage;
    CollectionWatch collection;
    std::set<std::tuple<StreamId, std::uint64_t, std::uint64_t>> told_damage;  // in the ledger
};
// Reads definitions of all segments, the newest two segments of every stream, and all of `state` and
// `ledger`.
void recover_stream(StreamId id, JournalView view, Dictionary& dictionary, Recovered& out);

}  // namespace outstation::store
