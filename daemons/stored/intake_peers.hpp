// SPDX-License-Identifier: GPL-3.0-or-later
// What stored remembers of each connected producer: its own numbers for series, as the station's.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "lib/ipc/server.hpp"
#include "lib/store/store.hpp"

namespace outstation::stored {

class IntakePeers {
  public:
    // Defines the series of one message. Fails with malformed or exhausted: cut the peer off.
    [[nodiscard]] Result<void> define(const ipc::Peer& peer, const wire::DefineSeries& message,
                                      store::Store& store);
    // Puts the station's numbers in place of the producer's. Fails with malformed for one never defined.
    [[nodiscard]] Result<void> translate(const ipc::Peer& peer,
                                         std::vector<wire::SampleRecord>& records) const;
    void forget(const ipc::Peer& peer) { numbers_.erase(peer.number()); }

  private:
    using Numbers = std::unordered_map<std::uint32_t, std::uint32_t>;
    std::map<std::uint64_t, Numbers> numbers_;  // by connection
};

// Only the daemons that make records, our own user and root may append.
[[nodiscard]] bool may_append(const ipc::Peer& peer);

}  // namespace outstation::stored
