// SPDX-License-Identifier: GPL-3.0-or-later
// How long to wait for a device's answer, from how long it took before (RFC 6298). Pure arithmetic.
#pragma once

#include <algorithm>

#include "lib/event/loop.hpp"

namespace outstation::snmp {

class RoundTrip {
  public:
    struct Limits {
        Duration first;  // before anything was measured
        Duration least;
        Duration most;
    };
    // Of a request that was sent once: nobody knows which try an answer is to (section 3).
    void add(Duration measured) {
        if (smoothed_ == Duration{0}) {
            smoothed_ = measured;
            variation_ = measured / 2;
        } else {
            const Duration off = smoothed_ > measured ? smoothed_ - measured : measured - smoothed_;
            variation_ = (3 * variation_ + off) / 4;
            smoothed_ = (7 * smoothed_ + measured) / 8;
        }
        silences_ = 0;
    }
    // Twice as long from now on, until the next measurement (sections 5.5 and 5.7): a device that answers
    // just after the timeout would be asked twice for ever.
    void on_silence() { silences_ = std::min(silences_ + 1, kMostDoublings); }
    // It is not there: what comes back may be another.
    void forget() { *this = RoundTrip{}; }

    // 0: not known.
    [[nodiscard]] Duration smoothed() const { return smoothed_; }
    [[nodiscard]] Duration timeout(const Limits& limits) const {
        const Duration base = smoothed_ == Duration{0}
                                  ? limits.first
                                  : std::clamp(smoothed_ + 4 * variation_, limits.least, limits.most);
        return std::min(base * (1U << silences_), 2 * limits.most);
    }

  private:
    static constexpr unsigned kMostDoublings = 6;

    Duration smoothed_{0};
    Duration variation_{0};
    unsigned silences_ = 0;
};

}  // namespace outstation::snmp
