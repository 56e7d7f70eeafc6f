// SPDX-License-Identifier: GPL-3.0-or-later
// What the clocks of each boot of the box showed, so that stamps made before the wall clock was right can be
// repaired: within a boot the monotonic clock never steps, so one synchronised stamp tells the true time of
// all. The records themselves are never changed: their stamps are evidence. Threads: any; it has a lock.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "lib/wire/records.hpp"

namespace outstation::store {

enum class StampVerdict : std::uint8_t {
    as_is,       // the wall clock was synchronised, or nothing better is known
    repaired,    // from the monotonic clock and a synchronised stamp of the same boot
    impossible,  // the wall clock showed a time that cannot be, and nothing better is known
};

struct RepairedStamp {
    std::int64_t wall_ns = 0;  // since 1970 UTC; as it came when impossible
    StampVerdict verdict = StampVerdict::as_is;
};

class Clocks {
  public:
    static constexpr std::size_t kMaxBoots = 256;  // the latest are remembered
    // Before 2020-01-01 and from 2100-01-01 on no stamp of ours can be.
    static constexpr std::int64_t kFirstPossible_ns = 1'577'836'800'000'000'000;
    static constexpr std::int64_t kFirstImpossible_ns = 4'102'444'800'000'000'000;
    // A larger difference between wall clock and monotonic clock than this is a step, and stamps are repaired
    // by it: none is further off than this after the next sync.
    static constexpr std::int64_t kTolerance_ns = 1'000'000'000;

    // True when this stamp changed what repair() says about others of its boot.
    bool learn(const wire::WireStamp& stamp);
    [[nodiscard]] RepairedStamp repair(const wire::WireStamp& stamp) const;
    // Whether repair() leaves such a stamp as it is, whatever else is known.
    [[nodiscard]] static bool is_sure(std::int64_t wall_ns, ClockQuality quality) {
        return quality == ClockQuality::synchronised && is_possible(wall_ns);
    }

  private:
    [[nodiscard]] static bool is_possible(std::int64_t wall_ns) {
        return wall_ns >= kFirstPossible_ns && wall_ns < kFirstImpossible_ns;
    }
    struct Boot {
        std::string id;
        std::int64_t offset_ns = 0;  // wall clock minus monotonic clock, by the latest synchronised stamp
    };
    [[nodiscard]] std::size_t find(const std::string& id) const;  // boots_.size(): it is not there

    mutable std::mutex mutex_;
    std::deque<Boot> boots_;  // latest last
};

}  // namespace outstation::store
