// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of state.db (docs/formats/state.md): made, brought to the present format, checked to be ours.
// Threads: the database's.
#pragma once

#include <cstdint>

#include "lib/store/journal/epochs.hpp"
#include "lib/store/sqlite/database.hpp"

namespace outstation::store {

// Makes what is missing; gives the newest sequence that is folded in. refused: a file of another station or
// epoch, or of a format that is not known.
[[nodiscard]] Result<std::uint64_t> set_up_states(Database& database, const Epochs& epochs);

}  // namespace outstation::store
