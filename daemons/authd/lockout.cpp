// SPDX-License-Identifier: GPL-3.0-or-later
// Counting attempts.
#include "daemons/authd/lockout.hpp"

#include <algorithm>

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
constexpr Duration kWaitForOthers = 1s;

}  // namespace

Duration Lockout::begin(const std::string& user, const std::string& source, MonoTime now) {
    if (users_.size() >= kMostCounted || sources_.size() >= kMostCounted) forget_old(now);
    if (const Duration wait = wait_of_source(source, now); wait > Duration{0}) return wait;
    if (const Duration wait = locked_for(user, now); wait > Duration{0}) return wait;
    if (!users_.contains(user) && users_.size() >= kMostCounted) return kWaitForOthers;
    User& entry = users_[user];
    if (entry.failures + entry.under_way >= kFailuresToLock) return kWaitForOthers;
    ++entry.under_way;
    entry.last = now;
    return Duration{0};
}

Duration Lockout::wait_of_source(const std::string& source, MonoTime now) {
    if (!sources_.contains(source) && sources_.size() >= kMostCounted) return kWaitForOthers;
    Source& entry = sources_[source];
    if (now >= entry.window_end) entry = Source{0, now + kSourceWindow};
    if (entry.tries >= kTriesOfSource) return entry.window_end - now;
    ++entry.tries;
    return Duration{0};
}

bool Lockout::failed(const std::string& user, MonoTime now) {
    User& entry = users_[user];
    --entry.under_way;
    entry.last = now;
    if (++entry.failures < kFailuresToLock) return false;
    entry.failures = 0;
    entry.locked_until = now + kLockTime;
    return true;
}

void Lockout::succeeded(const std::string& user) {
    users_.erase(user);
}

void Lockout::abandoned(const std::string& user) {
    --users_[user].under_way;
}

Duration Lockout::locked_for(const std::string& user, MonoTime now) const {
    const auto it = users_.find(user);
    return it == users_.end() ? Duration{0} : std::max(it->second.locked_until - now, Duration{0});
}

void Lockout::forget_old(MonoTime now) {
    std::erase_if(users_, [now](const auto& entry) {
        return entry.second.under_way == 0 && now >= entry.second.locked_until &&
               now - entry.second.last >= kLockTime;
    });
    std::erase_if(sources_, [now](const auto& entry) { return now >= entry.second.window_end; });
}

}  // namespace outstation::authd
