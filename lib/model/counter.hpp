// SPDX-License-Identifier: GPL-3.0-or-later
// How much a counter grew between two samples. Pure arithmetic.
#pragma once

#include <cstdint>
#include <optional>

namespace outstation {

// A series of a 32-bit counter says so by this label: a wider counter of the same thing is another series.
inline constexpr const char* kWidthLabel = "width";
inline constexpr const char* kWidth32 = "32";

// Nothing when the counter was reset in between. A 32-bit counter that fell has wrapped when the way round
// through 2^32 is the shorter one (RFC 2578 section 7.1.6: it wraps to zero); else it was reset.
[[nodiscard]] constexpr std::optional<std::uint64_t> counter_increase(std::uint64_t before,
                                                                      std::uint64_t after, bool is_32_bit) {
    if (after >= before) return after - before;
    constexpr std::uint64_t kRange = std::uint64_t{1} << 32;
    if (!is_32_bit || before >= kRange) return std::nullopt;
    const std::uint64_t round = kRange - before + after;
    return round < kRange / 2 ? std::optional(round) : std::nullopt;
}

}  // namespace outstation
