// SPDX-License-Identifier: GPL-3.0-or-later
// The few MIB names that templates use instead of numbers: roots, and the columns of the standard MIBs.
#pragma once

#include <string>
#include <string_view>

namespace outstation::pack {

// "IF-MIB::ifHCInOctets.1", "SNMPv2-SMI::mib-2.33.1", "ifDescr" or a number, as a number; what follows the
// first arc that is not one ("{#SNMPINDEX}") stays as it is. Empty when the name is not known.
[[nodiscard]] std::string numeric_oid(std::string_view text);

}  // namespace outstation::pack
