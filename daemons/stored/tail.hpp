// SPDX-License-Identifier: GPL-3.0-or-later
// Who follows the tail: accepted records and durable marks are pushed to them, with each series' definition
// before its first value. A subscriber that does not read is cut off by its channel.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "lib/ipc/server.hpp"
#include "lib/store/store.hpp"

namespace outstation::stored {

class TailSubscribers {
  public:
    // Replaces what the peer followed. Fails with not_found for a stream that does not exist.
    [[nodiscard]] Result<void> subscribe(ipc::Peer& peer, const wire::TailRequest& request);
    void forget(const ipc::Peer& peer) { subscribers_.erase(peer.number()); }

    void push(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records,
              const store::Store& store);
    void push(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records);
    void push_durable(StreamId stream, std::uint64_t sequence);

  private:
    struct Subscriber {
        std::weak_ptr<ipc::Peer> peer;
        std::set<StreamId> streams;
        std::vector<bool> told;  // by series number
    };
    template <typename Each>
    void for_each(StreamId stream, Each each);

    std::map<std::uint64_t, Subscriber> subscribers_;
};

}  // namespace outstation::stored
