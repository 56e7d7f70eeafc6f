// SPDX-License-Identifier: GPL-3.0-or-later
// `outstation run`: a whole station in the foreground until Ctrl-C.
#pragma once

#include "daemons/ctl/run_plan.hpp"

namespace outstation::ctl {

[[nodiscard]] int run_station(const RunOptions& options);

}  // namespace outstation::ctl
