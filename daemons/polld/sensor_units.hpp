// SPDX-License-Identifier: GPL-3.0-or-later
// ENTITY-SENSOR-MIB types, scales and precisions as base units (RFC 3433 section 2).
#pragma once

#include <cstdint>
#include <optional>

#include "lib/model/record.hpp"

namespace outstation::polld {

struct SensorUnit {
    const char* metric;  // "temperature_celsius"
    const char* kind;    // label: "temperature"
    double factor;       // base units in one of the MIB's
};

// EntitySensorDataType; the unit of a type that we do not know is `sensor_value`.
[[nodiscard]] SensorUnit sensor_unit(std::uint64_t data_type);
// value = raw × scale. Nothing when the device's scale or precision is out of range.
[[nodiscard]] std::optional<double> sensor_scale(std::uint64_t scale, std::int64_t precision);

}  // namespace outstation::polld
