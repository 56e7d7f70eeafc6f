// SPDX-License-Identifier: GPL-3.0-or-later
// Keeping strips for a minute.
#include "daemons/webd/strip_shelf.hpp"

#include <utility>

namespace outstation::webd {

bool StripShelf::is_fresh(const Key& key, std::int64_t from_ns, MonoTime now) const {
    const auto it = kept_.find(key);
    return it != kept_.end() && it->second.strip.from_ns == from_ns && now - it->second.at < kShareFor;
}

const Strip* StripShelf::find(const Key& key, std::int64_t from_ns) const {
    const auto it = kept_.find(key);
    return it == kept_.end() || it->second.strip.from_ns != from_ns ? nullptr : &it->second.strip;
}

void StripShelf::keep(const Key& key, Strip strip, MonoTime now) {
    if (kept_.size() >= kMostKept)
        std::erase_if(kept_, [now](const auto& entry) { return now - entry.second.at >= kShareFor; });
    if (kept_.size() >= kMostKept) kept_.clear();
    kept_[key] = Kept{std::move(strip), now};
}

}  // namespace outstation::webd
