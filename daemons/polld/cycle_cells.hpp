// SPDX-License-Identifier: GPL-3.0-or-later
// Reading cells of a cycle by their columns, and the bytes that a row's names come from. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemons/polld/metrics_table.hpp"
#include "drivers/snmp/plan.hpp"

namespace outstation::polld {

[[nodiscard]] inline const snmp::TableRows& table_of(const snmp::Cycle& cycle, TableId id) {
    return cycle.tables[static_cast<std::size_t>(id)];
}

template <typename Column>
[[nodiscard]] const snmp::Cell& cell_of(const snmp::TableRows& table, std::size_t row, Column column) {
    return table.cells[row * static_cast<std::size_t>(Column::count) + static_cast<std::size_t>(column)];
}

// A text cell as a label; empty for anything else.
[[nodiscard]] std::string label_text(const snmp::Cycle& cycle, const snmp::Cell& cell);
// Dotted OID of one instance.
[[nodiscard]] std::string oid_text(TableId table, std::size_t column, std::string_view index);
// Rows of one table by their index. The cycle outlives it.
class RowFinder {
  public:
    RowFinder(const snmp::Cycle& cycle, const snmp::TableRows& table) : cycle_(cycle), table_(table) {}
    // The row, or rows(): looked for at `expected` first, as tables of one device run side by side.
    [[nodiscard]] std::size_t find(std::string_view index, std::size_t expected);

  private:
    const snmp::Cycle& cycle_;
    const snmp::TableRows& table_;
    std::vector<std::uint32_t> order_;  // the rows by index; empty until one was not where it was expected
};
// The same text, or the same number, or both absent.
[[nodiscard]] bool is_same(const snmp::Cycle& cycle, const snmp::Cell& a, const snmp::Cell& b);
// The cells' contents one after another, each with its length.
[[nodiscard]] std::string bytes_of(const snmp::Cycle& cycle, std::span<const snmp::Cell* const> cells);
// bytes_of() would give the same; nothing is allocated.
[[nodiscard]] bool is_made_from(std::string_view bytes, const snmp::Cycle& cycle,
                                std::span<const snmp::Cell* const> cells);

}  // namespace outstation::polld
