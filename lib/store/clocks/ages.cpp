// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of clocks.
#include "lib/store/clocks/ages.hpp"

#include <algorithm>
#include <limits>

namespace outstation::store {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kLongestSilenceNs = 366 * kDayNs;

// Of two times; the largest one where there is none.
std::int64_t distance_ns(std::int64_t from_ns, std::int64_t to_ns) {
    std::int64_t out = 0;
    return __builtin_sub_overflow(to_ns, from_ns, &out) ? std::numeric_limits<std::int64_t>::max() : out;
}

bool is_within(std::int64_t ns, std::int64_t most_ns) {
    return -most_ns <= ns && ns <= most_ns;
}

}  // namespace

std::int64_t SteadyClock::steady_ns(MonoTime now, std::int64_t wall_ns) {
    const std::int64_t mono_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
    const std::int64_t offset_ns = distance_ns(mono_ns, wall_ns);
    if (!known_ || !is_within(distance_ns(offset_ns_, offset_ns), kStep_ns)) since_ns_ = mono_ns;
    known_ = true;
    offset_ns_ = offset_ns;
    return mono_ns - since_ns_;
}

std::int64_t Ages::of(std::int64_t end_ns) {
    const std::int64_t step_ns = distance_ns(end_ns, later_ns_);
    later_ns_ = end_ns;
    lived_ns_ = std::max(lived_ns_, age_ns_);
    std::int64_t sum_ns = 0;
    const bool counts = is_within(step_ns, lived_ns_ < kDayNs ? kDayNs : kLongestSilenceNs);
    if (counts && !__builtin_add_overflow(age_ns_, step_ns, &sum_ns)) age_ns_ = sum_ns;
    return age_ns_;
}

}  // namespace outstation::store
