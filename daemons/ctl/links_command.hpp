// SPDX-License-Identifier: GPL-3.0-or-later
// outstation links [DEVICE]: the links of the room and what tells of each.
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

// `device` empty: all links. 1 when there is no such device.
[[nodiscard]] int show_links(const Target& target, const std::string& device);

}  // namespace outstation::ctl
