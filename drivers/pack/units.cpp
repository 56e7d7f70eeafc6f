// SPDX-License-Identifier: GPL-3.0-or-later
// The table of units.
#include "drivers/pack/units.hpp"

namespace outstation::pack {
namespace {

constexpr Unit kUnits[] = {
    {"celsius", "celsius", "temperature", 1, 0},
    {"fahrenheit", "celsius", "temperature", 5.0 / 9, -32},
    {"kelvin", "celsius", "temperature", 1, -273.15},
    {"volts", "volts", "voltage", 1, 0},
    {"amperes", "amperes", "current", 1, 0},
    {"watts", "watts", "power", 1, 0},
    {"voltamperes", "voltamperes", "apparent_power", 1, 0},
    {"vars", "vars", "reactive_power", 1, 0},
    {"power_factor", "ratio", "power_factor", 1, 0},
    {"ratio", "ratio", "ratio", 1, 0},
    {"kwh", "kwh", "power_consumed", 1, 0},
    {"hertz", "hertz", "frequency", 1, 0},
    {"rpm", "rpm", "fanspeed", 1, 0},
    {"percent", "percent", "percent", 1, 0},
    {"load", "percent", "load", 1, 0},
    {"charge", "percent", "charge", 1, 0},
    {"humidity", "percent", "humidity", 1, 0},
    {"minutes", "minutes", "runtime", 1, 0},
    {"seconds", "seconds", "delay", 1, 0},
    {"dbm", "dbm", "dbm", 1, 0},
    {"db", "db", "snr", 1, 0},
    {"count", "count", "count", 1, 0},
    {"litres_per_minute", "l/m", "waterflow", 1, 0},
    {"kilopascals", "kpa", "pressure", 1, 0},
    {"cfm", "cfm", "airflow", 1, 0},
    {"cubic_metres_per_minute", "cfm", "airflow", 35.3147, 0},
    {"cooling_watts", "watts", "cooling", 1, 0},
    {"signal_dbm", "dbm", "signal", 1, 0},
    {"picoseconds_per_nanometre", "ps/nm", "chromatic_dispersion", 1, 0},
    // Optical power as power: 10 lg(mW); the evaluator takes the logarithm.
    {"milliwatts_dbm", "dbm", "dbm", 1, 0},
};

}  // namespace

const Unit* find_unit(std::string_view word) {
    for (const Unit& unit : kUnits)
        if (unit.word == word) return &unit;
    return nullptr;
}

}  // namespace outstation::pack
