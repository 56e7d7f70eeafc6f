// SPDX-License-Identifier: GPL-3.0-or-later
// One time line for durations, from stamps with both clocks: within a boot the monotonic clock counts, so a
// step of the wall clock is no time at all; from one boot to the next the wall clock does, and never
// backwards. Records come in their order; only states of the past may be of a boot that nothing else is known
// of. Pure arithmetic.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/wire/records.hpp"

namespace outstation::alertd {

class EngineClock {
  public:
    // Nanoseconds on the time line, above 0; only differences mean something. A boot that is not known comes
    // after all that was seen.
    std::int64_t at(const wire::WireStamp& stamp) {
        if (boots_.empty() || boots_.back().id != stamp.boot_id) find_boot(stamp);
        const std::int64_t t = boots_.back().base + stamp.mono_ns;
        if (t > last_) {
            last_ = t;
            last_wall_ = stamp.wall_ns;
        }
        return t;
    }

    // The same once the present was seen: a boot that is not known was before it.
    std::int64_t at_past(const wire::WireStamp& stamp) {
        if (const auto known = if_known(stamp)) return std::min(*known, last_);
        const std::int64_t t = last_ + std::clamp<std::int64_t>(distance(stamp), 1 - last_, -1);
        if (boots_.size() < kMostBoots) boots_.insert(boots_.begin(), Boot{stamp.boot_id, base_of(stamp, t)});
        return t;
    }

    // The same for a boot that was seen; nothing for another.
    [[nodiscard]] std::optional<std::int64_t> if_known(const wire::WireStamp& stamp) const {
        for (const Boot& boot : boots_) {
            if (boot.id == stamp.boot_id) return boot.base + stamp.mono_ns;
        }
        return std::nullopt;
    }

  private:
    struct Boot {
        std::string id;
        std::int64_t base;  // time line minus monotonic clock
    };
    static constexpr std::int64_t kLongestOff = 366LL * 86'400 * 1'000'000'000;
    static constexpr std::int64_t kOrigin = 20 * kLongestOff;  // states may be that much older
    static constexpr std::size_t kMostBoots = 64;

    // By the wall clock, from the last that was seen.
    [[nodiscard]] std::int64_t distance(const wire::WireStamp& stamp) const {
        std::int64_t off = 0;
        return __builtin_sub_overflow(stamp.wall_ns, last_wall_, &off) ? 0 : off;
    }

    static std::int64_t base_of(const wire::WireStamp& stamp, std::int64_t t) {
        std::int64_t base = 0;
        return __builtin_sub_overflow(t, stamp.mono_ns, &base) ? t : base;
    }

    // Makes it the last one of the list.
    void find_boot(const wire::WireStamp& stamp) {
        const auto known = std::find_if(boots_.begin(), boots_.end(),
                                        [&stamp](const Boot& boot) { return boot.id == stamp.boot_id; });
        if (known != boots_.end()) {
            std::rotate(known, known + 1, boots_.end());
            return;
        }
        const std::int64_t t =
            last_ == 0 ? kOrigin : last_ + std::clamp<std::int64_t>(distance(stamp), 1, kLongestOff);
        if (boots_.size() >= kMostBoots) boots_.erase(boots_.begin());
        boots_.push_back(Boot{stamp.boot_id, base_of(stamp, t)});
    }

    std::vector<Boot> boots_;  // the one in use last
    std::int64_t last_ = 0;
    std::int64_t last_wall_ = 0;
};

}  // namespace outstation::alertd
