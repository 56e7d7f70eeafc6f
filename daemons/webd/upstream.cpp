// SPDX-License-Identifier: GPL-3.0-or-later
// Remembering answers.
#include "daemons/webd/upstream.hpp"

namespace outstation::webd {

const Upstream::Known* Upstream::find(const std::string& key) {
    const auto it = known_.find(key);
    if (it == known_.end()) return nullptr;
    turns_.splice(turns_.end(), turns_, it->second.turn);
    return &it->second;
}

void Upstream::keep(const std::string& key, std::shared_ptr<const void> value) {
    const auto it = known_.find(key);
    if (it != known_.end()) {
        it->second.value = std::move(value);
        it->second.at = loop_.now();
        return;
    }
    if (known_.size() >= kMostKept) {
        known_.erase(turns_.front());
        turns_.pop_front();
    }
    turns_.push_back(key);
    known_.emplace(key, Known{std::move(value), loop_.now(), std::prev(turns_.end())});
}

}  // namespace outstation::webd
