// SPDX-License-Identifier: GPL-3.0-or-later
// The closed dictionary of what packs measure: names by Prometheus conventions, base units, and what people
// read. docs/formats/metrics.md shows it; a test compares the two. Threads: any.
#pragma once

#include <string_view>
#include <vector>

namespace outstation::pack {

struct KnownMetric {
    std::string_view name;  // "temperature_celsius"
    std::string_view unit;  // of a finding (units.hpp); empty: no sensor gives it
    std::string_view kind;  // of a finding; empty: any
    double factor;          // from the finding's unit to that of the name
    std::string_view english;
    std::string_view chinese;
};

[[nodiscard]] const std::vector<KnownMetric>& known_metrics();
[[nodiscard]] const KnownMetric* find_metric(std::string_view name);
// What a sensor with this unit and kind measures, or nullptr.
[[nodiscard]] const KnownMetric* metric_of(std::string_view unit, std::string_view kind);

// What others named: imported series keep their names behind this.
inline constexpr std::string_view kForeignMetric = "snmp_";
// Whether a rule may use the name: one of the dictionary, or a foreign one of letters, digits and _.
[[nodiscard]] bool is_metric_name(std::string_view name);

}  // namespace outstation::pack
