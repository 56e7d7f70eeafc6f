// SPDX-License-Identifier: GPL-3.0-or-later
// How old things are, by clocks that may be wrong: for retention, which must take nothing away because
// somebody set the year one too high for an hour. Pure computation. Threads: one.
#pragma once

#include <cstdint>

#include "lib/event/loop.hpp"

namespace outstation::store {

// For how long the wall clock has gone like the monotonic one.
class SteadyClock {
  public:
    // Looks at both. A step of more than kStep_ns begins anew, as a start does.
    [[nodiscard]] std::int64_t steady_ns(MonoTime now, std::int64_t wall_ns);

  private:
    static constexpr std::int64_t kStep_ns = 3'600'000'000'000;
    bool known_ = false;
    std::int64_t since_ns_ = 0;   // on the monotonic clock
    std::int64_t offset_ns_ = 0;  // wall clock minus monotonic clock, at the last look
};

// Ages, from now back: each thing is as old as the steps from its time to that of the next newer one, up to
// now, are together. A step of more than 366 days, forth or back, is the clock's and counts as none. One of
// more than a day counts when the clock has stayed there for a day, by its own steadiness or by what is
// newer.
class Ages {
  public:
    Ages(std::int64_t now_ns, std::int64_t steady_ns) : later_ns_(now_ns), lived_ns_(steady_ns) {}
    // Of the next older thing, which ended then.
    std::int64_t of(std::int64_t end_ns);
    // Of the last one.
    [[nodiscard]] std::int64_t last() const { return age_ns_; }

  private:
    std::int64_t later_ns_;
    std::int64_t lived_ns_;
    std::int64_t age_ns_ = 0;
};

}  // namespace outstation::store
