// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of the gap ledger for what was not collected and for what cannot be read.
#pragma once

#include <vector>

#include "lib/store/recover.hpp"

namespace outstation::store {

[[nodiscard]] wire::LedgerRecord loss_of(const CollectionWatch::Gap& gap, const DeviceStates& states);

// Damage is found again at every start: what was told is left out. At most one batch.
[[nodiscard]] std::vector<wire::LedgerRecord> losses_of(const Recovered& recovered);

}  // namespace outstation::store
