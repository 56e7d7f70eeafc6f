// SPDX-License-Identifier: GPL-3.0-or-later
// Definitions of series that are encoded already go into a FrameBody as they are. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace outstation::wire {

// Appends an encoded SeriesDef to an encoded FrameBody, or to what shall stand before one: messages behind
// each other read as one.
void append_definition(std::string& body, std::string_view series);

}  // namespace outstation::wire
