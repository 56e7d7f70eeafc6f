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

constexpr const char* kStateSeverity = "state_severity";

std::vector<Label> labels_of(const std::string& word, const std::string& label, const pack::Oid& oid) {
    return {{word, clean_text(label, kMaxLabelBytes)}, {word + "_index", pack::format_oid(oid)}};
}

}  // namespace

void PackSeries::translate(const DevicePacks::Found& found, wire::SampleRecord& record) {
    if (found.is_survey && found.is_whole) known_.clear();  // what is not there any more
    is_whole_ = found.is_whole;
    ++translations_;
    for (const pack::Reading& reading : found.findings.sensors) add_reading(record, reading);
    for (const pack::Reading& reading : found.findings.processors)
        add(record, "processor_load_ratio", reading.oid, labels_of("processor", reading.label, reading.oid),
            reading.value / 100);
    add_spaces(record, found.findings.memory, "memory");
    add_spaces(record, found.findings.storage, "storage");
    add_states(record, found.findings.states);
    for (const pack::MetricValue& metric : found.findings.metrics) {
        Labels labels{{"snmp_index", pack::format_oid(metric.oid)}};
        for (const auto& [name, text] : metric.tags)
            labels.push_back({plain_name(name), clean_text(text, kMaxLabelBytes)});
        add(record, profile_metric_name(metric.name), metric.oid, std::move(labels), metric.value);
    }
}

void PackSeries::add_reading(wire::SampleRecord& record, const pack::Reading& reading) {
    const PackMetric metric = sensor_metric(reading);
    Labels labels = labels_of("sensor", reading.label, reading.oid);
    labels.push_back({"kind", clean_text(reading.kind, kMaxLabelBytes)});
    add(record, metric.name, reading.oid, std::move(labels), reading.value * metric.factor);
}

// Of several bits of one OID, which stand side by side, the worst counts.
void PackSeries::add_states(wire::SampleRecord& record, const std::vector<pack::State>& states) {
    for (std::size_t at = 0; at < states.size();) {
        const pack::State& state = states[at];
        int worst = -1;
        for (; at < states.size() && states[at].oid == state.oid; ++at)
            worst = std::max(worst, severity_number(states[at].severity));
        if (worst >= 0)
            add(record, kStateSeverity, state.oid, labels_of("state", state.label, state.oid), worst);
    }
}

void PackSeries::add_spaces(wire::SampleRecord& record, const std::vector<pack::Space>& spaces,
                            const std::string& word) {
    for (const pack::Space& space : spaces) {
        const Labels labels = labels_of(word, space.label, space.oid);
        if (space.total_octets) add(record, word + "_size_bytes", space.oid, labels, *space.total_octets);
        if (space.used_octets) add(record, word + "_used_bytes", space.oid, labels, *space.used_octets);
        if (space.percent) add(record, word + "_used_ratio", space.oid, labels, *space.percent / 100);
    }
}

// A name that another part of the cycle gives is believed anew only when nothing of it failed: the series
// would be another one.
void PackSeries::add(wire::SampleRecord& record, const std::string& metric, const pack::Oid& oid,
                     Labels labels, double value) {
    if (is_standard(oid) && metric != kStateSeverity) return;
    if (known_.size() >= kMostKnown && !known_.contains({metric, oid})) return;
    std::sort(labels.begin(), labels.end());
    Known& known = known_[{metric, oid}];
    if (known.number == SeriesBook::kNone || (is_whole_ && known.labels != labels)) {
        known.number = book_.number_of(
            SeriesInfo{{device_, metric, labels}, SeriesKind::gauge, pack::format_oid(oid), 1});
        known.labels = std::move(labels);
    }
    const bool is_first = std::exchange(known.translation, translations_) != translations_;
    if (!is_first || known.number == SeriesBook::kNone || book_.is_left_out(known.number) ||
        !std::isfinite(value))
        return;
    record.gauge_series.push_back(known.number);
    record.gauges.push_back(value);
}

}  // namespace outstation::polld
