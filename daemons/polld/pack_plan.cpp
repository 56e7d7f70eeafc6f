// SPDX-License-Identifier: GPL-3.0-or-later
// OIDs to plans, cells to values.
#include "daemons/polld/pack_plan.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "daemons/polld/metrics_table.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::polld {
namespace {

using pack::Oid;

struct Standard {
    std::shared_ptr<const snmp::Plan> plan = standard_plan();
    std::vector<Oid> scalars;
    std::vector<std::vector<Oid>> columns;
    std::set<Oid> all_columns;
};

Oid oid_of(const std::string& bytes) {
    return pack::parse_oid(snmp::decode_oid(bytes).value_or("")).value_or(Oid{});
}

const Standard& standard() {
    static const Standard kStandard = [] {
        Standard out;
        for (const std::string& scalar : out.plan->scalars) out.scalars.push_back(oid_of(scalar));
        for (const auto& table : out.plan->tables) {
            auto& columns = out.columns.emplace_back();
            for (const std::string& column : table.columns) columns.push_back(oid_of(column));
            out.all_columns.insert(columns.begin(), columns.end());
        }
        return out;
    }();
    return kStandard;
}

std::string number_of(const snmp::Cell& cell) {
    return cell.tag == snmp::Tag::integer ? std::to_string(static_cast<std::int64_t>(cell.number))
                                          : std::to_string(cell.number);
}

pack::Value value_of(const snmp::Cycle& cycle, const snmp::Cell& cell) {
    using snmp::Tag;
    switch (cell.tag) {
        case Tag::integer:
            return {pack::Type::integer, number_of(cell)};
        case Tag::time_ticks:
            return {pack::Type::ticks, number_of(cell)};
        case Tag::counter64:
            return {pack::Type::counter64, number_of(cell)};
        case Tag::counter32:
            return {pack::Type::counter32, number_of(cell)};
        case Tag::gauge32:
            return {pack::Type::unsigned_number, number_of(cell)};
        case Tag::oid:
            return {pack::Type::object_id, snmp::decode_oid(cycle.bytes(cell)).value_or("")};
        case Tag::ip_address:
            return {pack::Type::address, pack::dotted_octets(std::string(cycle.bytes(cell)))};
        case Tag::opaque:
            return {pack::Type::octets, pack::opaque_text(std::string(cycle.bytes(cell)))};
        default:
            return {pack::Type::octets, std::string(cycle.bytes(cell))};
    }
}

void add_rows(const snmp::Cycle& cycle, const snmp::TableRows& table, const std::vector<Oid>& columns,
              pack::ValueTable& out) {
    for (std::size_t row = 0; row < table.rows() && out.size() < PackPlan::kMaxRead; ++row) {
        const auto index = pack::parse_oid(snmp::format_index(cycle.index(table, row)));
        if (!index) continue;
        for (std::size_t at = 0; at < columns.size(); ++at) {
            const snmp::Cell& cell = table.cells[row * columns.size() + at];
            if (columns[at].empty() || !cell.present()) continue;
            out.set(pack::join(columns[at], *index), value_of(cycle, cell));
        }
    }
}

bool is_encodable(const Oid& oid) {
    return snmp::encode_oid(pack::format_oid(oid)).has_value();
}

std::string bytes_of(const Oid& oid) {
    return snmp::encode_oid(pack::format_oid(oid)).value_or("");
}

}  // namespace

bool is_standard(const Oid& oid) {
    const auto& columns = standard().all_columns;
    auto after = columns.upper_bound(oid);
    return after != columns.begin() && pack::is_under(oid, *std::prev(after));
}

pack::Needs found_of(const pack::Needs& needs, const pack::Values& values) {
    pack::Needs out;
    for (const Oid& oid : needs.values)
        if (values.find(oid) != nullptr) out.values.insert(oid);
    for (const Oid& column : needs.columns) {
        const auto* next = values.next(column);
        if (next != nullptr && pack::is_under(next->first, column)) out.columns.insert(column);
    }
    return out;
}

std::shared_ptr<const PackPlan> PackPlan::to_look_for(const std::set<Oid>& probes) {
    auto out = std::shared_ptr<PackPlan>(new PackPlan);
    out->begin({});
    out->add_probes(probes);
    return out;
}

std::shared_ptr<const PackPlan> PackPlan::to_identify(const std::set<Oid>& probes) {
    auto out = std::shared_ptr<PackPlan>(new PackPlan);
    out->begin_bare();
    out->add_probes(probes);
    return out;
}

std::shared_ptr<const PackPlan> PackPlan::to_identify(const pack::Needs& needs) {
    auto out = std::shared_ptr<PackPlan>(new PackPlan);
    out->begin_bare();
    out->add_scalars(needs.values);
    out->add_tables(needs.columns, {});
    return out;
}

std::shared_ptr<const PackPlan> PackPlan::to_record(const Oid& root, const Oid& after, std::uint32_t rows) {
    auto out = std::shared_ptr<PackPlan>(new PackPlan);
    auto plan = std::make_shared<snmp::Plan>();
    snmp::Plan::Table& table = plan->tables.emplace_back();
    table.columns.push_back(bytes_of(root));
    table.max_rows = rows;
    table.is_piece = true;
    if (!after.empty()) table.after = bytes_of(pack::join(root, after)).substr(table.columns.front().size());
    out->columns_.push_back({root});
    out->plan_ = std::move(plan);
    return out;
}

std::shared_ptr<const PackPlan> PackPlan::to_read(const pack::Needs& needs) {
    auto out = std::shared_ptr<PackPlan>(new PackPlan);
    out->begin(needs);
    out->add_scalars(needs.values);
    out->add_tables(needs.columns, standard().all_columns);
    return out;
}

void PackPlan::begin(const pack::Needs& needs) {
    const Standard& all = standard();
    plan_ = all.plan;
    scalars_ = all.scalars;
    columns_ = all.columns;
    for (auto& columns : columns_) {
        for (Oid& column : columns)
            if (needs.columns.find(column) == needs.columns.end()) column.clear();
    }
}

void PackPlan::begin_bare() {
    auto plan = std::make_shared<snmp::Plan>();
    plan->scalars = standard().plan->scalars;
    scalars_ = standard().scalars;
    plan_ = std::move(plan);
}

void PackPlan::add_probes(const std::set<Oid>& probes) {
    auto plan = std::make_shared<snmp::Plan>(*plan_);
    snmp::Plan::Table& table = plan->tables.emplace_back();
    table.first_only = true;
    auto& columns = columns_.emplace_back();
    for (const Oid& probe : probes) {
        if (!is_encodable(probe)) continue;
        table.columns.push_back(bytes_of(probe));
        columns.push_back(probe);
    }
    plan_ = std::move(plan);
}

void PackPlan::add_scalars(const std::set<Oid>& oids) {
    auto plan = std::make_shared<snmp::Plan>(*plan_);
    const std::set<Oid> known(scalars_.begin(), scalars_.end());
    for (const Oid& oid : oids) {
        if (plan->scalars.size() >= kMaxValues || known.find(oid) != known.end() || !is_encodable(oid))
            continue;
        plan->scalars.push_back(bytes_of(oid));
        scalars_.push_back(oid);
    }
    plan_ = std::move(plan);
}

// Columns of one entry are of one table, and are read side by side.
void PackPlan::add_tables(const std::set<Oid>& columns, const std::set<Oid>& known) {
    auto plan = std::make_shared<snmp::Plan>(*plan_);
    std::map<Oid, std::vector<Oid>> tables;
    std::size_t count = 0;
    for (const Oid& column : columns) {
        if (known.count(column) > 0 || !is_encodable(column) || ++count > kMaxColumns) continue;
        tables[Oid(column.begin(), column.end() - 1)].push_back(column);
    }
    for (auto& [entry, members] : tables) {
        snmp::Plan::Table& table = plan->tables.emplace_back();
        for (const Oid& column : members) table.columns.push_back(bytes_of(column));
        columns_.push_back(std::move(members));
    }
    plan_ = std::move(plan);
}

bool PackPlan::has_scalar(const Oid& oid) const {
    return std::find(scalars_.begin(), scalars_.end(), oid) != scalars_.end();
}

std::optional<std::size_t> PackPlan::table_of(const Oid& oid) const {
    const auto table = std::find_if(columns_.begin(), columns_.end(), [&oid](const auto& columns) {
        return std::any_of(columns.begin(), columns.end(), [&oid](const Oid& column) {
            return !column.empty() && pack::is_under(oid, column);
        });
    });
    if (table == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(table - columns_.begin());
}

bool PackPlan::is_whole(const snmp::Cycle& cycle) const {
    using snmp::CycleError;
    if (!cycle.answered || cycle.scalars_error != CycleError::none) return false;
    const auto is_needed = [](const std::vector<Oid>& columns) {
        return std::any_of(columns.begin(), columns.end(), [](const Oid& column) { return !column.empty(); });
    };
    for (std::size_t at = 0; at < columns_.size() && at < cycle.tables.size(); ++at)
        if (cycle.tables[at].error != CycleError::none && is_needed(columns_[at])) return false;
    return true;
}

pack::ValueTable PackPlan::values_of(const snmp::Cycle& cycle) const {
    pack::ValueTable out;
    out.set_whole(is_whole(cycle));
    for (std::size_t at = 0; at < scalars_.size() && at < cycle.scalars.size(); ++at)
        if (cycle.scalars[at].present()) out.set(scalars_[at], value_of(cycle, cycle.scalars[at]));
    for (std::size_t at = 0; at < columns_.size() && at < cycle.tables.size(); ++at)
        add_rows(cycle, cycle.tables[at], columns_[at], out);
    return out;
}

}  // namespace outstation::polld
