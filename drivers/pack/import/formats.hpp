// SPDX-License-Identifier: GPL-3.0-or-later
// The formats that definitions come in; each adds what it finds. Private to the importers.
#pragma once

#include "drivers/pack/import/definitions.hpp"

namespace outstation::pack {

using Texts = std::map<std::string, std::string>;

void import_datadog(const Texts& texts, Imported& out);
void import_snmp_exporter(const Texts& texts, Imported& out);
void import_zabbix(const Texts& texts, Imported& out);
// os_detection/NAME.yaml and os_discovery/NAME.yaml belong together.
void import_librenms(const Texts& texts, Imported& out);

}  // namespace outstation::pack
