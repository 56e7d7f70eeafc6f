// SPDX-License-Identifier: GPL-3.0-or-later
// webd's own file, webd.yaml.
#pragma once

#include <string>
#include <vector>

#include "lib/config/config.hpp"

namespace outstation::webd {

struct Settings {
    std::vector<std::string> listen{"127.0.0.1:8443"};  // address:port, IPv6 in brackets
    std::string ui_dir = "/usr/share/outstation/ui";    // the folder of manifest.json
    std::vector<std::string> certificate_names;         // more names and addresses for the certificate
};

// Mistakes go to the mapping.
[[nodiscard]] Settings read_settings(config::Mapping root);

}  // namespace outstation::webd
