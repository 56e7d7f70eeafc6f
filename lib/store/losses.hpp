// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of the gap ledger for what was not collected and for what cannot be read.
#pragma once

#include <vector>

#include "lib/store/collection_watch.hpp"
#include "lib/store/device_states.hpp"
#include "lib/store/recover.hpp"

namespace outstation::store {

[[nodiscard]] wire::LedgerRecord loss_of(const CollectionWatch::Gap& gap, const DeviceStates& states);

// Damage is found again at every start: what is in `told` is left out. At most one batch.
[[nodiscard]] std::vector<wire::LedgerRecord> losses_of(const std::vector<Damage>& journal,
                                                        const std::vector<HistoryDamage>& history,
                                                        const ToldDamage& told);

}  // namespace outstation::store
