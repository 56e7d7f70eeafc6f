// SPDX-License-Identifier: GPL-3.0-or-later
// Answers packed with gzip (RFC 1952) when they are large and the client takes it (RFC 9110 §12.5.3): a slow
// line is what a station is looked at over. Threads: pure functions.
#pragma once

#include <cstddef>

#include "lib/http/message.hpp"

namespace outstation::webd {

inline constexpr std::size_t kLeastPackedBytes = 1400;  // less fits into one packet anyway

// Packs the body of a 200 in place. Answers that set a cookie are left alone: what a stranger writes and what
// he must not read never meet in one packed body. A body that does not get smaller stays as it is.
void pack(const http::Request& request, http::Response& response);

}  // namespace outstation::webd
