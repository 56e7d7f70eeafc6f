// SPDX-License-Identifier: GPL-3.0-or-later
// Who may: session cookie or bearer token, CSRF token, Origin. Denies by default.
#pragma once

#include <functional>

#include "daemons/webd/routes.hpp"
#include "daemons/webd/upstream.hpp"

namespace outstation::webd {

inline constexpr std::string_view kSessionCookie = "__Host-session";

// Calls `granted` when the request may use the route; answers it otherwise (401, 403, 503).
void check_access(Upstream& authd, Permission permission, const std::shared_ptr<Call>& call,
                  std::function<void()> granted);

// A request of another site's page: Origin or Sec-Fetch-Site says so (RFC 6454, W3C Fetch Metadata). Programs
// send neither.
[[nodiscard]] bool is_foreign(const http::Request& request);

}  // namespace outstation::webd
