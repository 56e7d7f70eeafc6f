// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all routes.
#include "daemons/webd/routes.hpp"

#include "daemons/webd/handlers.hpp"

namespace outstation::webd {
namespace {

using http::Method;
constexpr Route kRoutes[] = {
    {Method::get, "/api/v1/session", Permission::read, get_session},
    {Method::post, "/api/v1/session", Permission::sign_in, post_session},
    {Method::delete_, "/api/v1/session", Permission::change, delete_session},
    {Method::post, "/api/v1/password", Permission::change, post_password},
    {Method::get, "/api/v1/station", Permission::read, get_station},
    {Method::get, "/api/v1/overview", Permission::read, get_overview},
    {Method::get, "/api/v1/devices", Permission::read, get_devices},
    {Method::get, "/api/v1/devices/{id}", Permission::read, get_device},
    {Method::get, "/api/v1/devices/{id}/interfaces", Permission::read, get_interfaces},
    {Method::get, "/api/v1/devices/{id}/sensors", Permission::read, get_sensors},
    {Method::get, "/api/v1/devices/{id}/resources", Permission::read, get_resources},
    {Method::get, "/api/v1/devices/{id}/series", Permission::read, get_series},
    {Method::get, "/api/v1/devices/{id}/history", Permission::read, get_history},
    {Method::get, "/api/v1/range", Permission::read, get_range},
    {Method::get, "/api/v1/events", Permission::read, get_events},
    {Method::get, "/api/v1/openapi.yaml", Permission::anyone, get_openapi},
    {Method::get, "/metrics", Permission::read, get_metrics},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace outstation::webd
