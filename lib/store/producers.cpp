// SPDX-License-Identifier: GPL-3.0-or-later
// High-water marks of producers.
#include "lib/store/producers.hpp"

#include <algorithm>

namespace outstation::store {

bool Producers::seen(const BatchId& batch) const {
    const auto daemon = daemons_.find(batch.daemon);
    if (daemon == daemons_.end()) return false;
    return std::any_of(daemon->second.begin(), daemon->second.end(), [&](const Start& start) {
        return start.incarnation == batch.incarnation && batch.counter <= start.counter;
    });
}

void Producers::add(const BatchId& batch) {
    if (daemons_.size() >= kMaxDaemons && !daemons_.contains(batch.daemon)) daemons_.erase(daemons_.begin());
    auto& starts = daemons_[batch.daemon];
    const auto found = std::find_if(starts.begin(), starts.end(), [&](const Start& start) {
        return start.incarnation == batch.incarnation;
    });
    std::uint64_t counter = batch.counter;
    if (found != starts.end()) {
        counter = std::max(counter, found->counter);
        starts.erase(found);
    }
    if (starts.size() >= kMaxIncarnations) starts.erase(starts.begin());
    starts.push_back({batch.incarnation, counter});
}

std::vector<wire::BatchMark> Producers::marks() const {
    std::vector<wire::BatchMark> out;
    for (const auto& [daemon, starts] : daemons_) {
        for (const Start& start : starts) out.push_back({daemon, start.incarnation, start.counter, 0, 0});
    }
    return out;
}

}  // namespace outstation::store
