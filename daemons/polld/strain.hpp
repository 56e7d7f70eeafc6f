// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a device can keep up with being polled: one that answers, but needs most of the interval for it, is
// polled half as often, at most an eighth; once that leaves it idle, twice as often again. stored keeps it as
// the attribute `snmp_strain`, so that it holds over a restart of polld. Pure arithmetic.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "lib/event/loop.hpp"

namespace outstation::polld {

// Empty: it keeps up.
inline constexpr const char* kStrainAttribute = "snmp_strain";

class Strain {
  public:
    // A cycle that was answered took so long of `interval`, the configured one.
    void on_cycle(Duration took, Duration interval) {
        const Duration time = interval * stretch_;
        hard_ = took * 2 > time ? hard_ + 1 : 0;
        calm_ = took * 8 < time ? calm_ + 1 : 0;
        if (hard_ == kHardCycles) {
            took_ = took;
            to(std::min(stretch_ * 2, kMostStretch));
        } else if (calm_ == kCalmCycles) {
            to(std::max(stretch_ / 2, 1U));
        }
    }
    // How many intervals are between two polls.
    [[nodiscard]] unsigned stretch() const { return stretch_; }
    // The cycle for which it is polled less often; 0: it keeps up.
    [[nodiscard]] Duration took() const { return stretch_ == 1 ? Duration{0} : took_; }

    // "2 intervals, a poll took 6300 ms"; empty: it keeps up.
    [[nodiscard]] std::string text() const {
        if (stretch_ == 1) return {};
        const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took_).count();
        return std::to_string(stretch_) + " intervals, a poll took " + std::to_string(took_ms) + " ms";
    }
    // Keeps up when the text is none of ours.
    [[nodiscard]] static Strain parse(const std::string& text) {
        unsigned stretch = 0;
        long long took_ms = 0;
        Strain out;
        if (std::sscanf(text.c_str(), "%u intervals, a poll took %lld ms", &stretch, &took_ms) != 2)
            return out;
        if (stretch != 2 && stretch != 4 && stretch != kMostStretch) return out;
        out.stretch_ = stretch;
        out.took_ = std::chrono::milliseconds(std::clamp(took_ms, 0LL, kMostTookMs));
        return out;
    }

  private:
    static constexpr long long kMostTookMs = 86'400'000;
    static constexpr unsigned kHardCycles = 3;
    static constexpr unsigned kCalmCycles = 8;
    static constexpr unsigned kMostStretch = 8;

    void to(unsigned stretch) {
        hard_ = calm_ = 0;
        stretch_ = stretch;
    }

    Duration took_{0};
    unsigned stretch_ = 1;
    unsigned hard_ = 0;  // cycles in a row
    unsigned calm_ = 0;
};

}  // namespace outstation::polld
