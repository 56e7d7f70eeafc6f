// SPDX-License-Identifier: GPL-3.0-or-later
// What the findings of packs are called as series: metrics by Prometheus conventions, in base units. Pure.
#pragma once

#include <string>
#include <string_view>

#include "drivers/pack/findings.hpp"

namespace outstation::polld {

struct PackMetric {
    std::string name;
    double factor;  // from the unit of the finding to that of the metric
};
// As the dictionary has it (drivers/pack/metrics.hpp); `sensor_value` for what it does not know.
[[nodiscard]] PackMetric sensor_metric(const pack::Reading& reading);
// Small letters, digits and _ only.
[[nodiscard]] std::string plain_name(std::string_view name);
// Of a series that others named: as it is when the dictionary allows it, else plain behind "snmp_".
[[nodiscard]] std::string profile_metric_name(std::string_view name);
// ok 0, warning 1, critical 2; -1 for any other, which is no value.
[[nodiscard]] int severity_number(std::string_view severity);

}  // namespace outstation::polld
