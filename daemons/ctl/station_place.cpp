// SPDX-License-Identifier: GPL-3.0-or-later
// Looking for the two directories.
#include "daemons/ctl/station_place.hpp"

#include <unistd.h>

#include <filesystem>

namespace outstation::ctl {

StationPlace find_station(const std::string& own, const std::string& appliance) {
    if (access(own.c_str(), F_OK) != 0) return {appliance, ""};
    std::error_code not_there;
    const bool two = access((appliance + "/stored").c_str(), F_OK) == 0 &&
                     !std::filesystem::equivalent(own, appliance, not_there);
    return {own, two ? appliance : ""};
}

}  // namespace outstation::ctl
