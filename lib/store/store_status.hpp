// SPDX-License-Identifier: GPL-3.0-or-later
// What the status of a store tells of its history.
#pragma once

#include <vector>

#include "lib/store/history/types.hpp"
#include "lib/store/journal/epochs.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

// Adds depth and size of each level. Samples begin where the first raw file of ours does, whatever the
// journal still has. `out` has the rows of the journal's streams.
void add_history(wire::StoreStatus& out, const std::vector<HistoryFileInfo>& files, const Epochs& epochs);

}  // namespace outstation::store
