// SPDX-License-Identifier: GPL-3.0-or-later
// The compact state of one rule and one series (or device, or interface): since when each severity is
// reached, and which one is told. Durations are on the engine's time line. Pure arithmetic.
#pragma once

#include <array>
#include <cstdint>

#include "daemons/alertd/rules.hpp"

namespace outstation::alertd {

// Which severities the present value asks for; a set of bits.
class Reached {
  public:
    void add(Severity severity) { bits_ |= bit(severity); }
    [[nodiscard]] bool has(Severity severity) const { return (bits_ & bit(severity)) != 0; }

  private:
    static unsigned bit(Severity severity) { return 1U << static_cast<unsigned>(severity); }
    unsigned bits_ = 0;
};

class SeverityTrack {
  public:
    static constexpr std::int64_t kNot = 0;

    // It was told before a restart: it stays so until it is found to be over, or milder; since when it is.
    void adopt(Severity told, std::int64_t milder_since = kNot) {
        told_ = told;
        milder_since_ = milder_since;
    }

    [[nodiscard]] Severity told() const { return told_; }
    // Whether the told severity is at least as bad: then only falling below limit and hysteresis ends it.
    [[nodiscard]] bool is_on(Severity severity) const { return badness(told_) >= badness(severity); }
    // A severity began or ended, and its time is not over yet.
    [[nodiscard]] bool is_pending() const;

    // Takes what is so at `t` and gives the severity to tell from now on.
    Severity update(const Reached& reached, std::int64_t t, std::int64_t hold_ns, std::int64_t clear_ns);
    // Nobody looked for a while: what was not told yet begins anew.
    void forget_pending();
    // When what is told now began; `t` if that is not known.
    [[nodiscard]] std::int64_t since(std::int64_t t) const;
    // As if it was told that it is over: the alarm was cleared by somebody else.
    void forget() { *this = SeverityTrack(); }

  private:
    static std::size_t index(Severity severity) { return static_cast<std::size_t>(severity) - 1; }

    std::array<std::int64_t, 4> since_{};  // kNot: not reached
    std::int64_t milder_since_ = kNot;     // since when less than what is told is reached
    Severity told_ = Severity::none;
};

}  // namespace outstation::alertd
