// SPDX-License-Identifier: GPL-3.0-or-later
// What a device is: by its packs, by the number of its maker, by what it answers. Threads: any.
#pragma once

#include <vector>

#include "drivers/pack/findings.hpp"
#include "drivers/pack/library.hpp"

namespace outstation::pack {

// For each of vendor, class, model, version and serial the first that says it: the identity of the packs, the
// most specific first; a line of `vendors` for its sysObjectID or sysDescr; one for an enterprise whose
// objects it answers; `fallback`; a line of `vendors` that is a last resort.
[[nodiscard]] Device identify(const std::vector<Choice>& choices, const Values& values);

}  // namespace outstation::pack
