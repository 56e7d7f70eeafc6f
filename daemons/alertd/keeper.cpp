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

// The interface that the alarm is about, if it is about one.
std::optional<KnownStates::Port> port_of(const AlarmKey& key) {
    const std::size_t mark = key.component.rfind(kIndexMark);
    if (mark == std::string::npos) return std::nullopt;
    return KnownStates::Port{key.device, key.component.substr(mark + kIndexMark.size())};
}

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
    keep(record);
}

void Keeper::keep(const wire::StateRecord& record) {
    if (states_.gone() > most_gone_) let_go_of_gone();
    if (states_.take(record)) return;
    // Devices that are not configured any more make room.
    if (std::exchange(may_let_go_, false))
        states_.let_go_of_devices([this](const std::string& device) { return is_configured(device); });
    if (!states_.take(record)) ++states_left_out_;
}

void Keeper::let_go_of_gone() {
    if (states_.gone() == 0) return;
    std::set<KnownStates::Port> wanted;
    for (const auto& [key, alarm] : book().alarms()) {
        const auto port = alarm.state().open ? port_of(key) : std::nullopt;
        if (port) wanted.insert(*port);
    }
    states_.let_go_of_gone(wanted);
    most_gone_ = 2 * states_.gone() + kManyGone;
}

void Keeper::settle(const wire::WireStamp& now) {
    engine_->on_present(now);
    states_.for_each([this](const wire::StateRecord& record) {
        if (is_configured(record.device)) engine_->on_state(record);
    });
    engine_->settle(now);
    settled_ = true;
    end_what_is_void(now);
}

// A live record is what the next engine begins with, too. What it shows to be gone is over at the next tick.
void Keeper::on_state(const wire::StateRecord& record) {
    const KnownStates::Port port{record.device, record.value};
    const bool gone = KnownStates::is_end_of_interface(record);
    const std::string* before = KnownStates::is_of_interface(record) ? states_.name_of(port) : nullptr;
    const bool is_other = before != nullptr && *before != record.component;
    if (gone || is_other) {
        const std::string name = before != nullptr ? *before : record.component;
        engine_->forget_part(record.device, component_of(name, record.value));
        swept_mono_ns_ = 0;
    }
    on_old_state(record);
    const bool is_renamed = is_other && KnownStates::is_name_of_interface(record);
    engine_->on_state(is_renamed ? states_.state_of(port).value_or(record) : record);
}

void Keeper::tick(const wire::WireStamp& now) {
    if (!settled_) return;
    engine_->tick(now);
    // In a past that is played the monotonic clock begins anew.
    const bool is_later = now.mono_ns >= swept_mono_ns_;
    if (swept_mono_ns_ != 0 && is_later && now.mono_ns - swept_mono_ns_ < kSweepEvery.count()) return;
    swept_mono_ns_ = now.mono_ns;
    life_.tick(now);
    end_what_is_void(now);
    let_go_of_gone();
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
    const auto port = port_of(key);
    if (!port) return false;
    const std::string* name = states_.name_of(*port);
    return states_.is_gone(*port) || (name != nullptr && component_of(*name, port->second) != key.component);
}

// Why nothing can end this alarm any more; nullptr: something can. `rule`: nullptr when there is none of it.
const char* Keeper::void_because(const AlarmKey& key, const Rule* rule) const {
    if (!is_configured(key.device)) return "device removed";
    if (rule == nullptr) return rules_known_ ? "rule removed" : nullptr;
    if (!engine_->is_about(*rule, key)) return rules_known_ ? "rule removed" : nullptr;
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
