// SPDX-License-Identifier: GPL-3.0-or-later
// What others wrote to read devices by SNMP, as device packs: Datadog profiles, Prometheus snmp_exporter's
// snmp.yml, Zabbix templates (6 and 7), LibreNMS definitions. Nothing is guessed: what a pack cannot say is
// left out and told with the reason. No network, no files. Threads: any.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/result.hpp"

namespace outstation::pack {

struct LeftOut {
    std::string what;  // "apcups: upsBasicStateOutputState"
    std::string why;
};

struct Imported {
    std::map<std::string, std::string> packs;  // name of the file -> YAML
    std::size_t taken = 0;                     // items: metrics, items of templates, sensors
    std::vector<LeftOut> left_out;             // items that are not in the packs
    std::vector<LeftOut> changed;              // items that are there, but without something
};

inline constexpr const char* kImportFormats[] = {"datadog", "snmp_exporter", "zabbix", "librenms"};

// File name -> text. Fails (config) for an unknown format; a text that cannot be read is left out whole.
[[nodiscard]] Result<Imported> import_definitions(std::string_view format,
                                                  const std::map<std::string, std::string>& texts);

}  // namespace outstation::pack
