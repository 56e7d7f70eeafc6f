// SPDX-License-Identifier: GPL-3.0-or-later
// Questions answered from the durable frames: events, ledger, replay. One frame is in memory at a time, and
// answers are bounded, as is how much is looked at for one: it says where to go on. A damaged frame is left
// out; the answer says what is missing. Threads: any, each call for itself.
#pragma once

#include <optional>

#include "lib/store/journal/stream.hpp"
#include "lib/store/sample_archive.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

inline constexpr std::uint32_t kMaxEvents = 500;
inline constexpr std::uint32_t kMaxReplayRecords = 1000;
inline constexpr std::size_t kMaxReplayGaps = 1000;
inline constexpr std::size_t kMaxAnswerOctets = 4U << 20;
// What one question for events or the ledger looks at: records, a frame counting as some more.
inline constexpr std::size_t kMaxLooked = 1U << 17;
inline constexpr std::size_t kLookedFrame = 8;
inline constexpr std::size_t kReplayRecordOctets = 128;  // about, its device and values apart

[[nodiscard]] Result<wire::EventsReply> find_events(JournalView view, const wire::EventsRequest& request);
[[nodiscard]] Result<wire::LedgerReply> find_ledger(JournalView view, const wire::LedgerRequest& request);
// The batches that the records came in are told with them, and the gaps in front of them. An answer with
// neither records nor gaps: there are none; one that ends in front of `damaged` records goes on behind them.
// Samples that the journal has let go of are looked for in history, also when that happens meanwhile.
[[nodiscard]] Result<wire::ReplayReply> replay(SampleArchive& archive, const JournalStream& stream,
                                               const wire::ReplayRequest& request);
// Of the journal alone. not_found: a segment was dropped meanwhile, which helps to ask again. `unreadable`
// gets why the device could not read what is told as damaged, when that is why: it may pass.
[[nodiscard]] Result<wire::ReplayReply> replay_journal(const JournalStream& stream, JournalView view,
                                                       const wire::ReplayRequest& request,
                                                       std::optional<Error>* unreadable = nullptr);
}  // namespace outstation::store
