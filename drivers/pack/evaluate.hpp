// SPDX-License-Identifier: GPL-3.0-or-later
// What chosen packs find in the values of a device. No network, no clock, no state: the same values give the
// same findings. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/library.hpp"
#include "drivers/pack/needs.hpp"

namespace outstation::pack {

inline constexpr std::size_t kMaxRows = 20000;  // of one column; the rest is left out

// In the order of `choices`, the most specific first: of two packs that name the same OID (port, place) the
// first wins, and so it does for each field of the device's identity, which `measured` leaves out.
[[nodiscard]] Findings evaluate(const std::vector<Choice>& choices, const Values& values,
                                Scope scope = Scope::everything);

}  // namespace outstation::pack
