// SPDX-License-Identifier: GPL-3.0-or-later
// Grouping latest values by component.
#include "daemons/webd/components.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "daemons/webd/metric_names.hpp"
#include "daemons/webd/rates.hpp"

namespace outstation::webd {
namespace {

std::uint32_t number_of(const std::string& text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// The value while it is fresh.
std::optional<double> value_of(const wire::LatestRow& row, Freshness freshness) {
    if (row.wall_ns == 0 || !freshness.holds(row)) return std::nullopt;
    return row.gauge;
}

// Where each metric of an interface goes.
struct InterfaceField {
    const char* metric;
    std::optional<double> Interface::*value;
    std::uint32_t Interface::*series;  // null: not kept
};
constexpr InterfaceField kInterfaceFields[] = {
    {metric::kIfAdmin, &Interface::admin, nullptr},
    {metric::kIfOper, &Interface::oper, nullptr},
    {metric::kIfSpeed, &Interface::speed_bps, nullptr},
    {metric::kIfInOctets, &Interface::in_octets_per_s, &Interface::in_series},
    {metric::kIfOutOctets, &Interface::out_octets_per_s, &Interface::out_series},
    {metric::kIfInErrors, &Interface::in_errors_per_s, nullptr},
    {metric::kIfOutErrors, &Interface::out_errors_per_s, nullptr},
};

void set_texts(Interface& one, const wire::SeriesDef& series) {
    const auto take = [&series](std::string& into, const char* label) {
        if (into.empty()) into = label_of(series, label);
    };
    if (one.name.empty()) one.name = interface_name(series);
    take(one.descr, metric::kIfDescr);
    take(one.alias, metric::kIfAlias);
    take(one.mac, metric::kIfMac);
    if (const std::string& type = label_of(series, metric::kIfType); !type.empty())
        one.type = static_cast<int>(number_of(type));
}

// ENTITY-SENSOR-MIB by the metric that polld makes of its type and scale.
struct SensorMetric {
    const char* metric;
    const char* kind;
    const char* unit;
};
constexpr SensorMetric kSensorMetrics[] = {
    {"temperature_celsius", "temperature", "celsius"},
    {"humidity_ratio", "humidity", "ratio"},
    {"fan_speed_rpm", "fan", "rpm"},
    {"voltage_volts", "voltage", "volts"},
    {"current_amperes", "current", "amperes"},
    {"power_watts", "power", "watts"},
    {"frequency_hertz", "frequency", "hertz"},
    {"airflow_cmm", "airflow", "cmm"},
    {"sensor_state", "state", "none"},
    {"sensor_value", "other", "none"},
};

const SensorMetric* sensor_metric(const std::string& metric) {
    const auto* it = std::find_if(std::begin(kSensorMetrics), std::end(kSensorMetrics),
                                  [&metric](const SensorMetric& entry) { return metric == entry.metric; });
    return it == std::end(kSensorMetrics) ? nullptr : it;
}

// HOST-RESOURCES-TYPES, by the last number of hrStorageType or by polld's word.
std::string storage_kind(const std::string& type) {
    for (const char* kind : {"ram", "virtual", "disk", "removable", "flash"}) {
        if (type == kind) return kind;
    }
    return "other";
}

const std::string& first_of(const wire::SeriesDef& series, std::initializer_list<const char*> labels) {
    for (const char* label : labels) {
        if (const std::string& value = label_of(series, label); !value.empty()) return value;
    }
    return label_of(series, "");
}

}  // namespace

const std::string& interface_name(const wire::SeriesDef& series) {
    return first_of(series, {metric::kIfName, metric::kIfDescr, metric::kIfIndex});
}

std::vector<Interface> interfaces_of(const Rows& rows, Freshness freshness) {
    bool restarted = false;
    rows.each([&](const wire::LatestRow& row) {
        if (row.series.metric == metric::kUptime) restarted = has_restarted(row);
    });
    std::map<std::uint32_t, Interface> interfaces;
    rows.each([&](const wire::LatestRow& row) {
        const std::string& index = label_of(row.series, metric::kIfIndex);
        if (index.empty()) return;
        Interface& one = interfaces[number_of(index)];
        one.if_index = number_of(index);
        one.time_ns = std::max(one.time_ns, row.wall_ns);
        set_texts(one, row.series);
        for (const InterfaceField& field : kInterfaceFields) {
            if (row.series.metric != field.metric) continue;
            const bool counter = row.series.kind == SeriesKind::counter;
            if (field.series != nullptr) one.*field.series = row.series.id;
            if (!counter) one.*field.value = value_of(row, freshness);
            if (counter && !restarted && freshness.holds(row))
                one.*field.value = rate_of(row, freshness.limit_ns());
        }
    });
    std::vector<Interface> out;
    for (auto& [index, one] : interfaces) out.push_back(std::move(one));
    return out;
}

std::vector<Sensor> sensors_of(const Rows& rows, Freshness freshness) {
    std::map<std::string, Sensor> sensors;  // by the label that all series of a sensor share
    std::vector<std::string> order;
    rows.each([&](const wire::LatestRow& row) {
        const SensorMetric* known = sensor_metric(row.series.metric);
        const bool is_status = row.series.metric == metric::kSensorStatus;
        if (known == nullptr && !is_status) return;
        const std::string& index = label_of(row.series, metric::kEntity);
        if (!sensors.contains(index)) order.push_back(index);
        Sensor& one = sensors[index];
        if (one.name.empty()) one.name = first_of(row.series, {metric::kSensorName, metric::kEntity});
        one.time_ns = std::max(one.time_ns, row.wall_ns);
        if (is_status) one.status = value_of(row, freshness);
        if (known == nullptr) return;
        one.kind = known->kind;
        one.unit = known->unit;
        one.value = value_of(row, freshness);
        one.series = row.series.id;
    });
    std::vector<Sensor> out;
    for (const std::string& index : order) {
        Sensor& one = sensors[index];
        if (one.kind.empty()) one.kind = "other";
        if (one.unit.empty()) one.unit = "none";
        out.push_back(std::move(one));
    }
    return out;
}

Resources resources_of(const Rows& rows, Freshness freshness) {
    Resources resources;
    std::map<std::uint32_t, Storage> storage;
    rows.each([&](const wire::LatestRow& row) {
        const std::string& metric = row.series.metric;
        if (metric == metric::kProcessorLoad) {
            const std::string& name = first_of(row.series, {metric::kProcessor});
            resources.processors.push_back({"CPU " + name, value_of(row, freshness), row.series.id});
        }
        if (metric != metric::kStorageSize && metric != metric::kStorageUsed) return;
        Storage& one = storage[number_of(label_of(row.series, metric::kStorageIndex))];
        one.name = first_of(row.series, {metric::kStorageName, metric::kStorageIndex});
        one.kind = storage_kind(label_of(row.series, metric::kStorageKind));
        if (metric == metric::kStorageSize) one.size_bytes = value_of(row, freshness);
        if (metric != metric::kStorageUsed) return;
        one.used_bytes = value_of(row, freshness);
        one.series = row.series.id;
    });
    for (auto& [index, one] : storage) resources.storage.push_back(std::move(one));
    return resources;
}

}  // namespace outstation::webd
