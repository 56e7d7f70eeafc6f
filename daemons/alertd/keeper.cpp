// SPDX-License-Identifier: GPL-3.0-or-later
// Old records first, then live ones.
#include "daemons/alertd/keeper.hpp"

#include <algorithm>
#include <utility>

namespace outstation::alertd {
namespace {

constexpr Duration kSweepEvery = std::chrono::minutes(1);
constexpr Duration kShortestLookBack = std::chrono::minutes(5);
constexpr std::string_view kIndexMark = " #";
constexpr const char* kInterface = "interface";
constexpr std::string_view kGone = "interface_gone";

}  // namespace

Duration Keeper::look_back() const {
    return std::max(kShortestLookBack, rules_ ? rules_->longest_look_back() : Duration{0});
}

void Keeper::begin() {
    settled_ = false;
    engine_ = std::make_unique<Engine>(rules_, life_);
}

void Keeper::on_old_state(const wire::StateRecord& record) {
    life_.book().apply(record);
    if (const auto place = place_of(record)) keep(*place, record);
}

std::optional<Keeper::Place> Keeper::place_of(const wire::StateRecord& record) {
    for (const std::string_view end : {"_up", "_down", "_gone"}) {
        if (!record.kind.ends_with(end)) continue;
        return Place{record.device, record.kind.substr(0, record.kind.size() - end.size()),
                     record.value.empty() ? record.component : record.value};
    }
    return std::nullopt;
}

const wire::StateRecord* Keeper::state_of(const Place& place) const {
    const auto number = state_numbers_.find(place);
    return number == state_numbers_.end() ? nullptr : &states_.at(number->second);
}

void Keeper::keep(const Place& place, const wire::StateRecord& record) {
    const auto known = state_numbers_.find(place);
    if (known == state_numbers_.end() && states_.size() >= most_states_) let_go_of_removed();
    if (known == state_numbers_.end() && states_.size() >= most_states_) return;
    if (known != state_numbers_.end()) states_.erase(known->second);
    state_numbers_[place] = ++last_state_;
    states_.emplace(last_state_, record);
}

// Of devices that are not configured any more.
void Keeper::let_go_of_removed() {
    if (!std::exchange(may_let_go_, false)) return;
    std::erase_if(state_numbers_, [this](const auto& entry) {
        if (is_configured(std::get<0>(entry.first))) return false;
        states_.erase(entry.second);
        return true;
    });
}

void Keeper::settle(const wire::WireStamp& now) {
    engine_->on_present(now);
    for (const auto& [number, record] : states_) {
        if (is_configured(record.device)) engine_->on_state(record);
    }
    engine_->settle(now);
    settled_ = true;
    end_what_is_void(now);
}

// A live record is what the next engine begins with, too. What it shows to be gone is over at the next tick.
void Keeper::on_state(const wire::StateRecord& record) {
    const auto place = place_of(record);
    const wire::StateRecord* before = place ? state_of(*place) : nullptr;
    if (record.kind == kGone || (before != nullptr && before->component != record.component)) {
        if (before != nullptr) engine_->forget_part(before->device, component_of(*before));
        swept_mono_ns_ = 0;
    }
    on_old_state(record);
    engine_->on_state(record);
}

void Keeper::tick(const wire::WireStamp& now) {
    if (!settled_) return;
    engine_->tick(now);
    if (swept_mono_ns_ != 0 && now.mono_ns - swept_mono_ns_ < kSweepEvery.count()) return;
    swept_mono_ns_ = now.mono_ns;
    life_.tick(now);
    end_what_is_void(now);
}

bool Keeper::is_configured(const std::string& device) const {
    return !knows_devices_ || devices_.contains(device);
}

void Keeper::keep_only(std::set<std::string> devices) {
    devices_ = std::move(devices);
    knows_devices_ = may_let_go_ = true;
    swept_mono_ns_ = 0;
}

bool Keeper::is_replaced(const AlarmKey& key) const {
    const std::size_t mark = key.component.rfind(kIndexMark);
    if (mark == std::string::npos) return false;
    const std::string index = key.component.substr(mark + kIndexMark.size());
    const wire::StateRecord* state = state_of({key.device, kInterface, index});
    return state != nullptr && (state->kind == kGone || component_of(*state) != key.component);
}

// Why nothing can end this alarm any more; nullptr: something can. `rule`: nullptr when there is none of it.
const char* Keeper::void_because(const AlarmKey& key, const Rule* rule) const {
    if (!is_configured(key.device)) return "device removed";
    if (rule == nullptr) return rules_known_ ? "rule removed" : nullptr;
    const bool gone = rule->subject == kInterface ? is_replaced(key) : engine_->is_gone(key, kGoneAfter);
    return gone ? "gone" : nullptr;
}

void Keeper::end_what_is_void(const wire::WireStamp& now) {
    std::map<std::string_view, const Rule*> rules;
    for (const Rule& rule : rules_->rules) rules.emplace(rule.id, &rule);
    std::vector<std::pair<AlarmKey, const char*>> ends;
    for (const auto& [key, alarm] : book().alarms()) {
        if (!alarm.state().open) continue;
        const auto rule = rules.find(key.rule);
        const char* reason = void_because(key, rule == rules.end() ? nullptr : rule->second);
        if (reason != nullptr) ends.emplace_back(key, reason);
    }
    for (const auto& [key, reason] : ends) {
        life_.end(key, reason, now);
        engine_->forget(key);
    }
}

Result<wire::StateRecord> Keeper::act(const wire::AlarmAct& act, const wire::WireStamp& now) {
    auto record = life_.act(act, now);
    if (record && record->alarm->step == wire::AlarmStep::cleared && engine_)
        engine_->forget(key_of(*record));
    return record;
}

}  // namespace outstation::alertd
