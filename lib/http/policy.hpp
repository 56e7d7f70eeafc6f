// SPDX-License-Identifier: GPL-3.0-or-later
// What every response gets before it leaves: security headers, caching, entity tags. Threads: pure functions.
#pragma once

#include <string_view>

#include "lib/http/message.hpp"

namespace outstation::http {

// No HSTS: a station's certificate is self-signed at first, and browsers ignore it there.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

// Completes a response: security headers; Cache-Control unless the handler set it (a tagged answer may be
// kept and asked about, anything else not); ETag of a 200 to GET or HEAD; 304 when the client has it.
void complete_response(const Request& request, Response& response);

// Does If-None-Match name this tag (RFC 9110 §13.1.2)?
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace outstation::http
