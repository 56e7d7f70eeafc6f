// SPDX-License-Identifier: GPL-3.0-or-later
// The handlers of the routes, by resource. Each answers the call exactly once, now or later.
#pragma once

#include <memory>

#include "daemons/webd/api.hpp"

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
// why_route.cpp
void get_why(Site& site, const CallPtr& call);
// discovery_routes.cpp
void get_discovery(Site& site, const CallPtr& call);
void post_discovery(Site& site, const CallPtr& call);
void get_candidates(Site& site, const CallPtr& call);
void post_discovered_device(Site& site, const CallPtr& call);
// ledger_route.cpp
void get_ledger(Site& site, const CallPtr& call);
// metrics_route.cpp
void get_metrics(Site& site, const CallPtr& call);

}  // namespace outstation::webd
