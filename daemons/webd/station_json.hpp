// SPDX-License-Identifier: GPL-3.0-or-later
// What identifies the station, as the contract's Station and Overview have it.
#pragma once

#include "daemons/webd/json.hpp"
#include "lib/config/zone.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::webd {

[[nodiscard]] inline Json station_json(const wire::ConfigReply& config, std::int64_t now_ns) {
    constexpr const char* kOrigins[] = {"defaults", "local", "policy"};
    const auto origin = static_cast<std::size_t>(config.station.origin);
    const auto zone = outstation::config::zone_at(config.station.zone, now_ns);
    Json site_path = Json::array();
    for (const auto& part : config.station.site_path) site_path.push_back(clean_text(part));
    return Json{{"name", clean_text(config.station.name)},
                {"site_path", std::move(site_path)},
                {"zone", {{"name", zone.name}, {"utc_offset_s", zone.utc_offset_s}}},
                {"version", OUTSTATION_VERSION},
                {"config_origin", kOrigins[origin < 3 ? origin : 0]}};
}

}  // namespace outstation::webd
