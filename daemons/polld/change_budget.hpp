// SPDX-License-Identifier: GPL-3.0-or-later
// How many changes of state a device may tell: each batch of them is flushed to the disk at once, so a device
// that flaps without end is told less of. A bucket that refills one token a minute; a batch costs one and one
// more for every 32 records. Once it is empty nothing is told until a few tokens are back, so that what is
// told then is the state, not the middle of a burst. A batch that costs more than there is leaves nothing,
// never a debt. Pure arithmetic.
#pragma once

#include <algorithm>
#include <cstddef>

#include "lib/event/loop.hpp"

namespace outstation::polld {

class ChangeBudget {
  public:
    static constexpr double kMost = 30;
    static constexpr double kMostReachability = 10;  // for device_up and device_down alone
    static constexpr double kBack = 5;               // tokens that end the silence
    static constexpr Duration kRefill = std::chrono::minutes(1);
    static constexpr double kRecordsAToken = 32;

    explicit ChangeBudget(double most = kMost) : most_(most), tokens_(most) {}
    [[nodiscard]] bool may_tell(MonoTime now) {
        if (last_ != MonoTime{})
            tokens_ = std::min(most_, tokens_ + std::chrono::duration<double>(now - last_) / kRefill);
        last_ = now;
        if (tokens_ >= kBack) used_up_ = false;
        return !used_up_;
    }
    // True when this batch was the last for now.
    [[nodiscard]] bool spend(std::size_t records) {
        tokens_ = std::max(0.0, tokens_ - 1 - static_cast<double>(records) / kRecordsAToken);
        used_up_ = tokens_ < 1;
        return used_up_;
    }

  private:
    double most_;
    double tokens_;
    MonoTime last_{};
    bool used_up_ = false;
};

}  // namespace outstation::polld
