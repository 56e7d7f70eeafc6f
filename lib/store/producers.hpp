// SPDX-License-Identifier: GPL-3.0-or-later
// The last batch seen of each producer, so that a resend is recognised. A producer sends its batches of one
// stream in the order of their counters. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::store {

class Producers {
  public:
    // Starts of a daemon that are remembered, and daemons.
    static constexpr std::size_t kMaxIncarnations = 8;
    static constexpr std::size_t kMaxDaemons = 64;

    // The batch, or a later one of the same start of the daemon, was seen already.
    [[nodiscard]] bool seen(const BatchId& batch) const;
    void add(const BatchId& batch);
    // For the first frame of a segment.
    [[nodiscard]] std::vector<wire::BatchMark> marks() const;

  private:
    struct Start {
        std::uint64_t incarnation;
        std::uint64_t counter;
    };
    std::map<std::string, std::vector<Start>> daemons_;  // most recent start last
};

}  // namespace outstation::store
