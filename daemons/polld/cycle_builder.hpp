// SPDX-License-Identifier: GPL-3.0-or-later
// Builds cycles as the engine gives them, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemons/polld/metrics_table.hpp"
#include "drivers/snmp/plan.hpp"

namespace outstation::polld {

class CycleBuilder {
  public:
    using Cell = snmp::Cell;
    using Tag = snmp::Tag;
    CycleBuilder() {
        cycle_.scalars.resize(static_cast<std::size_t>(Scalar::count));
        cycle_.tables.resize(static_cast<std::size_t>(TableId::count));
        for (snmp::TableRows& table : cycle_.tables) table.complete = true;
        cycle_.answered = true;
        cycle_.duration = std::chrono::milliseconds(12);
        cycle_.rtt = std::chrono::milliseconds(3);
        cycle_.requests = 4;
    }
    CycleBuilder& scalar(Scalar at, Tag tag, std::uint64_t value) {
        cycle_.scalars[static_cast<std::size_t>(at)] = Cell{tag, 0, value};
        return *this;
    }
    CycleBuilder& scalar(Scalar at, const std::string& text) {
        cycle_.scalars[static_cast<std::size_t>(at)] = text_cell(text, Tag::octet_string);
        return *this;
    }
    template <typename Column>
    CycleBuilder& row(TableId id, std::uint32_t index, std::vector<std::pair<Column, Cell>> cells) {
        auto& table = cycle_.tables[static_cast<std::size_t>(id)];
        const std::string bytes = snmp::encode_oid("1.3." + std::to_string(index)).value().substr(1);
        table.indexes.push_back(
            {static_cast<std::uint32_t>(cycle_.arena.size()), static_cast<std::uint32_t>(bytes.size())});
        cycle_.arena += bytes;
        const std::size_t start = table.cells.size();
        table.cells.resize(start + static_cast<std::size_t>(Column::count));
        for (const auto& [column, cell] : cells) table.cells[start + static_cast<std::size_t>(column)] = cell;
        return *this;
    }
    [[nodiscard]] snmp::TableRows& table(TableId id) { return cycle_.tables[static_cast<std::size_t>(id)]; }
    [[nodiscard]] Cell text_cell(const std::string& text, Tag tag = Tag::octet_string) {
        const Cell cell{tag, static_cast<std::uint32_t>(text.size()), cycle_.arena.size()};
        cycle_.arena += text;
        return cell;
    }
    static Cell number(Tag tag, std::uint64_t value) { return Cell{tag, 0, value}; }
    snmp::Cycle cycle_;
};

}  // namespace outstation::polld
