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
        case CycleError::unknown_engine:
            return "unknown_engine";
        case CycleError::time_window:
            return "time_window";
        case CycleError::unknown_user:
            return "unknown_user";
        case CycleError::authentication:
            return "authentication";
        case CycleError::privacy:
            return "privacy";
        case CycleError::security_level:
            return "security_level";
        case CycleError::unknown_context:
            return "unknown_context";
        case CycleError::unauthentic:
            return "unauthentic";
        case CycleError::not_allowed:
            return "not_allowed";
    }
    return "unknown";
}

}  // namespace outstation::snmp
