// SPDX-License-Identifier: GPL-3.0-or-later
// The closed list of units: what a pack may say, the base unit it becomes, and the kind of sensor it
// measures. Threads: any.
#pragma once

#include <string_view>

namespace outstation::pack {

struct Unit {
    std::string_view word;  // in a pack
    std::string_view unit;  // what the value is told in
    std::string_view kind;
    double factor;
    double offset;  // added before the factor
};

[[nodiscard]] const Unit* find_unit(std::string_view word);

}  // namespace outstation::pack
