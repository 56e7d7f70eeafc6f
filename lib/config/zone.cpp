// SPDX-License-Identifier: GPL-3.0-or-later
// Asking the C library.
#include "lib/config/zone.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

namespace outstation::config {
namespace {

bool is_zone_name(const std::string& name) {
    const bool characters = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
    });
    return characters && !name.empty() && name.size() <= 64 && name.front() != '/' &&
           access(("/usr/share/zoneinfo/" + name).c_str(), R_OK) == 0;
}

}  // namespace

Zone zone_at(const std::string& name, std::int64_t wall_ns) {
    if (!is_zone_name(name)) return {"UTC", 0};
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
    const std::time_t seconds = wall_ns / 1'000'000'000;
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) return {"UTC", 0};
    return {name, parts.tm_gmtoff};
}

}  // namespace outstation::config
