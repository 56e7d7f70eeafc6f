// SPDX-License-Identifier: GPL-3.0-or-later
// What moves without samples: states, composites, the end of a duration, the first look after a start.
#include <algorithm>
#include <cmath>
#include <utility>

#include "daemons/alertd/engine.hpp"

namespace outstation::alertd {
namespace {

constexpr std::string_view kUpEnd = "_up";
constexpr std::string_view kDownEnd = "_down";
constexpr std::string_view kIndexMark = " #";
constexpr Duration kGivenLately = std::chrono::hours(24);

// The worst limit that what is told is about.
std::optional<double> limit_of(const Levels* levels, Severity severity) {
    if (levels == nullptr || severity == Severity::none) return std::nullopt;
    return levels->at(severity);
}

Reached reached_by_state(const Rule& rule, const wire::StateRecord& record, bool down) {
    Reached reached;
    if (!down) return reached;
    auto found = rule.states.find("down/" + record.reason);
    if (found == rule.states.end()) found = rule.states.find("down");
    if (found != rule.states.end()) reached.add(found->second);
    return reached;
}

// Of a rule without series: what an override says there is that it is off.
bool is_on(const Rule& rule, const SeriesKey& part) {
    return rule.match.fits(part) &&
           std::none_of(rule.overrides.begin(), rule.overrides.end(),
                        [&part](const Override& other) { return other.match.fits(part); });
}

SeriesKey part_of(const Rule& rule, const AlarmKey& key) {
    if (rule.subject != kInterface) return {key.device, {}, {}};
    return interface_key(key.device, key.component.substr(0, key.component.rfind(kIndexMark)));
}

}  // namespace

std::string component_of(const std::string& name, const std::string& index) {
    return index.empty() ? name : name + std::string(kIndexMark) + index;
}

void Engine::on_state(const wire::StateRecord& record) {
    const bool down = record.kind.ends_with(kDownEnd);
    if (!down && !record.kind.ends_with(kUpEnd)) return;
    const std::string_view end = down ? kDownEnd : kUpEnd;
    const std::string subject = record.kind.substr(0, record.kind.size() - end.size());
    const std::int64_t t = muted_ ? clock_.at_past(record.stamp) : clock_.at(record.stamp);
    for (const Rule* rule : by_state_) {
        if (rule->subject != subject) continue;
        const AlarmKey key{record.device,
                           subject == "device" ? "" : component_of(record.component, record.value), rule->id};
        if (!is_on(*rule, part_of(*rule, key))) continue;
        if (!down && !events_.contains(key) && alarms_.severity_of(key) == Severity::none) continue;
        Event& event = event_of(key, *rule);
        if (t <= event.last_t) continue;
        event.last_t = t;
        event.reached = reached_by_state(*rule, record, down);
        update(key, event, t, record.stamp);
    }
    look_at_composites(t, record.stamp);
}

// One that was not seen since the start is as the alarms have it.
Engine::Event& Engine::event_of(const AlarmKey& key, const Rule& rule) {
    const auto [it, added] = events_.try_emplace(key, Event{&rule, {}, {}, 0});
    if (added && !muted_) it->second.track.adopt(alarms_.severity_of(key));
    return it->second;
}

void Engine::update(const AlarmKey& key, Event& event, std::int64_t t, const wire::WireStamp& stamp) {
    const Severity before = event.track.told();
    const Severity now =
        event.track.update(event.reached, t, event.rule->hold.count(), event.rule->clear_after.count());
    if (event.track.is_pending()) {
        pending_.insert(key);
    } else {
        pending_.erase(key);
    }
    if (now != before) tell(key, *event.rule, event.track, t, stamp, std::nullopt, nullptr);
}

void Engine::tell(AlarmKey key, const Rule& rule, const SeverityTrack& track, std::int64_t t,
                  const wire::WireStamp& stamp, std::optional<double> value, const Levels* levels) {
    if (muted_) return;
    if (value && !std::isfinite(*value)) value.reset();
    const Severity severity = track.told();
    const Change change{std::move(key),
                        &rule,
                        severity,
                        stamp,
                        stamp.wall_ns - (t - track.since(t)),
                        value,
                        limit_of(levels, severity)};
    alarms_.on_change(change);
    if (rule.kind != RuleKind::composite) changed_.insert(change.key.device);
}

void Engine::look_at_composites(std::int64_t t, const wire::WireStamp& stamp) {
    for (const std::string& device : std::exchange(changed_, {})) {
        for (const Rule* rule : composites_) look_at_composite(*rule, device, t, stamp);
    }
}

void Engine::look_at_composite(const Rule& rule, const std::string& device, std::int64_t t,
                               const wire::WireStamp& stamp) {
    const AlarmKey key{device, "", rule.id};
    if (!is_on(rule, part_of(rule, key))) return;
    const auto is_open = [&](const std::string& id) { return alarms_.is_open(device, id); };
    const bool is_so = std::all_of(rule.all.begin(), rule.all.end(), is_open) &&
                       std::none_of(rule.none.begin(), rule.none.end(), is_open);
    if (is_so ? alarms_.is_over_by_hand(key, rule)
              : !events_.contains(key) && alarms_.severity_of(key) == Severity::none)
        return;
    Event& event = event_of(key, rule);
    event.reached = {};
    if (is_so) event.reached.add(rule.severity);
    update(key, event, t, stamp);
}

void Engine::tick(const wire::WireStamp& now) {
    const std::int64_t t = clock_.at(now);
    const std::set<AlarmKey> pending = pending_;  // update() takes some out
    for (const AlarmKey& key : pending) {
        const auto found = events_.find(key);
        if (found != events_.end()) update(key, found->second, t, now);
    }
    look_at_composites(t, now);
}

void Engine::settle(const wire::WireStamp& now) {
    muted_ = false;
    const std::int64_t t = clock_.at(now);
    settle_given(now);
    settle_cells(t, now);
    for (auto& [key, event] : events_) {
        changed_.insert(key.device);
        settle(key, event, t, now);
    }
    for (const Device& device : devices_) changed_.insert(device.name);
    look_at_composites(t, now);
}

// A state is known as it is: what is open and not found is over, since it was told so. What is no news was
// told, or ended by a person.
void Engine::settle(const AlarmKey& key, Event& event, std::int64_t t, const wire::WireStamp& now) {
    const Severity known = alarms_.severity_of(key);
    if (is_news(key, event.last_t)) {
        event.track.adopt(known, event.last_t);
        return update(key, event, t, now);
    }
    event.track.adopt(known);
    event.track.forget_pending();
    pending_.erase(key);
}

bool Engine::is_news(const AlarmKey& key, std::int64_t t) const {
    const wire::WireStamp* stamp = alarms_.changed_at(key);
    if (stamp == nullptr) return true;
    const auto changed = clock_.if_known(*stamp);  // not known: in a boot before all that was read
    return t != 0 && (!changed || t > *changed);
}

// What has had no value for longer is no part of its device any more.
void Engine::settle_given(const wire::WireStamp& now) {
    for (Series& series : series_) {
        std::int64_t age_ns = 0;
        const bool is_lately =
            !__builtin_sub_overflow(now.wall_ns, series.given_ns, &age_ns) && age_ns <= kGivenLately.count();
        if (!is_lately) series.given_ns = 0;
    }
}

void Engine::settle_cells(std::int64_t t, const wire::WireStamp& now) {
    for (Cell& cell : cells_) {
        const AlarmKey key = key_of(cell);
        const Severity known = alarms_.severity_of(key);
        const Severity found = cell.track.told();
        if (known == found) continue;
        if (!is_news(key, series_[cell.series].last_t)) {
            cell.track.adopt(known);
        } else if (badness(found) > badness(known)) {
            tell(key, *cell.rule, cell.track, t, now, cell.value, cell.levels);
        } else {
            cell.track.adopt(known);
            if (cell.value) update(cell, reached_by(cell, *cell.value), t, now, cell.value);
        }
    }
}

std::vector<std::uint32_t> Engine::cells_of(const AlarmKey& key) const {
    std::vector<std::uint32_t> found;
    const auto number = device_numbers_.find(key.device);
    if (number == device_numbers_.end()) return found;
    for (const std::uint32_t id : devices_[number->second].series) {
        const Series& series = series_[id];
        if (series.component != key.component) continue;
        for (std::uint32_t i = series.first_cell; i < series.first_cell + series.cells; ++i) {
            if (cells_[i].rule->id == key.rule) found.push_back(i);
        }
    }
    return found;
}

void Engine::forget(const AlarmKey& key) {
    const auto event = events_.find(key);
    if (event != events_.end()) event->second.track.forget();
    pending_.erase(key);
    for (const std::uint32_t number : cells_of(key)) cells_[number].track.forget();
}

void Engine::forget_part(const std::string& device, const std::string& component) {
    for (const Rule* rule : by_state_) {
        const AlarmKey key{device, component, rule->id};
        events_.erase(key);
        pending_.erase(key);
    }
}

bool Engine::is_about(const Rule& rule, const AlarmKey& key) const {
    if (rule.metric.empty()) return is_on(rule, part_of(rule, key));
    if (!rule.match.device_fits(key.device)) return false;
    return !cells_of(key).empty() || !knows_series(rule, key);
}

// What stored has lost with a crash is defined again when polld comes back.
bool Engine::knows_series(const Rule& rule, const AlarmKey& key) const {
    const auto number = device_numbers_.find(key.device);
    if (number == device_numbers_.end()) return false;
    const auto& all = devices_[number->second].series;
    return std::any_of(all.begin(), all.end(), [&](std::uint32_t id) {
        return series_[id].component == key.component && series_[id].rules->front()->metric == rule.metric;
    });
}

bool Engine::is_of_samples(const std::string& rule) const {
    return std::any_of(rules_->rules.begin(), rules_->rules.end(), [&rule](const Rule& one) {
        return one.id == rule && one.kind != RuleKind::absence && !one.metric.empty();
    });
}

bool Engine::is_gone(const AlarmKey& key, Duration unseen_for) const {
    const auto number = device_numbers_.find(key.device);
    if (muted_ || number == device_numbers_.end() || !is_of_samples(key.rule)) return false;
    const Device& device = devices_[number->second];
    if (device.settled_t == 0) return false;
    std::int64_t seen = std::max(device.settled_t, device.answers_since_t);
    for (const std::uint32_t cell : cells_of(key)) seen = std::max(seen, series_[cells_[cell].series].last_t);
    return device.answered_t - seen >= unseen_for.count();
}

}  // namespace outstation::alertd
