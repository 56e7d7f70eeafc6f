// SPDX-License-Identifier: GPL-3.0-or-later
// Series, samples and what they say.
#include "daemons/alertd/engine.hpp"

#include <algorithm>
#include <cmath>

#include "lib/model/counter.hpp"

namespace outstation::alertd {
namespace {

constexpr const char* kUp = "up";
constexpr const char* kUptime = "sys_uptime_seconds";
constexpr std::int64_t kGapFactor = 3;  // times the usual distance of samples
constexpr std::uint32_t kMaxSeriesNumber = 1U << 22;
constexpr double kForecastHysteresis = 0.25;  // of the time that is left

double seconds(std::int64_t ns) {
    return static_cast<double>(ns) / 1e9;
}

}  // namespace

Engine::Engine(std::shared_ptr<const RuleSet> rules, Alarms& alarms)
    : rules_(std::move(rules)), alarms_(alarms) {
    for (const Rule& rule : rules_->rules) {
        if (rule.kind == RuleKind::composite) {
            composites_.push_back(&rule);
        } else if (!rule.subject.empty()) {
            by_state_.push_back(&rule);
        } else {
            by_metric_[rule.metric].push_back(&rule);
            if (!rule.of.empty()) of_metrics_.insert(rule.of);
        }
    }
}

std::uint32_t Engine::device_number(const std::string& name) {
    const auto [it, added] = device_numbers_.try_emplace(name, static_cast<std::uint32_t>(devices_.size()));
    if (added) {
        devices_.emplace_back();
        devices_.back().name = name;
    }
    return it->second;
}

void Engine::define(const wire::SeriesDef& def, std::int64_t given_ns) {
    if (def.id > kMaxSeriesNumber) return;
    if (def.id >= series_.size()) series_.resize(def.id + 1);
    Series& series = series_[def.id];
    if (series.known) return;
    const SeriesKey key = def.info().key;
    series.known = true;
    series.given_ns = given_ns;
    series.is_counter = def.kind == SeriesKind::counter;
    series.is_32_bit = def.is_32_bit();
    series.is_up = def.metric == kUp;
    series.is_uptime = def.metric == kUptime;
    series.device = device_number(def.device);
    series.first_cell = static_cast<std::uint32_t>(cells_.size());
    if (of_metrics_.contains(def.metric)) resolve_of(def.id, key);
    const auto rules = by_metric_.find(def.metric);
    if (rules == by_metric_.end()) return;
    series.component = component_of(key.labels);
    series.rules = &rules->second;
    devices_[series.device].series.push_back(def.id);
    for (const Rule* rule : rules->second) {
        if (rule->match.fits(key)) add_cell(*rule, def.id, def, key);
    }
}

void Engine::add_cell(const Rule& rule, std::uint32_t id, const wire::SeriesDef& def, const SeriesKey& key) {
    const Levels* levels = levels_for(rule, key);
    if (levels == nullptr) return;
    const auto number = static_cast<std::uint32_t>(cells_.size());
    Cell cell{&rule, levels, id, kNoSeries, 0, {}, std::nullopt};
    if (rule.kind == RuleKind::rate) {
        cell.extra = static_cast<std::uint32_t>(anchors_.size());
        anchors_.emplace_back();
    } else if (rule.kind == RuleKind::forecast) {
        cell.extra = static_cast<std::uint32_t>(trends_.size());
        trends_.emplace_back();
    } else if (rule.kind == RuleKind::absence) {
        devices_[series_[id].device].absences.push_back(number);
    }
    if (!rule.of.empty()) {
        SeriesKey of{def.device, rule.of, key.labels};
        const auto found = of_series_.find(of);
        if (found != of_series_.end()) cell.of = found->second;
        if (found == of_series_.end()) waiting_for_of_.emplace(std::move(of), number);
    }
    cells_.push_back(cell);
    ++series_[id].cells;
}

void Engine::resolve_of(std::uint32_t id, SeriesKey key) {
    const auto [first, last] = waiting_for_of_.equal_range(key);
    for (auto it = first; it != last; ++it) cells_[it->second].of = id;
    waiting_for_of_.erase(first, last);
    of_series_[std::move(key)] = id;
}

void Engine::on_sample(const wire::SampleRecord& record) {
    const std::int64_t t = clock_.at(record.stamp);
    taken_.clear();
    for (std::size_t i = 0; i < record.counter_series.size(); ++i)
        take(record.counter_series[i], t, static_cast<double>(record.counters[i]), record.counters[i]);
    bool answers = true;
    for (std::size_t i = 0; i < record.gauge_series.size(); ++i) {
        const std::uint32_t id = record.gauge_series[i];
        take(id, t, record.gauges[i], 0);
        if (id < series_.size() && series_[id].is_up && record.gauges[i] == 0) answers = false;
    }
    if (taken_.empty()) return;
    Device& device = devices_[series_[taken_.front()].device];
    see_device(device, answers, t);
    for (const std::uint32_t id : taken_) {
        const Series& series = series_[id];
        for (std::uint32_t i = 0; i < series.cells; ++i)
            evaluate(cells_[series.first_cell + i], t, record.stamp);
    }
    if (answers) look_for_absences(device, t, record.stamp);
    if (!muted_) look_at_composites(t, record.stamp);
}

void Engine::see_device(Device& device, bool answers, std::int64_t t) {
    if (!answers) {
        device.answers_since_t = 0;
        return;
    }
    const bool goes_on = std::any_of(taken_.begin(), taken_.end(), [this](std::uint32_t id) {
        return series_[id].usual != 0 && !series_[id].after_gap;
    });
    if (device.answers_since_t == 0 || !goes_on) device.answers_since_t = t;
    device.answered_t = t;
    if (!muted_ && device.settled_t == 0) device.settled_t = t;
}

void Engine::take(std::uint32_t id, std::int64_t t, double value, std::uint64_t counter) {
    if (id >= series_.size()) return;
    Series& series = series_[id];
    if (!series.known || t <= series.last_t || std::isnan(value)) return;
    const std::int64_t distance = t - series.last_t;
    series.after_gap = series.usual != 0 && distance / kGapFactor > series.usual;
    if (series.last_t != 0) series.usual = series.after_gap ? 2 * series.usual : distance;
    if (series.is_uptime && series.last_t != 0 && value < series.value)
        devices_[series.device].restarted_t = t;
    series.last_t = t;
    series.value = value;
    series.counter = counter;
    taken_.push_back(id);
}

void Engine::evaluate(Cell& cell, std::int64_t t, const wire::WireStamp& stamp) {
    const Series& series = series_[cell.series];
    if (series.after_gap) cell.track.forget_pending();
    if (cell.rule->kind == RuleKind::absence) return update(cell, {}, t, stamp, std::nullopt);
    const auto value = measure(cell, series, t);
    if (!value) return;
    cell.value = value;
    update(cell, reached_by(cell, *value), t, stamp, value);
}

std::optional<double> Engine::measure(Cell& cell, const Series& series, std::int64_t t) {
    switch (cell.rule->kind) {
        case RuleKind::rate:
            return measure_rate(cell, series, t);
        case RuleKind::forecast:
            return measure_trend(cell, series, t);
        default:
            return measure_value(cell, series, t);
    }
}

std::optional<double> Engine::measure_value(const Cell& cell, const Series& series, std::int64_t t) {
    if (cell.rule->of.empty()) return series.value;
    if (cell.of == kNoSeries) return std::nullopt;
    const Series& of = series_[cell.of];
    if (of.last_t != t || of.value == 0) return std::nullopt;  // of another record, or no share of nothing
    return series.value / of.value;
}

// Growth between the anchor and now, per second or per growth of the divisor; then the anchor moves on.
std::optional<double> Engine::measure_rate(Cell& cell, const Series& series, std::int64_t t) {
    const Series* of = cell.of == kNoSeries ? nullptr : &series_[cell.of];
    if (!cell.rule->of.empty() && (of == nullptr || of->last_t != t)) return std::nullopt;
    Anchor& anchor = anchors_[cell.extra];
    const Anchor now{t, series.value, series.counter, of != nullptr ? of->value : 0,
                     of != nullptr ? of->counter : 0};
    const bool begins = anchor.t == 0 || series.after_gap || devices_[series.device].restarted_t > anchor.t;
    if (!begins && t - anchor.t < cell.rule->over.count()) return std::nullopt;
    const Anchor before = anchor;
    anchor = now;
    if (begins) return std::nullopt;
    const auto growth = [](const Series& of_what, double v0, double v1, std::uint64_t c0,
                           std::uint64_t c1) -> std::optional<double> {
        if (!of_what.is_counter) return v1 - v0;
        const auto grown = counter_increase(c0, c1, of_what.is_32_bit);
        if (!grown) return std::nullopt;  // the counter began anew
        return static_cast<double>(*grown);
    };
    const auto grown = growth(series, before.value, now.value, before.counter, now.counter);
    if (!grown) return std::nullopt;
    if (of == nullptr) return *grown / seconds(t - before.t);
    const auto divisor = growth(*of, before.of_value, now.of_value, before.of_counter, now.of_counter);
    if (!divisor || *divisor == 0) return std::nullopt;
    return *grown / *divisor;
}

std::optional<double> Engine::measure_trend(Cell& cell, const Series& series, std::int64_t t) {
    const auto value = measure_value(cell, series, t);
    if (!value) return std::nullopt;
    Trend& trend = trends_[cell.extra];
    const double window = seconds(cell.rule->window.count());
    trend.add_at(*value, t, window);
    return trend.seconds_to(*cell.rule->limit, cell.rule->above, window);
}

Reached Engine::reached_by(const Cell& cell, double value) {
    Reached reached;
    const Rule& rule = *cell.rule;
    if (rule.kind == RuleKind::state) {
        const auto found = rule.values.find(value);
        if (found != rule.values.end()) reached.add(found->second);
        return reached;
    }
    const bool is_forecast = rule.kind == RuleKind::forecast;
    const bool above = rule.above && !is_forecast;
    for (const Severity severity : kSeverities) {
        const auto& limit = cell.levels->at(severity);
        if (!limit) continue;
        double margin = is_forecast ? *limit * kForecastHysteresis : rule.hysteresis;
        if (!cell.track.is_on(severity)) margin = 0;
        if (above ? value > *limit - margin : value < *limit + margin) reached.add(severity);
    }
    return reached;
}

void Engine::update(Cell& cell, const Reached& reached, std::int64_t t, const wire::WireStamp& stamp,
                    std::optional<double> value) {
    const bool is_absence = cell.rule->kind == RuleKind::absence;  // its time is over when it is reached
    const std::int64_t hold = is_absence ? 0 : cell.rule->hold.count();
    const Severity before = cell.track.told();
    if (cell.track.update(reached, t, hold, cell.rule->clear_after.count()) == before) return;
    tell(key_of(cell), *cell.rule, cell.track, t, stamp, value, is_absence ? nullptr : cell.levels);
}

void Engine::look_for_absences(Device& device, std::int64_t t, const wire::WireStamp& stamp) {
    for (const std::uint32_t number : device.absences) {
        Cell& cell = cells_[number];
        const Series& series = series_[cell.series];
        const bool was_given = series.last_t != 0 || (!muted_ && series.given_ns != 0);
        if (!was_given || series.last_t == t) continue;
        const std::int64_t missing_since = std::max(series.last_t, device.answers_since_t);
        if (t - missing_since < cell.rule->hold.count()) continue;
        Reached reached;
        reached.add(cell.rule->severity);
        update(cell, reached, t, stamp, std::nullopt);
    }
}

AlarmKey Engine::key_of(const Cell& cell) const {
    const Series& series = series_[cell.series];
    return {devices_[series.device].name, series.component, cell.rule->id};
}

}  // namespace outstation::alertd
