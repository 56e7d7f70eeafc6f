// SPDX-License-Identifier: GPL-3.0-or-later
// Rows to series, cells to values: storage, processors, sensors.
#include <algorithm>
#include <iterator>

#include "daemons/polld/cycle_cells.hpp"
#include "daemons/polld/sensor_units.hpp"
#include "daemons/polld/translator.hpp"

namespace outstation::polld {
namespace {

using snmp::Cell;
using snmp::Cycle;
using snmp::TableRows;

// hrStorageTypes (RFC 2790 section 4.2, HOST-RESOURCES-TYPES): the last arc of the type's OID.
const char* storage_kind(const Cycle& cycle, const Cell& type) {
    const std::string_view oid = type.tag == snmp::Tag::oid ? cycle.bytes(type) : std::string_view();
    switch (oid.empty() ? 0 : oid.back()) {
        case 2:
            return "ram";
        case 3:
            return "virtual";
        case 4:
            return "disk";
        case 5:  // removable disk
        case 6:  // floppy disk
        case 7:  // compact disc
            return "removable";
        case 8:  // RAM disk
            return "ram";
        case 9:
            return "flash";
        default:
            return "other";
    }
}

}  // namespace

void Translator::storage(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::storage);
    align(storage_rows_, cycle, table);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const Cell& units = cell_of(table, at, StorageColumn::units);
        if (!units.is_number() || units.number == 0) continue;
        const Cell& descr = cell_of(table, at, StorageColumn::descr);
        const Cell& type = cell_of(table, at, StorageColumn::type);
        const std::array<const Cell*, 3> cells = {&descr, &type, &units};
        Row& row = row_at(storage_rows_, at, cycle, index, cells);
        const auto scale = static_cast<double>(units.number);
        const Metric metrics[] = {{static_cast<std::size_t>(StorageColumn::size), "hr_storage_size_bytes",
                                   SeriesKind::gauge, scale},
                                  {static_cast<std::size_t>(StorageColumn::used), "hr_storage_used_bytes",
                                   SeriesKind::gauge, scale}};
        for (const Metric& metric : metrics) {
            const Cell& cell = table.cells[at * static_cast<std::size_t>(StorageColumn::count) + metric.at];
            if (!cell.is_number()) continue;
            std::uint32_t& series = row.series[metric.at];
            if (series == kNotMade) {
                series = define(metric.name,
                                {{"storage_index", snmp::format_index(index)},
                                 {"storage", label_text(cycle, descr)},
                                 {"kind", storage_kind(cycle, type)}},
                                metric.kind, oid_text(TableId::storage, metric.at, index), metric.scale);
            }
            add_cell(record, series, cell, metric);
        }
    }
}

void Translator::processors(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::processor);
    align(processor_rows_, cycle, table);
    const Metric metric{0, "hr_processor_load_ratio", SeriesKind::gauge, 0.01};
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        if (!table.cells[at].is_number()) continue;
        Row& row = row_at(processor_rows_, at, cycle, index, {});
        if (row.series[0] == kNotMade) {
            row.series[0] = define(metric.name, {{"cpu", snmp::format_index(index)}}, metric.kind,
                                   oid_text(TableId::processor, 0, index), metric.scale);
        }
        add_cell(record, row.series[0], table.cells[at], metric);
    }
}

Translator::Row* Translator::sensor_row(const Cycle& cycle, std::size_t at, RowFinder& finder) {
    const TableRows& table = table_of(cycle, TableId::sensor);
    const TableRows& entities = table_of(cycle, TableId::entity);
    const std::string_view index = cycle.index(table, at);
    static constexpr Cell kAbsent;
    const std::size_t found = finder.find(index, at);
    const bool named = found < entities.rows();
    if (entities.error != snmp::CycleError::none || (!named && !entities.complete))
        return known_row(sensor_rows_, at, index);
    const Cell& name = named ? cell_of(entities, found, EntityColumn::name) : kAbsent;
    const Cell& descr = named ? cell_of(entities, found, EntityColumn::descr) : kAbsent;
    const std::array<const Cell*, 5> cells = {&name, &descr, &cell_of(table, at, SensorColumn::type),
                                              &cell_of(table, at, SensorColumn::scale),
                                              &cell_of(table, at, SensorColumn::precision)};
    Row& row = row_at(sensor_rows_, at, cycle, index, cells);
    if (!row.name.empty()) return &row;
    row.name = label_text(cycle, name);
    if (row.name.empty()) row.name = label_text(cycle, descr);
    if (row.name.empty()) row.name = snmp::format_index(index);
    return &row;
}

// Only a sensor that works gives a value (RFC 3433: unavailable(2), nonoperational(3)).
void Translator::sensor_values(const Cycle& cycle, std::size_t at, Row& row, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::sensor);
    const SensorUnit unit = sensor_unit(cell_of(table, at, SensorColumn::type).number);
    const auto scale =
        sensor_scale(cell_of(table, at, SensorColumn::scale).number,
                     static_cast<std::int64_t>(cell_of(table, at, SensorColumn::precision).number));
    if (!scale) return;
    const Cell& value = cell_of(table, at, SensorColumn::value);
    const Cell& status = cell_of(table, at, SensorColumn::status);
    const Metric metrics[] = {
        {static_cast<std::size_t>(SensorColumn::value), unit.metric, SeriesKind::gauge, *scale * unit.factor},
        {static_cast<std::size_t>(SensorColumn::status), "sensor_status", SeriesKind::gauge, 1}};
    const bool there[] = {value.is_number() && status.number == 1, status.is_number()};
    for (std::size_t slot = 0; slot < std::size(metrics); ++slot) {
        if (!there[slot]) continue;
        const Metric& metric = metrics[slot];
        std::uint32_t& series = row.series[slot];
        if (series == kNotMade) {
            series = define(
                metric.name,
                {{"sensor_index", snmp::format_index(row.index)}, {"sensor", row.name}, {"kind", unit.kind}},
                metric.kind, oid_text(TableId::sensor, metric.at, row.index), metric.scale);
        }
        add_cell(record, series, slot == 0 ? value : status, metric);
    }
}

void Translator::sensors(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::sensor);
    RowFinder entities(cycle, table_of(cycle, TableId::entity));
    align(sensor_rows_, cycle, table);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        Row* row = sensor_row(cycle, at, entities);
        if (row != nullptr) sensor_values(cycle, at, *row, record);
    }
}

}  // namespace outstation::polld
