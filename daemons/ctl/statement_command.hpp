// SPDX-License-Identifier: GPL-3.0-or-later
// `outstation statement`: what the station asks of devices, for those who answer for them.
#pragma once

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

[[nodiscard]] int show_statement(const Target& target);

}  // namespace outstation::ctl
