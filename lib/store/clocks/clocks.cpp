// SPDX-License-Identifier: GPL-3.0-or-later
// Offsets between the clocks, by boot.
#include "lib/store/clocks/clocks.hpp"

namespace outstation::store {
namespace {

// Differences of stamps from outside may leave the range of 64 bits; they wrap instead of being undefined.
std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

bool near(std::int64_t a, std::int64_t b) {
    const std::int64_t apart = wrapped_difference(a, b);
    return apart > -Clocks::kTolerance_ns && apart < Clocks::kTolerance_ns;
}

}  // namespace

std::size_t Clocks::find(const std::string& id) const {
    for (std::size_t i = boots_.size(); i > 0; --i) {
        if (boots_[i - 1].id == id) return i - 1;
    }
    return boots_.size();
}

bool Clocks::learn(const wire::WireStamp& stamp) {
    if (stamp.quality != ClockQuality::synchronised || stamp.boot_id.empty() || !is_possible(stamp.wall_ns))
        return false;
    if (stamp.mono_ns < 0) return false;
    const std::int64_t offset_ns = wrapped_difference(stamp.wall_ns, stamp.mono_ns);
    const std::lock_guard lock(mutex_);
    if (const std::size_t at = find(stamp.boot_id); at < boots_.size()) {
        const bool stepped = !near(boots_[at].offset_ns, offset_ns);
        boots_[at].offset_ns = offset_ns;
        return stepped;
    }
    if (boots_.size() == kMaxBoots) boots_.pop_front();
    boots_.push_back({stamp.boot_id, offset_ns});
    return true;
}

RepairedStamp Clocks::repair(const wire::WireStamp& stamp) const {
    if (is_sure(stamp.wall_ns, stamp.quality)) return {stamp.wall_ns, StampVerdict::as_is};
    const bool believable = is_possible(stamp.wall_ns);
    const std::lock_guard lock(mutex_);
    if (const std::size_t at = find(stamp.boot_id); at < boots_.size()) {
        const std::int64_t wall_ns = wrapped_sum(stamp.mono_ns, boots_[at].offset_ns);
        if (believable && near(wall_ns, stamp.wall_ns)) return {stamp.wall_ns, StampVerdict::as_is};
        if (is_possible(wall_ns)) return {wall_ns, StampVerdict::repaired};
    }
    return {stamp.wall_ns, believable ? StampVerdict::as_is : StampVerdict::impossible};
}

}  // namespace outstation::store
