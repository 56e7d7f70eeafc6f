// SPDX-License-Identifier: GPL-3.0-or-later
// pack check, explain, try, import: device packs over recordings, without a station and without a network.
#pragma once

#include <string>
#include <vector>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// Every mistake of every file, one a line. kDone when there is none, kUsage otherwise.
[[nodiscard]] int check_packs(const Target& target, const std::vector<std::string>& files);

// Which packs of `folder` the recorded device gets, why, and what each adds.
[[nodiscard]] int explain_packs(const Target& target, const std::string& folder,
                                const std::string& recording);

struct TryOptions {
    std::string folder;                  // of packs
    std::vector<std::string> arguments;  // [PACK] RECORDING, or with an export RECORDING... or folders
    std::string export_format;           // empty, or facts
    std::string output;                  // the directory that NAME.json goes to
};
// What the packs find in a recording; with `export_format` as JSON, a file each.
[[nodiscard]] int try_packs(const Target& target, const TryOptions& options);

struct ImportOptions {
    std::string format;              // datadog, snmp_exporter, zabbix or librenms
    std::vector<std::string> files;  // and folders
    std::string output;              // the directory for the packs
};
// Writes what others defined as packs, and says what was not taken and why. Nothing is written when a pack
// would not be right.
[[nodiscard]] int import_packs(const Target& target, const ImportOptions& options);

}  // namespace outstation::ctl
