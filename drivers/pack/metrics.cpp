// SPDX-License-Identifier: GPL-3.0-or-later
// The table of metrics. The first line that fits a unit and kind counts, so the general ones come last.
#include "drivers/pack/metrics.hpp"

#include <algorithm>

namespace outstation::pack {

const std::vector<KnownMetric>& known_metrics() {
    static const std::vector<KnownMetric> kMetrics = {
        {"temperature_celsius", "celsius", "", 1, "Temperature", "温度"},
        {"voltage_volts", "volts", "", 1, "Voltage", "电压"},
        {"current_amperes", "amperes", "", 1, "Current", "电流"},
        {"cooling_watts", "watts", "cooling", 1, "Cooling power", "制冷功率"},
        {"power_watts", "watts", "", 1, "Power", "功率"},
        {"apparent_power_voltamperes", "voltamperes", "", 1, "Apparent power", "视在功率"},
        {"reactive_power_vars", "vars", "", 1, "Reactive power", "无功功率"},
        {"power_factor_ratio", "ratio", "power_factor", 1, "Power factor", "功率因数"},
        {"energy_joules", "kwh", "", 3.6e6, "Energy", "电能"},
        {"frequency_hertz", "hertz", "", 1, "Frequency", "频率"},
        {"fan_speed_rpm", "rpm", "", 1, "Fan speed", "风扇转速"},
        {"humidity_ratio", "percent", "humidity", 0.01, "Relative humidity", "相对湿度"},
        {"battery_charge_ratio", "percent", "charge", 0.01, "Battery charge", "电池电量"},
        {"load_ratio", "percent", "load", 0.01, "Load", "负载率"},
        {"runtime_seconds", "minutes", "", 60, "Remaining time", "剩余时间"},
        {"delay_seconds", "seconds", "", 1, "Delay", "时延"},
        {"signal_dbm", "dbm", "signal", 1, "Signal strength", "信号强度"},
        {"optical_power_dbm", "dbm", "", 1, "Optical power", "光功率"},
        {"signal_to_noise_db", "db", "", 1, "Signal to noise ratio", "信噪比"},
        {"water_flow_cubic_metres_per_second", "l/m", "", 0.001 / 60, "Water flow", "水流量"},
        {"pressure_pascals", "kpa", "", 1000, "Pressure", "压力"},
        {"airflow_cmm", "cfm", "", 1 / 35.3147, "Air flow, cubic metres a minute", "风量（立方米每分钟）"},
        {"chromatic_dispersion_seconds_per_metre", "ps/nm", "", 0.001, "Chromatic dispersion", "色散"},
        {"sensor_ratio", "percent", "", 0.01, "Share", "比例"},
        {"sensor_ratio", "ratio", "", 1, "Share", "比例"},
        {"sensor_count", "count", "", 1, "Count", "计数"},
        {"sensor_value", "", "", 1, "Value without a known unit", "数值（单位未知）"},
        {"processor_load_ratio", "", "", 1, "Processor load", "处理器负载"},
        {"memory_size_bytes", "", "", 1, "Memory", "内存容量"},
        {"memory_used_bytes", "", "", 1, "Memory used", "已用内存"},
        {"memory_used_ratio", "", "", 1, "Memory used, share", "内存使用率"},
        {"storage_size_bytes", "", "", 1, "Storage", "存储容量"},
        {"storage_used_bytes", "", "", 1, "Storage used", "已用存储"},
        {"storage_used_ratio", "", "", 1, "Storage used, share", "存储使用率"},
        {"state_severity", "", "", 1, "State: 0 ok, 1 warning, 2 critical", "状态：0 正常，1 警告，2 严重"},
    };
    return kMetrics;
}

const KnownMetric* find_metric(std::string_view name) {
    const auto& all = known_metrics();
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return it == all.end() ? nullptr : &*it;
}

const KnownMetric* metric_of(std::string_view unit, std::string_view kind) {
    if (unit.empty()) return nullptr;
    const auto& all = known_metrics();
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& one) {
        return one.unit == unit && (one.kind.empty() || one.kind == kind);
    });
    return it == all.end() ? nullptr : &*it;
}

bool is_metric_name(std::string_view name) {
    if (find_metric(name) != nullptr) return true;
    if (name.size() <= kForeignMetric.size() || name.substr(0, kForeignMetric.size()) != kForeignMetric)
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace outstation::pack
