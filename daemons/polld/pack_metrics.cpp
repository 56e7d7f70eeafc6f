// SPDX-License-Identifier: GPL-3.0-or-later
// Asking the dictionary.
#include "daemons/polld/pack_metrics.hpp"

#include "drivers/pack/metrics.hpp"

namespace outstation::polld {

PackMetric sensor_metric(const pack::Reading& reading) {
    const pack::KnownMetric* usual = pack::metric_of(reading.unit, reading.kind);
    if (reading.metric.empty() && usual == nullptr) return {"sensor_value", 1};
    if (usual != nullptr && (reading.metric.empty() || reading.metric == usual->name))
        return {std::string(usual->name), usual->factor};
    const pack::KnownMetric* named = pack::find_metric(reading.metric);
    return {reading.metric, named != nullptr && named->unit == reading.unit ? named->factor : 1};
}

std::string plain_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        const bool is_plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        out += is_plain ? lower : '_';
    }
    return out;
}

std::string profile_metric_name(std::string_view name) {
    if (pack::is_metric_name(name)) return std::string(name);
    return std::string(pack::kForeignMetric) + plain_name(name);
}

int severity_number(std::string_view severity) {
    return severity == "ok" ? 0 : severity == "warning" ? 1 : severity == "critical" ? 2 : -1;
}

}  // namespace outstation::polld
