// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep found. A device that answers at several addresses is one candidate: the same engine id, serial
// number or hardware address, each of which together with the same sysName, because clones share them. Pure.
#pragma once

#include <string>
#include <vector>

#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

class Candidates {
  public:
    static constexpr std::size_t kMost = 4096;

    // Into the candidate of the same device where there is one.
    void add(wire::Candidate candidate);
    void clear() { all_.clear(); }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    // Those with a problem first, else by address.
    [[nodiscard]] std::vector<wire::Candidate> sorted() const;

  private:
    std::vector<wire::Candidate> all_;
};

// How it could be configured: id and class.
void suggest(wire::Candidate& candidate);
[[nodiscard]] bool is_same_device(const wire::Candidate& a, const wire::Candidate& b);
// Of two sweeps: what says of itself nothing that sets it apart is told by its address and name.
[[nodiscard]] bool is_found_again(const wire::Candidate& before, const wire::Candidate& now);

}  // namespace outstation::polld
