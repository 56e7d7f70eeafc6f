// SPDX-License-Identifier: GPL-3.0-or-later
// Claiming and giving back.
#include "lib/store/room.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

// Segments that could not be read are kept while so much of everything is free.
constexpr std::uint64_t kSetAsidePart = 8;
// The most that is kept free for states: all that they may need, from a limit of 64 MiB on.
constexpr std::uint64_t kComingStatesPart = 16;

}  // namespace

std::uint64_t Room::state_octets() const {
    return states_->octets() + std::min(states_->coming_octets(), limit_octets_ / kComingStatesPart);
}

void Room::tell_journal() {
    const std::uint64_t limit = limit_octets_;
    const bool any = claimed_octets_ == HistoryStore::kAnyRoom;  // there was no limit
    const std::uint64_t others = std::max(any ? 0 : claimed_octets_, archive_->octets()) + state_octets();
    journal_->set_limit(limit == 0 ? 0 : limit > others ? limit - others : 1);
}

std::uint64_t Room::claim(std::uint64_t needed) {
    const std::uint64_t limit = limit_octets_;
    if (limit == 0) return claimed_octets_ = HistoryStore::kAnyRoom;
    const std::uint64_t history = archive_->octets();
    const std::uint64_t used = journal_->octets() + history + state_octets();
    const std::uint64_t free = limit > used ? limit - used : 0;
    const std::uint64_t coming = journal_->coming_octets();
    // Before anything is thinned.
    if (free < coming + std::max(needed, limit / kSetAsidePart)) {
        if (journal_->set_aside().drop() > 0) return claim(needed);
    }
    const std::uint64_t spare = journal_->stream(StreamId::ledger).missing_spare_octets();
    claimed_octets_ = history + std::max(free > coming ? (free - coming) / 2 : 0,
                                         std::min(free > spare ? free - spare : 0, needed));
    tell_journal();
    return claimed_octets_;
}

void Room::release() {
    claimed_octets_ = 0;
    tell_journal();
}

}  // namespace outstation::store
