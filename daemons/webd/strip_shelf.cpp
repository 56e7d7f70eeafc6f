// SPDX-License-Identifier: GPL-3.0-or-later
// Keeping strips for a minute.
#include "daemons/webd/strip_shelf.hpp"

#include <utility>

namespace outstation::webd {

bool StripShelf::is_fresh(const Key& key, MonoTime now) const {
    const auto it = kept_.find(key);
    return it != kept_.end() && now - it->second.at < kShareFor;
}

const Strip* StripShelf::find(const Key& key) const {
    const auto it = kept_.find(key);
    return it == kept_.end() ? nullptr : &it->second.strip;
}

void StripShelf::keep(const Key& key, Strip strip, MonoTime now) {
    if (kept_.size() >= kMostKept)
        std::erase_if(kept_, [now](const auto& entry) { return now - entry.second.at >= kShareFor; });
    if (kept_.size() >= kMostKept) kept_.clear();
    kept_[key] = Kept{std::move(strip), now};
}

}  // namespace outstation::webd
