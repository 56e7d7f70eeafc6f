// SPDX-License-Identifier: GPL-3.0-or-later
// By which number an interface is told: its ifIndex when it was told first. It keeps that number when the
// device numbers its interfaces anew, as its series keep their names (interface_identity.hpp): its state, its
// texts and its alarms go on. One that comes to an ifIndex whose number another keeps gets a number that is
// no ifIndex. Names that repeat in the device tell nothing: there the number is the ifIndex. Pure.
#pragma once

#include <vector>

#include "daemons/polld/told_states.hpp"

namespace outstation::polld {

// InterfaceIndex goes to 2147483647 (RFC 2863).
inline constexpr std::uint64_t kFirstOwnNumber = 0x80000000U;

// Each is told by its ifIndex, and what was told by that is of it.
[[nodiscard]] bool are_where_they_were(const std::vector<InterfaceState>& now, const ToldStates& told);
// The same interfaces, each with its number in place of its ifIndex.
[[nodiscard]] std::vector<InterfaceState> numbered(std::vector<InterfaceState> now, const ToldStates& told);

}  // namespace outstation::polld
