// SPDX-License-Identifier: GPL-3.0-or-later
// What a batch must be to be accepted: its size, its stamps, its texts, series that are defined. malformed
// otherwise.
#pragma once

#include <vector>

#include "lib/store/dictionary.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

[[nodiscard]] Result<void> check_batch(const std::vector<wire::SampleRecord>& records,
                                       const Dictionary& dictionary);
[[nodiscard]] Result<void> check_batch(const std::vector<wire::StateRecord>& records,
                                       const Dictionary& dictionary);
[[nodiscard]] Result<void> check_batch(const std::vector<wire::LedgerRecord>& records,
                                       const Dictionary& dictionary);

}  // namespace outstation::store
