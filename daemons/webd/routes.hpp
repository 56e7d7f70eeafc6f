// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all routes: method, path, who may, and who answers. Nothing is reachable that is not in it,
// but the files of the web interface. A test compares it with docs/api/openapi.yaml.
#pragma once

#include <span>
#include <string_view>

#include "daemons/webd/api.hpp"

namespace outstation::webd {

enum class Permission {
    anyone,   // no session needed, nothing changes
    sign_in,  // no session needed; from this station's own pages only (Origin)
    read,     // a session, or a program's token
    change,   // a session with its CSRF token, from this station's own pages
    inspect,  // a session that looks at what devices say word by word: not for the role viewer, nor a token
    handle,   // the same, of who does more than look: not for the role viewer
    administer,  // the same, for the role admin alone
};

enum class Needs { nothing, configuration };  // without it: 503 `starting`

struct Route {
    http::Method method;
    std::string_view path;
    Permission permission;
    Needs needs;
    void (*handle)(Site& site, const std::shared_ptr<Call>& call);
};

[[nodiscard]] std::span<const Route> routes();

}  // namespace outstation::webd
