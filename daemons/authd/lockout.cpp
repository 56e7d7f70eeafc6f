// SPDX-License-Identifier: GPL-3.0-or-later
// Counting attempts.
#include "daemons/authd/lockout.hpp"

#include <algorithm>

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
constexpr Duration kWaitForOthers = 1s;

}  // namespace

Lockout::Key Lockout::key_of(const Attempt& attempt) {
    return {attempt.user, attempt.is_known ? attempt.source : std::string()};
}

Duration Lockout::begin(const Attempt& attempt, MonoTime now) {
    make_room(now);
    if (const Duration wait = wait_of_source(attempt.source, now); wait > Duration{0}) return wait;
    Count& count = counts_[key_of(attempt)];
    count.exists = attempt.exists;
    if (now < count.locked_until) return count.locked_until - now;
    if (count.failures + count.under_way >= kFailuresToLock) return kWaitForOthers;
    ++count.under_way;
    count.last = now;
    return Duration{0};
}

Duration Lockout::wait_of_source(const std::string& source, MonoTime now) {
    Source& entry = sources_[source];
    if (now >= entry.window_end) entry = Source{0, now + kSourceWindow};
    if (entry.tries >= kTriesOfSource) return entry.window_end - now;
    ++entry.tries;
    return Duration{0};
}

Lockout::Count& Lockout::finish(const Attempt& attempt) {
    Count& count = counts_[key_of(attempt)];
    count.exists = attempt.exists;
    count.under_way = std::max(count.under_way - 1, 0);
    return count;
}

bool Lockout::failed(const Attempt& attempt, MonoTime now) {
    Count& count = finish(attempt);
    count.last = now;
    if (++count.failures < kFailuresToLock) return false;
    count.failures = 0;
    count.locked_until = now + kLockTime;
    return true;
}

// Others of the same user may be under way: they stay counted.
void Lockout::succeeded(const Attempt& attempt) {
    Count& count = finish(attempt);
    count.failures = 0;
    count.locked_until = {};
}

void Lockout::abandoned(const Attempt& attempt) {
    finish(attempt);
}

void Lockout::forgive(const std::string& user) {
    for (auto it = counts_.lower_bound({user, ""}); it != counts_.end() && it->first.first == user; ++it) {
        it->second.failures = 0;
        it->second.locked_until = {};
    }
}

// Room for one more of each. What has no meaning any more goes first, then the oldest: of names only such as
// no user has, because a lock that could be flooded away would be none.
void Lockout::make_room(MonoTime now) {
    if (sources_.size() >= kMostCounted) {
        std::erase_if(sources_, [now](const auto& entry) { return now >= entry.second.window_end; });
        const auto oldest = std::min_element(
            sources_.begin(), sources_.end(),
            [](const auto& a, const auto& b) { return a.second.window_end < b.second.window_end; });
        if (sources_.size() >= kMostCounted) sources_.erase(oldest);
    }
    if (counts_.size() < kMostCounted) return;
    std::erase_if(counts_, [now](const auto& entry) {
        const Count& count = entry.second;
        return count.under_way == 0 && now >= count.locked_until && now - count.last >= kLockTime;
    });
    if (counts_.size() < kMostCounted) return;
    auto oldest = counts_.end();
    for (auto it = counts_.begin(); it != counts_.end(); ++it) {
        if (it->second.exists || it->second.under_way > 0) continue;
        if (oldest == counts_.end() || it->second.last < oldest->second.last) oldest = it;
    }
    if (oldest != counts_.end()) counts_.erase(oldest);
}

}  // namespace outstation::authd
