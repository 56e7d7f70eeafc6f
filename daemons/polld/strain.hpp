// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a device can keep up with being polled: one that answers, but needs most of the interval for it, is
// polled half as often, at most an eighth; once that leaves it idle, twice as often again. Pure arithmetic.
#pragma once

#include <algorithm>
#include <utility>

#include "lib/event/loop.hpp"

namespace outstation::polld {

class Strain {
  public:
    enum class Change : unsigned char { none, began, ended };
    // A cycle that was answered took so long of `interval`, the configured one.
    Change on_cycle(Duration took, Duration interval) {
        const Duration time = interval * stretch_;
        hard_ = took * 2 > time ? hard_ + 1 : 0;
        calm_ = took * 8 < time ? calm_ + 1 : 0;
        if (hard_ == kHardCycles) return to(std::min(stretch_ * 2, kMostStretch));
        if (calm_ == kCalmCycles) return to(std::max(stretch_ / 2, 1U));
        return Change::none;
    }
    // How many intervals are between two polls.
    [[nodiscard]] unsigned stretch() const { return stretch_; }

  private:
    static constexpr unsigned kHardCycles = 3;
    static constexpr unsigned kCalmCycles = 8;
    static constexpr unsigned kMostStretch = 8;

    Change to(unsigned stretch) {
        hard_ = calm_ = 0;
        const unsigned before = std::exchange(stretch_, stretch);
        if ((before == 1) == (stretch == 1)) return Change::none;
        return stretch == 1 ? Change::ended : Change::began;
    }

    unsigned stretch_ = 1;
    unsigned hard_ = 0;  // cycles in a row
    unsigned calm_ = 0;
};

}  // namespace outstation::polld
