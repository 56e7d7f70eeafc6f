// SPDX-License-Identifier: GPL-3.0-or-later
// Timers in a map; a handle erases its entry.
#include "lib/event/timer_queue.hpp"

namespace outstation::detail {

class TimerQueue::Handle : public Cancellable {
  public:
    Handle(std::weak_ptr<Entries> entries, Key key) : entries_(std::move(entries)), key_(key) {}
    ~Handle() override {
        if (const auto entries = entries_.lock()) entries->erase(key_);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

  private:
    std::weak_ptr<Entries> entries_;
    Key key_;
};

Timer TimerQueue::add(MonoTime at, std::function<void()> on_due) {
    const Key key{at, created_++};
    entries_->emplace(key, std::move(on_due));
    return Timer(std::make_unique<Handle>(entries_, key));
}

std::optional<MonoTime> TimerQueue::next() const {
    if (entries_->empty()) return std::nullopt;
    return entries_->begin()->first.first;
}

void TimerQueue::run_due(MonoTime now) {
    const std::uint64_t created_before = created_;
    const auto entries = entries_;  // a callback may destroy the loop's owner
    auto it = entries->begin();
    while (it != entries->end() && it->first.first <= now) {
        if (it->first.second >= created_before) {
            ++it;
            continue;
        }
        const auto node = entries->extract(it);
        node.mapped()();
        it = entries->begin();
    }
}

}  // namespace outstation::detail
