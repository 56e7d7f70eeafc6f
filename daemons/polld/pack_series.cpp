// SPDX-License-Identifier: GPL-3.0-or-later
// Findings to series.
#include "daemons/polld/pack_series.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/pack_metrics.hpp"

namespace outstation::polld {
namespace {

const std::string kStateSeverity = "state_severity";
const std::string kProcessorLoad = "processor_load_ratio";

std::vector<Label> labels_of(const std::string& word, const std::string& label, const pack::Oid& oid) {
    return {{word, clean_text(label, kMaxLabelBytes)}, {word + "_index", pack::format_oid(oid)}};
}

// Not counting what is not known in this cycle.
bool says_another(const std::vector<Label>& known, const std::vector<Label>& now) {
    return std::any_of(now.begin(), now.end(), [&known](const Label& label) {
        return !label.value.empty() && std::find(known.begin(), known.end(), label) == known.end();
    });
}

}  // namespace

void PackSeries::translate(const DevicePacks::Found& found, wire::SampleRecord& record) {
    const bool is_other = std::exchange(library_, found.library) != found.library;
    if (is_other || (found.is_survey && found.is_whole)) forget();  // what is not there any more
    is_whole_ = found.is_whole;
    ++translations_;
    for (const pack::Reading& reading : found.findings.sensors) add_reading(record, reading);
    for (const pack::Reading& reading : found.findings.processors)
        add(record, {kProcessorLoad, reading.oid, reading.value / 100},
            labels_of("processor", reading.label, reading.oid));
    add_spaces(record, found.findings.memory, "memory");
    add_spaces(record, found.findings.storage, "storage");
    add_states(record, found.findings.states);
    for (const pack::MetricValue& metric : found.findings.metrics) {
        Labels labels{{"snmp_index", pack::format_oid(metric.oid)}};
        for (const auto& [name, text] : metric.tags)
            labels.push_back({plain_name(name), clean_text(text, kMaxLabelBytes)});
        const std::string name = profile_metric_name(metric.name);
        add(record, {name, metric.oid, metric.value, metric.count, metric.source}, std::move(labels));
    }
}

void PackSeries::add_reading(wire::SampleRecord& record, const pack::Reading& reading) {
    const PackMetric metric = sensor_metric(reading);
    Labels labels = labels_of("sensor", reading.label, reading.oid);
    labels.push_back({"kind", clean_text(reading.kind, kMaxLabelBytes)});
    add(record, {metric.name, reading.oid, reading.value * metric.factor}, std::move(labels));
}

// Of several bits of one OID, which stand side by side, the worst counts.
void PackSeries::add_states(wire::SampleRecord& record, const std::vector<pack::State>& states) {
    for (std::size_t at = 0; at < states.size();) {
        const pack::State& state = states[at];
        int worst = -1;
        for (; at < states.size() && states[at].oid == state.oid; ++at)
            worst = std::max(worst, severity_number(states[at].severity));
        if (worst >= 0)
            add(record, {kStateSeverity, state.oid, static_cast<double>(worst)},
                labels_of("state", state.label, state.oid));
    }
}

void PackSeries::add_spaces(wire::SampleRecord& record, const std::vector<pack::Space>& spaces,
                            const std::string& word) {
    for (const pack::Space& space : spaces) {
        const Labels labels = labels_of(word, space.label, space.oid);
        if (space.total_octets) add(record, {word + "_size_bytes", space.oid, *space.total_octets}, labels);
        if (space.used_octets) add(record, {word + "_used_bytes", space.oid, *space.used_octets}, labels);
        if (space.percent) add(record, {word + "_used_ratio", space.oid, *space.percent / 100}, labels);
    }
}

bool PackSeries::has(std::uint32_t number) const {
    return std::any_of(known_.begin(), known_.end(), [number](const auto& entry) {
        const Variants& variants = entry.second;
        return std::any_of(variants.begin(), variants.end(),
                           [number](const Known& one) { return one.number == number; });
    });
}

void PackSeries::forget() {
    known_.clear();
    known_count_ = 0;
}

void PackSeries::define(Known& known, const Sample& found, Labels labels) {
    known.is_counter = found.count.has_value();
    known.number = book_.number_of(SeriesInfo{{device_, found.metric, labels},
                                              known.is_counter ? SeriesKind::counter : SeriesKind::gauge,
                                              pack::format_oid(found.oid),
                                              found.count ? found.count->scale : 1});
    known.labels = std::move(labels);
}

// A name that another part of the cycle gives is believed anew only when nothing of it failed: the series
// would be another one. Of rules whose labels tell the values apart, another label is another value.
void PackSeries::add(wire::SampleRecord& record, const Sample& found, Labels labels) {
    if (is_standard(found.oid) && found.metric != kStateSeverity) return;
    std::sort(labels.begin(), labels.end());
    const std::pair<std::string, pack::Oid> key(found.metric, found.oid);
    if (known_count_ >= kMostKnown && !known_.contains(key)) return;
    Variants& variants = known_[key];
    auto known = std::find_if(variants.begin(), variants.end(),
                              [&found](const Known& one) { return one.source == found.source; });
    if (known == variants.end()) {
        if (known_count_ >= kMostKnown) return;
        ++known_count_;
        known = variants.insert(known, Known{found.source});
    }
    if (known->number == SeriesBook::kNone || (is_whole_ && known->labels != labels)) {
        define(*known, found, std::move(labels));
    } else if (found.source != 0 && says_another(known->labels, labels)) {
        return;
    }
    const bool is_told = std::any_of(variants.begin(), variants.end(), [&](const Known& one) {
        return one.number == known->number && one.translation == translations_;
    });
    if (is_told || known->number == SeriesBook::kNone || book_.is_left_out(known->number)) return;
    known->translation = translations_;
    if (known->is_counter && found.count) {
        record.counter_series.push_back(known->number);
        record.counters.push_back(found.count->number);
    } else if (!known->is_counter && std::isfinite(found.value)) {
        record.gauge_series.push_back(known->number);
        record.gauges.push_back(found.value);
    }
}

}  // namespace outstation::polld
