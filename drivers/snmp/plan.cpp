// SPDX-License-Identifier: GPL-3.0-or-later
// Names of cycle errors.
#include "drivers/snmp/plan.hpp"

namespace outstation::snmp {

std::string_view cycle_error_name(CycleError error) {
    switch (error) {
        case CycleError::none:
            return "none";
        case CycleError::timeout:
            return "timeout";
        case CycleError::deadline:
            return "deadline";
        case CycleError::refused:
            return "refused";
        case CycleError::malformed:
            return "malformed";
        case CycleError::not_increasing:
            return "not_increasing";
        case CycleError::endless:
            return "endless";
        case CycleError::agent:
            return "agent";
    }
    return "unknown";
}

}  // namespace outstation::snmp
