// SPDX-License-Identifier: GPL-3.0-or-later
// pack check, explain, try: device packs over recordings, without a station and without a network.
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

}  // namespace outstation::ctl
