// SPDX-License-Identifier: GPL-3.0-or-later
// Grouping latest values by component.
#include "daemons/webd/components.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "daemons/webd/interface_indexes.hpp"
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

// What the interface says of itself: the labels of its if_info.
void set_texts(Interface& one, const wire::SeriesDef& series) {
    one.descr = label_of(series, metric::kIfDescr);
    one.alias = label_of(series, metric::kIfAlias);
    one.mac = label_of(series, metric::kIfMac);
    const std::string& type = label_of(series, metric::kIfType);
    one.type = type.empty() ? std::nullopt : std::optional(static_cast<int>(number_of(type)));
}

// By the metric that polld makes of ENTITY-SENSOR-MIB and of what device packs find.
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
    {"battery_charge_ratio", "charge", "ratio"},
    {"load_ratio", "load", "ratio"},
    {"runtime_seconds", "runtime", "seconds"},
    {"apparent_power_voltamperes", "other", "voltamperes"},
    {"reactive_power_vars", "other", "vars"},
    {"power_factor_ratio", "other", "ratio"},
    {"cooling_watts", "other", "watts"},
    {"energy_joules", "other", "joules"},
    {"delay_seconds", "other", "seconds"},
    {"optical_power_dbm", "other", "dbm"},
    {"signal_dbm", "other", "dbm"},
    {"signal_to_noise_db", "other", "db"},
    {"pressure_pascals", "other", "pascals"},
    {"sensor_ratio", "other", "ratio"},
    {"sensor_count", "other", "none"},
    {"sensor_state", "state", "none"},
    {"sensor_value", "other", "none"},
};

constexpr std::string_view kOther = "other";
constexpr double kSensorOk = 1;  // RFC 3433, EntitySensorStatus

const SensorMetric* sensor_metric(const std::string& metric) {
    const auto* it = std::find_if(std::begin(kSensorMetrics), std::end(kSensorMetrics),
                                  [&metric](const SensorMetric& entry) { return metric == entry.metric; });
    return it == std::end(kSensorMetrics) ? nullptr : it;
}

const std::string& first_of(const wire::SeriesDef& series, std::initializer_list<const char*> labels) {
    for (const char* label : labels) {
        if (const std::string& value = label_of(series, label); !value.empty()) return value;
    }
    return label_of(series, "");
}

void set_kind(Sensor& one, const std::string& kind) {
    const auto* it = std::find_if(std::begin(kSensorMetrics), std::end(kSensorMetrics),
                                  [&kind](const SensorMetric& entry) { return kind == entry.kind; });
    const bool is_known = it != std::end(kSensorMetrics) && it->kind != kOther;  // the others have many units
    one.kind = is_known ? it->kind : kOther;
    one.unit = is_known ? it->unit : "none";
}

// Visits the rows in the order of their times, so that of series with the same place (an interface that was
// renamed keeps its number) the newest wins. What the device showed long before its last answer is left out:
// it is not there any more.
template <typename F>
void each_current(const Rows& rows, Freshness freshness, F&& visit) {
    std::vector<const wire::LatestRow*> sorted;
    std::int64_t newest_ns = 0;
    rows.each([&](const wire::LatestRow& row) {
        sorted.push_back(&row);
        if (row.series.metric == metric::kUptime) newest_ns = std::max(newest_ns, row.wall_ns);
    });
    std::stable_sort(sorted.begin(), sorted.end(), [](const wire::LatestRow* a, const wire::LatestRow* b) {
        return a->wall_ns < b->wall_ns;
    });
    for (const wire::LatestRow* row : sorted) {
        if (row->wall_ns + freshness.limit_ns() >= newest_ns) visit(*row);
    }
}

void set_field(Interface& one, const wire::LatestRow& row, Freshness freshness, bool restarted) {
    for (const InterfaceField& field : kInterfaceFields) {
        if (row.series.metric != field.metric) continue;
        const bool counter = row.series.kind == SeriesKind::counter;
        if (field.series != nullptr) one.*field.series = row.series.id;
        if (!counter) one.*field.value = value_of(row, freshness);
        if (counter && (restarted || !freshness.holds(row))) one.*field.value = std::nullopt;
        if (counter && !restarted && freshness.holds(row))
            one.*field.value = rate_of(row, freshness.limit_ns());
    }
}

// RFC 2863: ifHighSpeed is 0 where the agent does not know or the speed is below 500 kbit/s.
void forget_zero_speed(Interface& one) {
    if (one.speed_bps == 0.0) one.speed_bps.reset();
}

template <typename Key, typename T>
std::vector<T> values_of(std::map<Key, T>& by_index) {
    std::vector<T> out;
    for (auto& [index, one] : by_index) out.push_back(std::move(one));
    return out;
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
    InterfaceIndexes indexes;
    rows.each([&](const wire::LatestRow& row) {
        if (row.series.metric == metric::kIfInfo) indexes.add(row);
    });
    std::map<std::uint32_t, Interface> interfaces;
    each_current(rows, freshness, [&](const wire::LatestRow& row) {
        const std::string& index = indexes.of(row.series);
        if (index.empty()) return;
        Interface& one = interfaces[number_of(index)];
        one.if_index = number_of(index);
        one.name = interface_name(row.series);
        one.time_ns = row.wall_ns;
        if (row.series.metric == metric::kIfInfo) set_texts(one, row.series);
        set_field(one, row, freshness, restarted);
    });
    for (auto& [index, one] : interfaces) forget_zero_speed(one);
    return values_of(interfaces);
}

std::vector<Sensor> sensors_of(const Rows& rows, Freshness freshness) {
    // By the number that ENTITY-MIB gives, or by the OID that a pack read.
    std::map<std::pair<std::uint32_t, std::string>, Sensor> sensors;
    each_current(rows, freshness, [&](const wire::LatestRow& row) {
        const SensorMetric* known = sensor_metric(row.series.metric);
        const bool is_status = row.series.metric == metric::kSensorStatus;
        if (known == nullptr && !is_status) return;
        const std::string& index = label_of(row.series, metric::kSensorIndex);
        const bool is_oid = index.find('.') != std::string::npos;
        Sensor& one = is_oid ? sensors[{UINT32_MAX, index}] : sensors[{number_of(index), {}}];
        one.name = first_of(row.series, {metric::kSensor, metric::kSensorIndex});
        one.time_ns = row.wall_ns;
        if (is_status) {
            one.status = value_of(row, freshness);
            if (row.gauge != kSensorOk) one.value.reset();
        }
        if (known != nullptr) {
            one.kind = known->kind;
            one.unit = known->unit;
            one.value = value_of(row, freshness);
            one.series = row.series.id;
        } else if (one.kind.empty()) {
            set_kind(one, label_of(row.series, metric::kKind));
        }
    });
    return values_of(sensors);
}

Resources resources_of(const Rows& rows, Freshness freshness) {
    std::map<std::uint32_t, Processor> processors;
    std::map<std::uint32_t, Storage> storage;
    each_current(rows, freshness, [&](const wire::LatestRow& row) {
        const std::string& metric = row.series.metric;
        if (metric == metric::kProcessorLoad) {
            Processor& one = processors[number_of(label_of(row.series, metric::kCpu))];
            one.load_ratio = value_of(row, freshness);
            one.series = row.series.id;
        }
        if (metric != metric::kStorageSize && metric != metric::kStorageUsed) return;
        Storage& one = storage[number_of(label_of(row.series, metric::kStorageIndex))];
        one.name = first_of(row.series, {metric::kStorage, metric::kStorageIndex});
        one.kind = label_of(row.series, metric::kKind);
        if (metric == metric::kStorageSize) one.size_bytes = value_of(row, freshness);
        if (metric != metric::kStorageUsed) return;
        one.used_bytes = value_of(row, freshness);
        one.series = row.series.id;
    });
    Resources resources{values_of(processors), values_of(storage)};
    // hrDeviceIndex means nothing to people: processors are counted from 0.
    for (std::size_t i = 0; i < resources.processors.size(); ++i)
        resources.processors[i].name = "CPU " + std::to_string(i);
    return resources;
}

}  // namespace outstation::webd
