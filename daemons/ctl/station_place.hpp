// SPDX-License-Identifier: GPL-3.0-or-later
// Which station a command is about when nobody says: the user's own, when there is one, else the appliance's.
// Threads: one.
#pragma once

#include <string>

namespace outstation::ctl {

struct StationPlace {
    std::string directory;
    std::string other;  // a second station, not meant; empty: there is none
};
[[nodiscard]] StationPlace find_station(const std::string& own, const std::string& appliance);

}  // namespace outstation::ctl
