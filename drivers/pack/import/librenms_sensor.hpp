// SPDX-License-Identifier: GPL-3.0-or-later
// One sensor of a LibreNMS definition as a rule of a pack. Private to the importers.
#pragma once

#include <map>
#include <string>

#include "drivers/pack/import/definitions.hpp"
#include "drivers/pack/import/pack_text.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {

// Names of a MIB ("upsBatteryVoltage") and their columns, as far as sensors give the number of each.
using NameOids = std::map<std::string, std::string>;
void collect_names(config::Mapping& sensors, NameOids& out);

struct SensorEntry {
    const std::string& system;
    const std::string& sensor_class;
    config::Mapping& item;
    config::Mapping& options;  // of all sensors of the class
};
void import_sensor(const SensorEntry& entry, const NameOids& names, PackText& pack, Imported& out);

}  // namespace outstation::pack
