// SPDX-License-Identifier: GPL-3.0-or-later
// What stored remembers of each connected producer: its own numbers for series, as the station's, and which
// of its connections is the newest. Threads: the loop's.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "lib/ipc/server.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/store/store.hpp"

namespace outstation::stored {

// Of a producer's name.
inline constexpr std::size_t kMaxNameOctets = 64;

class IntakePeers {
  public:
    // Numbers of all connections together. A daemon and its connection of before fit.
    static constexpr std::size_t kMaxNumbers = 2 * store::kMaxSeries;

    // Defines the series of one message; those that cannot be had are given back, and their values will be
    // left out.
    [[nodiscard]] wire::SeriesRefused define(const ipc::Peer& peer, const wire::DefineSeries& message,
                                             store::Store& store);
    // Puts the station's numbers in place of the producer's and leaves out what was refused. Fails with
    // malformed for a series never defined.
    [[nodiscard]] Result<void> translate(const ipc::Peer& peer,
                                         std::vector<wire::SampleRecord>& records) const;
    // Notes that the peer appends. False when the same start of the daemon has appended on a later
    // connection: what still lies in this one would come behind what is sent again, and make it look like a
    // resend.
    [[nodiscard]] bool is_newest(const ipc::Peer& peer);
    void forget(const ipc::Peer& peer);

  private:
    using Numbers = std::unordered_map<std::uint32_t, std::uint32_t>;  // 0: refused
    std::map<std::uint64_t, Numbers> numbers_;                         // by connection
    std::size_t all_numbers_ = 0;
    std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> newest_;  // by daemon and incarnation
};

// Only the daemons that make records, our own user and root may append, and only under a name of 1 to
// kMaxNameOctets octets: it is kept with every batch.
[[nodiscard]] bool may_append(const ipc::Peer& peer);
// Only alertd makes alarms.
[[nodiscard]] bool may_append(const ipc::Peer& peer, const std::vector<wire::StateRecord>& records);

}  // namespace outstation::stored
