// SPDX-License-Identifier: GPL-3.0-or-later
// What goes along when the plan changes.
#include "drivers/snmp/device_memory.hpp"

#include <utility>

namespace outstation::snmp {
namespace {

// The entry that a table's columns are of: RFC 2578 section 7.1.12. Looks at first values are of no table,
// and pieces begin elsewhere each time.
std::string entry_of(const Plan::Table& table) {
    if (table.first_only || table.is_piece || table.columns.empty()) return {};
    std::string entry = table.columns.front();
    while (entry.size() > 1 && (static_cast<unsigned char>(entry[entry.size() - 2]) & 0x80U) != 0)
        entry.pop_back();  // a sub-identifier of several octets
    entry.pop_back();
    return entry;
}

bool is_worth_keeping(const TableMemory& table) {
    return table.runaways != 0 || table.max_repetitions != 0 || table.max_columns != 0 || table.window != 0;
}

TableMemory of_other_columns(TableMemory table) {
    table.known = false;
    table.bytes_per_row = 0;
    table.cost = {};
    return table;
}

}  // namespace

void DeviceMemory::change_plan(const Plan* before, const Plan& plan) {
    std::vector<TableMemory> old = std::exchange(tables, std::vector<TableMemory>(plan.tables.size()));
    absent_scalars.clear();
    std::unordered_map<std::string, std::size_t> by_entry;
    for (std::size_t i = 0; before != nullptr && i < old.size() && i < before->tables.size(); ++i)
        by_entry.emplace(entry_of(before->tables[i]), i);
    by_entry.erase(std::string());
    std::vector<bool> is_used(old.size());
    for (std::size_t i = 0; i < plan.tables.size(); ++i) {
        const std::string entry = entry_of(plan.tables[i]);
        if (entry.empty()) continue;
        if (const auto found = by_entry.find(entry); found != by_entry.end()) {
            const bool is_same = before->tables[found->second].columns == plan.tables[i].columns;
            is_used[found->second] = true;
            tables[i] = is_same ? old[found->second] : of_other_columns(old[found->second]);
        } else if (const auto kept = aside.find(entry); kept != aside.end()) {
            tables[i] = of_other_columns(std::move(kept->second));
            aside.erase(kept);
        }
    }
    for (const auto& [entry, i] : by_entry) {
        if (!is_used[i]) put_aside(entry, old[i]);
    }
}

void DeviceMemory::put_aside(const std::string& entry, const TableMemory& table) {
    if (!is_worth_keeping(table) || (aside.size() >= kMostAside && !aside.contains(entry))) return;
    aside[entry] = table;
}

}  // namespace outstation::snmp
