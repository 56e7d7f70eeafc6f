// SPDX-License-Identifier: GPL-3.0-or-later
// When which device is due: its own phase in the interval, no drift, what was missed is skipped. Pure
// arithmetic.
#pragma once

#include <string_view>

#include "lib/event/loop.hpp"

namespace outstation::polld {

// Where in its interval a device is polled: spread over the whole by its id, the same after each start.
[[nodiscard]] Duration phase_of(std::string_view device, Duration interval);

// The first time after `now` that is `phase` past a multiple of the interval.
[[nodiscard]] MonoTime first_due(MonoTime now, Duration interval, Duration phase);

// The poll `intervals` after the one that started at `started`, on the raster, ahead of `now`.
[[nodiscard]] MonoTime next_poll(MonoTime started, MonoTime now, Duration interval, Duration phase,
                                 unsigned intervals);

// A dead device is asked less often: each interval, each second from the third failure in a row on, each
// fourth from the sixth.
[[nodiscard]] unsigned backed_off(unsigned failures);

}  // namespace outstation::polld
