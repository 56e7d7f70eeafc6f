// SPDX-License-Identifier: GPL-3.0-or-later
// Cells to labels, indexes to rows.
#include "daemons/polld/cycle_cells.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

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

std::size_t RowFinder::find(std::string_view index, std::size_t expected) {
    const std::size_t rows = table_.rows();
    if (rows == 0) return rows;
    if (expected < rows && cycle_.index(table_, expected) == index) return expected;
    const auto index_of = [this](std::uint32_t row) -> std::string_view { return cycle_.index(table_, row); };
    if (order_.empty()) {
        order_.resize(rows);
        std::iota(order_.begin(), order_.end(), 0U);
        std::sort(order_.begin(), order_.end(),
                  [&](std::uint32_t a, std::uint32_t b) { return index_of(a) < index_of(b); });
    }
    const auto found =
        std::lower_bound(order_.begin(), order_.end(), index,
                         [&](std::uint32_t row, std::string_view wanted) { return index_of(row) < wanted; });
    return found == order_.end() || index_of(*found) != index ? rows : *found;
}

bool is_same(const Cycle& cycle, const Cell& a, const Cell& b) {
    return raw_bytes(cycle, a) == raw_bytes(cycle, b);
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
