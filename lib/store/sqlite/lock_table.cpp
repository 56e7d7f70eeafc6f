// SPDX-License-Identifier: GPL-3.0-or-later
// Lock levels of database files.
#include "lib/store/sqlite/lock_table.hpp"

namespace outstation::store {

Result<void> LockTable::raise(const std::string& path, const void* holder, LockLevel& held,
                              LockLevel wanted) {
    const std::lock_guard guard(mutex_);
    State& state = states_[path];
    if (!state.process) {
        auto lock = files_.lock(path + "-lock");
        if (!lock) {
            states_.erase(path);
            return fail(lock.error());
        }
        state.process = std::move(*lock);
    }
    if (state.writer != nullptr && state.writer != holder && (state.pending || wanted > LockLevel::shared))
        return fail(ErrorCode::refused, path + ": another connection writes");
    if (held == LockLevel::none) {
        ++state.readers;
        held = LockLevel::shared;
    }
    if (wanted == LockLevel::shared) return {};
    state.writer = holder;
    if (held < LockLevel::reserved) held = LockLevel::reserved;
    if (wanted == LockLevel::reserved) return {};
    state.pending = true;
    held = LockLevel::pending;
    if (state.readers > 1) return fail(ErrorCode::refused, path + ": is being read");
    held = LockLevel::exclusive;
    return {};
}

void LockTable::lower(const std::string& path, const void* holder, LockLevel& held, LockLevel wanted) {
    const std::lock_guard guard(mutex_);
    const auto found = states_.find(path);
    if (found == states_.end() || held <= wanted) return;
    State& state = found->second;
    if (state.writer == holder) {
        state.writer = nullptr;
        state.pending = false;
    }
    held = wanted;
    if (wanted == LockLevel::none && --state.readers == 0) states_.erase(found);
}

bool LockTable::reserved(const std::string& path) const {
    const std::lock_guard guard(mutex_);
    const auto found = states_.find(path);
    return found != states_.end() && found->second.writer != nullptr;
}

}  // namespace outstation::store
