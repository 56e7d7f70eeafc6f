// SPDX-License-Identifier: GPL-3.0-or-later
// What packs read of a device, so that a poller asks for that and no more. Threads: any.
#pragma once

#include <set>

#include "drivers/pack/library.hpp"
#include "drivers/pack/oid.hpp"

namespace outstation::pack {

struct Needs {
    std::set<Oid> values;   // these very OIDs
    std::set<Oid> columns;  // all that is below them
};

// What findings are made of: of all sections, or of those whose values change from poll to poll alone
// (sensors, states, processors, memory, storage; what profiles give), or what the device is alone, or its
// neighbours alone, or all but these.
enum class Scope { everything, measured, identity, links, all_but_links };
[[nodiscard]] Needs needs_of(const std::vector<Choice>& choices, Scope scope);
// What either needs.
[[nodiscard]] Needs both(Needs one, const Needs& other);
// Of which choose_packs() asks whether anything is there, beside the system group.
[[nodiscard]] std::set<Oid> probes_of(const Library& library);

}  // namespace outstation::pack
