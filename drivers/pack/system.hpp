// SPDX-License-Identifier: GPL-3.0-or-later
// What every agent says of itself (RFC 3418 section 2). Threads: any.
#pragma once

#include <string>

#include "drivers/pack/values.hpp"

namespace outstation::pack {

struct System {
    std::string description;
    std::string object_id;
    std::string name;
};
[[nodiscard]] System read_system(const Values& values);

}  // namespace outstation::pack
