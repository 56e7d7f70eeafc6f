// SPDX-License-Identifier: GPL-3.0-or-later
// The fold.
#include "daemons/alertd/alarm_book.hpp"

#include <algorithm>

#include "lib/crypto/bytes.hpp"

namespace outstation::alertd {

namespace {

constexpr std::uint64_t kMostAhead = std::uint64_t{1} << 32;

// Steps that say that it is open, over, worse or better; others leave that as it is.
bool is_change(wire::AlarmStep step) {
    using wire::AlarmStep;
    return step == AlarmStep::raised || step == AlarmStep::reopened || step == AlarmStep::escalated ||
           step == AlarmStep::eased || step == AlarmStep::cleared;
}

}  // namespace

AlarmKey key_of(const wire::StateRecord& record) {
    return {record.device, record.component, record.alarm ? record.alarm->rule : std::string()};
}

std::string id_of(const AlarmKey& key) {
    constexpr std::size_t kCharacters = 16;
    const auto part = [](const std::string& text) { return std::to_string(text.size()) + ":" + text; };
    return crypto::to_hex(crypto::sha256(part(key.device) + part(key.component) + part(key.rule)))
        .substr(0, kCharacters);
}

std::int64_t age_ns(const wire::WireStamp& then, const wire::WireStamp& now) {
    const bool same_boot = then.boot_id == now.boot_id;
    std::int64_t age = 0;
    const bool over = __builtin_sub_overflow(same_boot ? now.mono_ns : now.wall_ns,
                                             same_boot ? then.mono_ns : then.wall_ns, &age);
    if (over) age = 0;
    return same_boot ? age : std::max(age, now.mono_ns);
}

bool Alarm::was_taken(const std::string& token) const {
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

bool AlarmBook::apply(const wire::StateRecord& record) {
    if (!record.alarm) return false;
    const AlarmKey key = key_of(record);
    const std::uint64_t revision = record.alarm->revision;
    // Revisions grow by one: one far ahead is no step, and would leave none for the steps to come.
    if (newest_revision_ != 0 && revision > newest_revision_ && revision - newest_revision_ > kMostAhead)
        return false;
    newest_revision_ = std::max(newest_revision_, revision);
    if (!alarms_.contains(key) && alarms_.size() >= most_ && !make_room()) {
        ++left_out_;
        return false;
    }
    const auto known = alarms_.find(key);
    if (known != alarms_.end() && known->second.state().revision >= record.alarm->revision) return false;
    const bool was_open = known != alarms_.end() && known->second.state().open;
    const auto [it, added] = alarms_.try_emplace(key);
    if (added) it->second.id = id_of(key);
    Alarm& alarm = it->second;
    alarm.newest = record;
    alarm.recorded = false;
    if (added || is_change(record.alarm->step)) {
        alarm.changed = record.stamp;
        alarm.changed_revision = record.alarm->revision;
        alarm.changed_by_hand = !record.alarm->by.empty();
    }
    if (added || record.alarm->step == wire::AlarmStep::shelved) alarm.shelved = record.stamp;
    const std::string& token = record.alarm->token;
    if (!token.empty() && !alarm.was_taken(token)) {
        alarm.tokens.push_back(token);
        if (alarm.tokens.size() > Alarm::kMostTokens) alarm.tokens.erase(alarm.tokens.begin());
    }
    ids_.emplace(alarm.id, key);
    std::size_t& open = open_[{key.device, key.rule}];
    open += record.alarm->open ? 1 : 0;
    open -= was_open ? 1 : 0;
    if (open == 0) open_.erase({key.device, key.rule});
    return true;
}

// Forgets the older half of the cleared ones.
bool AlarmBook::make_room() {
    std::vector<std::uint64_t> cleared;
    for (const auto& [key, alarm] : alarms_) {
        if (!alarm.state().open) cleared.push_back(alarm.state().revision);
    }
    if (cleared.empty()) return false;
    const auto middle = cleared.begin() + static_cast<std::ptrdiff_t>(cleared.size() / 2);
    std::nth_element(cleared.begin(), middle, cleared.end());
    const std::uint64_t newest = *middle;
    std::erase_if(alarms_, [&](const auto& entry) {
        if (entry.second.state().open || entry.second.state().revision > newest) return false;
        ids_.erase(entry.second.id);
        return true;
    });
    return true;
}

void AlarmBook::on_recorded(const wire::StateRecord& record) {
    if (!record.alarm) return;
    const auto it = alarms_.find(key_of(record));
    if (it != alarms_.end() && it->second.state().revision == record.alarm->revision)
        it->second.recorded = true;
}

void AlarmBook::forget_cleared(const wire::WireStamp& now, Duration age) {
    std::erase_if(alarms_, [&](const auto& entry) {
        const Alarm& alarm = entry.second;
        if (alarm.state().open || age_ns(alarm.changed, now) <= age.count()) return false;
        ids_.erase(alarm.id);
        return !alarm.changed_by_hand;
    });
}

const Alarm* AlarmBook::find(const AlarmKey& key) const {
    const auto it = alarms_.find(key);
    return it == alarms_.end() ? nullptr : &it->second;
}

const Alarm* AlarmBook::find(const std::string& id) const {
    const auto it = ids_.find(id);
    return it == ids_.end() ? nullptr : find(it->second);
}

wire::Severity AlarmBook::severity_of(const AlarmKey& key) const {
    const Alarm* alarm = find(key);
    return alarm != nullptr && alarm->state().open ? alarm->state().severity : wire::Severity::none;
}

bool AlarmBook::is_open(const std::string& device, const std::string& rule) const {
    return open_.contains({device, rule});
}

bool AlarmBook::has_changed(const std::string& device, const std::vector<std::string>& rules,
                            std::uint64_t after) const {
    for (auto it = alarms_.lower_bound({device, "", ""}); it != alarms_.end() && it->first.device == device;
         ++it) {
        const bool is_of_rules = std::find(rules.begin(), rules.end(), it->first.rule) != rules.end();
        if (is_of_rules && it->second.changed_revision > after) return true;
    }
    return false;
}

std::size_t AlarmBook::open() const {
    std::size_t count = 0;
    for (const auto& [of, open] : open_) count += open;
    return count;
}

}  // namespace outstation::alertd
