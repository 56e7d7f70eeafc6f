// SPDX-License-Identifier: GPL-3.0-or-later
// When answers are looked for, where they are read by the clock: a little after they are due, so that those
// of several devices are found at one look, and by as much of what their device needs that it is not slower
// for it. Who is later than that is looked for again, less and less often. Pure arithmetic.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lib/event/loop.hpp"

namespace outstation::snmp {

class LookAgenda {
  public:
    // A look some answer is expected at. 0: at none, it is found by those that come anyway.
    using Slot = std::uint64_t;

    explicit LookAgenda(Duration tick) : tick_(tick) {}

    // An answer is awaited since `sent` by a device that needs so long; 0: not known.
    [[nodiscard]] Slot expect(MonoTime sent, Duration needs, MonoTime now) {
        if (tick_ == Duration{0} || needs == Duration{0}) return 0;
        const Duration so_far = std::max(needs, now - sent);
        const MonoTime at = std::max(sent + so_far + so_far / kShare, std::max(sent, now) + tick_);
        const Slot slot = number_of(at) + 1;
        if (count_ == 0) passed_ = std::max(passed_, number_of(now));
        if (slot <= passed_ || slot - passed_ > kSlots) return 0;
        ++expected_[slot % kSlots];
        ++count_;
        return slot;
    }
    // It is not awaited any more.
    void forget(Slot slot) {
        if (slot <= passed_) return;
        --expected_[slot % kSlots];
        --count_;
    }
    // A look was taken. True: some that were expected by now may be missing.
    [[nodiscard]] bool pass(MonoTime now) {
        const std::size_t before = count_;
        const Slot to = number_of(now);
        const Slot from = std::max(passed_, to > kSlots ? to - kSlots : 0);
        for (Slot slot = from + 1; slot <= to; ++slot) count_ -= std::exchange(expected_[slot % kSlots], 0);
        passed_ = std::max(passed_, to);
        return count_ != before;
    }
    [[nodiscard]] MonoTime next() const {
        for (Slot slot = passed_ + 1; count_ > 0 && slot <= passed_ + kSlots; ++slot)
            if (expected_[slot % kSlots] != 0) return MonoTime(slot * kSlot);
        return MonoTime::max();
    }
    [[nodiscard]] bool has_passed(Slot slot) const { return slot != 0 && slot <= passed_; }

  private:
    static constexpr Duration kSlot = std::chrono::milliseconds(1);
    static constexpr std::size_t kSlots = 128;
    static constexpr int kShare = 4;  // so much of what a device needs an answer may wait

    [[nodiscard]] static Slot number_of(MonoTime at) {
        return static_cast<Slot>(at.time_since_epoch() / kSlot);
    }

    Duration tick_;
    Slot passed_ = 0;
    std::size_t count_ = 0;  // of all slots
    std::array<std::uint32_t, kSlots> expected_{};
};

}  // namespace outstation::snmp
