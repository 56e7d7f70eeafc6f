// SPDX-License-Identifier: GPL-3.0-or-later
// The handlers of the routes, by resource. Each answers the call exactly once, now or later.
#pragma once

#include <memory>
#include <vector>

#include "daemons/webd/api.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::webd {

using CallPtr = std::shared_ptr<Call>;

// session_routes.cpp
void get_session(Site& site, const CallPtr& call);
void post_session(Site& site, const CallPtr& call);
void delete_session(Site& site, const CallPtr& call);
void post_password(Site& site, const CallPtr& call);
// station_routes.cpp
void get_station(Site& site, const CallPtr& call);
void get_openapi(Site& site, const CallPtr& call);
// overview_route.cpp
void get_overview(Site& site, const CallPtr& call);
// device_routes.cpp
void get_devices(Site& site, const CallPtr& call);
void get_device(Site& site, const CallPtr& call);
// component_routes.cpp
void get_interfaces(Site& site, const CallPtr& call);
void get_sensors(Site& site, const CallPtr& call);
void get_resources(Site& site, const CallPtr& call);
// series_routes.cpp
void get_series(Site& site, const CallPtr& call);
void get_range(Site& site, const CallPtr& call);
// event_routes.cpp
void get_events(Site& site, const CallPtr& call);
void get_history(Site& site, const CallPtr& call);
// alarm_routes.cpp
void get_alarms(Site& site, const CallPtr& call);
void get_alarm(Site& site, const CallPtr& call);
void post_alarm_step(Site& site, const CallPtr& call);
// state_routes.cpp
void get_search(Site& site, const CallPtr& call);
void get_states(Site& site, const CallPtr& call);
void get_state_history(Site& site, const CallPtr& call);
// topology_route.cpp
void get_topology(Site& site, const CallPtr& call);
// inventory_route.cpp
void get_inventory(Site& site, const CallPtr& call);
// why_route.cpp
void get_why(Site& site, const CallPtr& call);
// discovery_routes.cpp
void get_discovery(Site& site, const CallPtr& call);
void post_discovery(Site& site, const CallPtr& call);
void get_candidates(Site& site, const CallPtr& call);
void post_candidate(Site& site, const CallPtr& call);
void post_discovered_device(Site& site, const CallPtr& call);
inline constexpr Duration kChangeTimeout = std::chrono::seconds(10);
// 400, 404, 409 or 503, as another daemon refused what somebody wants.
void answer_failure(const Call& call, const Error& error, const Upstream& daemon);
// What stands between blanks.
[[nodiscard]] std::vector<std::string> words_of(const std::string& text);
// difference_routes.cpp
void get_differences(Site& site, const CallPtr& call);
void post_difference(Site& site, const CallPtr& call);
// workbench_routes.cpp
void get_recording(Site& site, const CallPtr& call);
void post_recording(Site& site, const CallPtr& call);
void get_recording_text(Site& site, const CallPtr& call);
void get_recording_packs(Site& site, const CallPtr& call);
void post_draft(Site& site, const CallPtr& call);
// setup_routes.cpp
[[nodiscard]] bool needs_setup(const wire::ConfigReply& config);
void get_setup(Site& site, const CallPtr& call);
void post_setup_station(Site& site, const CallPtr& call);
void post_setup_credential(Site& site, const CallPtr& call);
void post_setup_scope(Site& site, const CallPtr& call);
// ledger_route.cpp
void get_ledger(Site& site, const CallPtr& call);
// metrics_route.cpp
void get_metrics(Site& site, const CallPtr& call);

}  // namespace outstation::webd
