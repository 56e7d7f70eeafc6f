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
    static constexpr std::size_t kMostBytes = 2U << 20;  // of their texts: devices say what they like

    // Into the candidate of the same device where there is one, and instead of what was found at its address
    // before. A device goes before who only refused or was silent. False: there is no room for all of them.
    [[nodiscard]] bool add(wire::Candidate candidate);
    void clear() { *this = {}; }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    // Those that answered to a credential.
    [[nodiscard]] std::size_t devices() const { return devices_; }
    // Those with a problem first, else by address.
    [[nodiscard]] std::vector<wire::Candidate> sorted() const;

  private:
    [[nodiscard]] bool has_room_for(const wire::Candidate& candidate) const;
    void push(wire::Candidate candidate);
    void erase(std::size_t at);
    void merge(wire::Candidate& known, wire::Candidate candidate);

    std::vector<wire::Candidate> all_;
    std::size_t bytes_ = 0;
    std::size_t devices_ = 0;
};

// What its texts take, in a file or message too.
[[nodiscard]] std::size_t octets_of(const wire::Candidate& one);
// How it could be configured: id and class.
void suggest(wire::Candidate& candidate);
[[nodiscard]] bool is_same_device(const wire::Candidate& a, const wire::Candidate& b);
// Of two sweeps: what says of itself nothing that sets it apart is told by its address and name.
[[nodiscard]] bool is_found_again(const wire::Candidate& before, const wire::Candidate& now);

}  // namespace outstation::polld
