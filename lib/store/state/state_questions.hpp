// SPDX-License-Identifier: GPL-3.0-or-later
// The questions that state.db answers (StateDb has what they mean). Threads: the database's.
#pragma once

#include <string_view>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::store {

[[nodiscard]] Result<StateDb::Page> facts_now(const Database& database, std::string_view device,
                                              const Fact* after, std::uint32_t limit);
[[nodiscard]] Result<StateDb::Page> facts_at(const Database& database, std::string_view device,
                                             std::int64_t wall_ns, const Fact* after, std::uint32_t limit);
[[nodiscard]] Result<StateDb::Page> fact_history(const Database& database, std::string_view device,
                                                 std::string_view component, std::string_view attribute,
                                                 std::uint64_t before_sequence, std::uint32_t limit);
[[nodiscard]] Result<StateDb::Page> find_facts(const Database& database, std::string_view typed,
                                               std::uint32_t limit);

}  // namespace outstation::store
