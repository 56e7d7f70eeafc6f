// SPDX-License-Identifier: GPL-3.0-or-later
// The enumerations of RFC 3433.
#include "daemons/polld/sensor_units.hpp"

#include <cmath>

namespace outstation::polld {

SensorUnit sensor_unit(std::uint64_t data_type) {
    switch (data_type) {
        case 3:  // voltsAC
        case 4:  // voltsDC
            return {"voltage_volts", "voltage", 1};
        case 5:
            return {"current_amperes", "current", 1};
        case 6:
            return {"power_watts", "power", 1};
        case 7:
            return {"frequency_hertz", "frequency", 1};
        case 8:
            return {"temperature_celsius", "temperature", 1};
        case 9:  // percentRH
            return {"humidity_ratio", "humidity", 0.01};
        case 10:
            return {"fan_speed_rpm", "fan", 1};
        case 11:  // cubic metres per minute
            return {"airflow_cmm", "airflow", 1};
        case 12:  // truthvalue
            return {"sensor_state", "state", 1};
        default:
            return {"sensor_value", "other", 1};
    }
}

std::optional<double> sensor_scale(std::uint64_t scale, std::int64_t precision) {
    // yocto(1) ... units(9) ... yotta(17), in steps of a thousand; precision -8..9 decimal digits.
    if (scale < 1 || scale > 17 || precision < -8 || precision > 9) return std::nullopt;
    const int exponent = (static_cast<int>(scale) - 9) * 3 - static_cast<int>(precision > 0 ? precision : 0);
    return std::pow(10.0, exponent);
}

}  // namespace outstation::polld
