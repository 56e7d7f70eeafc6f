// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all routes.
#include "daemons/webd/routes.hpp"

#include "daemons/webd/handlers.hpp"

namespace outstation::webd {
namespace {

using http::Method;
constexpr Route kRoutes[] = {
    {Method::get, "/api/v1/session", Permission::read, Needs::nothing, get_session},
    {Method::post, "/api/v1/session", Permission::sign_in, Needs::nothing, post_session},
    {Method::delete_, "/api/v1/session", Permission::change, Needs::nothing, delete_session},
    {Method::post, "/api/v1/password", Permission::change, Needs::nothing, post_password},
    {Method::get, "/api/v1/station", Permission::read, Needs::configuration, get_station},
    {Method::get, "/api/v1/overview", Permission::read, Needs::configuration, get_overview},
    {Method::get, "/api/v1/devices", Permission::read, Needs::configuration, get_devices},
    {Method::get, "/api/v1/devices/{id}", Permission::read, Needs::configuration, get_device},
    {Method::get, "/api/v1/devices/{id}/interfaces", Permission::read, Needs::configuration, get_interfaces},
    {Method::get, "/api/v1/devices/{id}/sensors", Permission::read, Needs::configuration, get_sensors},
    {Method::get, "/api/v1/devices/{id}/resources", Permission::read, Needs::configuration, get_resources},
    {Method::get, "/api/v1/devices/{id}/series", Permission::read, Needs::configuration, get_series},
    {Method::get, "/api/v1/devices/{id}/history", Permission::read, Needs::configuration, get_history},
    {Method::get, "/api/v1/devices/{id}/states", Permission::read, Needs::configuration, get_states},
    {Method::get, "/api/v1/devices/{id}/inventory", Permission::read, Needs::configuration, get_inventory},
    {Method::get, "/api/v1/devices/{id}/states/history", Permission::read, Needs::configuration,
     get_state_history},
    {Method::get, "/api/v1/devices/{id}/why", Permission::read, Needs::configuration, get_why},
    {Method::get, "/api/v1/topology", Permission::read, Needs::configuration, get_topology},
    {Method::get, "/api/v1/search", Permission::read, Needs::configuration, get_search},
    {Method::get, "/api/v1/range", Permission::read, Needs::configuration, get_range},
    {Method::get, "/api/v1/events", Permission::read, Needs::configuration, get_events},
    {Method::get, "/api/v1/alarms", Permission::read, Needs::configuration, get_alarms},
    {Method::get, "/api/v1/alarms/{id}", Permission::read, Needs::configuration, get_alarm},
    {Method::post, "/api/v1/alarms/{id}/steps", Permission::handle, Needs::configuration, post_alarm_step},
    {Method::get, "/api/v1/discovery", Permission::read, Needs::configuration, get_discovery},
    {Method::post, "/api/v1/discovery", Permission::handle, Needs::configuration, post_discovery},
    {Method::get, "/api/v1/discovery/candidates", Permission::read, Needs::configuration, get_candidates},
    {Method::post, "/api/v1/discovery/devices", Permission::handle, Needs::configuration,
     post_discovered_device},
    {Method::post, "/api/v1/discovery/candidates", Permission::handle, Needs::configuration, post_candidate},
    {Method::get, "/api/v1/discovery/differences", Permission::read, Needs::configuration, get_differences},
    {Method::post, "/api/v1/discovery/differences", Permission::handle, Needs::configuration,
     post_difference},
    {Method::get, "/api/v1/workbench/recording", Permission::inspect, Needs::nothing, get_recording},
    {Method::post, "/api/v1/workbench/recording", Permission::handle, Needs::nothing, post_recording},
    {Method::get, "/api/v1/workbench/recording/text", Permission::inspect, Needs::nothing,
     get_recording_text},
    {Method::get, "/api/v1/workbench/packs", Permission::inspect, Needs::nothing, get_recording_packs},
    {Method::post, "/api/v1/workbench/draft", Permission::handle, Needs::nothing, post_draft},
    {Method::get, "/api/v1/setup", Permission::read, Needs::configuration, get_setup},
    {Method::post, "/api/v1/setup/station", Permission::administer, Needs::configuration, post_setup_station},
    {Method::post, "/api/v1/setup/credentials", Permission::administer, Needs::configuration,
     post_setup_credential},
    {Method::post, "/api/v1/setup/scope", Permission::administer, Needs::configuration, post_setup_scope},
    {Method::get, "/api/v1/ledger", Permission::read, Needs::configuration, get_ledger},
    {Method::get, "/api/v1/openapi.yaml", Permission::anyone, Needs::nothing, get_openapi},
    {Method::get, "/metrics", Permission::read, Needs::configuration, get_metrics},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace outstation::webd
