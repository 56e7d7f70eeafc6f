// SPDX-License-Identifier: GPL-3.0-or-later
// The statements that change state.db, prepared once. Plain data. Ownership: the database outlives them.
#pragma once

#include <string>
#include <vector>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/state/fact.hpp"

namespace outstation::store {

struct ChangeStatements {
    // malformed: the tables are not those that they should be.
    [[nodiscard]] Result<void> prepare(const Database& database);

    // Of a device ?1, as read_facts() reads them:
    Statement find;          // component ?2, attribute ?3
    Statement other_names;   // component ?2, whatever has another name than ?3
    Statement of_component;  // component ?2, whatever has a value
    // And these change:
    Statement adopt;
    Statement rename;
    Statement insert;
    Statement update;
    Statement keep_past;
    Statement trim_past;  // this and the next give how much each value took
    Statement forget_past;
    Statement forget;
    Statement index;
    Statement unindex;
    Statement set_applied;
};

// A row of `fact`.
struct Known {
    std::int64_t id = 0;
    Fact fact;
};

// A query for facts of the device ?1; `where` goes on with it.
[[nodiscard]] std::string facts_where(const char* where);
[[nodiscard]] Result<std::vector<Known>> read_facts(Statement& query, const std::string& device);

// Leaves the statement ready for the next time, also after a failure.
template <typename Take>
[[nodiscard]] Result<void> for_each_row(Statement& query, Take take) {
    for (;;) {
        const auto row = query.step();
        if (row && *row) {
            take();
            continue;
        }
        query.reset();
        return row ? Result<void>() : fail(row.error());
    }
}

}  // namespace outstation::store
