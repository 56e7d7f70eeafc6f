// SPDX-License-Identifier: GPL-3.0-or-later
// Cells to labels, indexes to rows.
#include "daemons/polld/cycle_cells.hpp"

#include <cstring>

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

using snmp::Cell;
using snmp::Cycle;
using snmp::TableRows;

constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

// Text as it came, numbers as they lie in the cell.
std::string_view raw_bytes(const Cycle& cycle, const Cell& cell) {
    if (!cell.present()) return {};
    if (!cell.is_number()) return cycle.bytes(cell);
    return {reinterpret_cast<const char*>(&cell.number), sizeof cell.number};
}

}  // namespace

std::string label_text(const Cycle& cycle, const Cell& cell) {
    return cell.present() && !cell.is_number() ? clean_text(cycle.bytes(cell), kMaxLabelBytes)
                                               : std::string();
}

std::string oid_text(TableId table, std::size_t column, std::string_view index) {
    return std::string(column_oid(table, column)) + "." + snmp::format_index(index);
}

std::size_t find_row(const Cycle& cycle, const TableRows& table, std::string_view index,
                     std::size_t expected) {
    if (expected < table.rows() && cycle.index(table, expected) == index) return expected;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (cycle.index(table, row) == index) return row;
    }
    return table.rows();
}

std::string bytes_of(const Cycle& cycle, std::span<const Cell* const> cells) {
    std::string out;
    for (const Cell* cell : cells) {
        const std::string_view raw = raw_bytes(cycle, *cell);
        const auto length = static_cast<std::uint32_t>(raw.size());
        out.append(reinterpret_cast<const char*>(&length), kLengthBytes);
        out += raw;
    }
    return out;
}

bool is_made_from(std::string_view bytes, const Cycle& cycle, std::span<const Cell* const> cells) {
    for (const Cell* cell : cells) {
        const std::string_view raw = raw_bytes(cycle, *cell);
        const auto length = static_cast<std::uint32_t>(raw.size());
        if (bytes.size() < kLengthBytes + raw.size() ||
            std::memcmp(bytes.data(), &length, kLengthBytes) != 0 ||
            bytes.substr(kLengthBytes, raw.size()) != raw)
            return false;
        bytes.remove_prefix(kLengthBytes + raw.size());
    }
    return bytes.empty();
}

}  // namespace outstation::polld
