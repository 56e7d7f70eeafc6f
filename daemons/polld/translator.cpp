// SPDX-License-Identifier: GPL-3.0-or-later
// Table by table: rows to series, cells to values.
#include "daemons/polld/translator.hpp"

#include <algorithm>
#include <span>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/sensor_units.hpp"

namespace outstation::polld {
namespace {

using snmp::Cell;
using snmp::Cycle;
using snmp::TableRows;

const TableRows& table_of(const Cycle& cycle, TableId id) {
    return cycle.tables[static_cast<std::size_t>(id)];
}

template <typename Column>
const Cell& cell_of(const TableRows& table, std::size_t row, Column column) {
    return table.cells[row * static_cast<std::size_t>(Column::count) + static_cast<std::size_t>(column)];
}

std::string label_text(const Cycle& cycle, const Cell& cell) {
    return cell.present() && !cell.is_number() ? clean_text(cycle.bytes(cell), kMaxLabelBytes)
                                               : std::string();
}

std::string oid_text(TableId table, std::size_t column, std::string_view index) {
    return std::string(column_oid(table, column)) + "." + snmp::format_index(index);
}

// The row with the index, near the expected place first: tables of one device usually run side by side.
std::size_t find_row(const Cycle& cycle, const TableRows& table, std::string_view index,
                     std::size_t expected) {
    if (expected < table.rows() && cycle.index(table, expected) == index) return expected;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (cycle.index(table, row) == index) return row;
    }
    return table.rows();
}

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

constexpr Metric kPollMetrics[] = {
    {0, "up", SeriesKind::gauge, 1},
    {1, "poll_duration_seconds", SeriesKind::gauge, 1},
    {2, "poll_requests", SeriesKind::gauge, 1},
    {3, "poll_values", SeriesKind::gauge, 1},
    {4, "poll_timeouts", SeriesKind::gauge, 1},
    {5, "poll_rtt_seconds", SeriesKind::gauge, 1},
};

}  // namespace

void Translator::add(wire::SampleRecord& record, std::uint32_t series, const Value& value) const {
    if (value.kind == SeriesKind::counter) {
        record.counter_series.push_back(series);
        record.counters.push_back(value.counter);
    } else {
        record.gauge_series.push_back(series);
        record.gauges.push_back(value.gauge);
    }
}

void Translator::add_cell(wire::SampleRecord& record, std::uint32_t series, const Cell& cell,
                          const Metric& metric) const {
    if (metric.kind == SeriesKind::counter) return add(record, series, Value::of_counter(cell.number));
    const bool is_signed = cell.tag == snmp::Tag::integer;
    const double raw = is_signed ? static_cast<double>(static_cast<std::int64_t>(cell.number))
                                 : static_cast<double>(cell.number);
    add(record, series, Value::of_gauge(raw * metric.scale));
}

std::uint32_t Translator::define(const char* metric, Labels labels, SeriesKind kind, std::string oid,
                                 double scale) {
    std::sort(labels.begin(), labels.end());
    return book_.number_of(SeriesInfo{{device_, metric, std::move(labels)}, kind, std::move(oid), scale});
}

Translator::Row& Translator::row_at(Rows& rows, std::size_t at, std::string_view index,
                                    std::string text) const {
    if (rows.size() <= at) rows.resize(at + 1);
    Row& row = rows[at];
    if (row.index != index || row.text != text) row = Row{std::string(index), std::move(text), {}};
    return row;
}

void Translator::translate(const Cycle& cycle, wire::SampleRecord& record) {
    record.device = device_;
    poll_values(cycle, record);
    if (!cycle.answered) return;
    scalars(cycle, record);
    interfaces(cycle, record);
    interface_info(cycle, record);
    storage(cycle, record);
    processors(cycle, record);
    sensors(cycle, record);
}

void Translator::poll_values(const Cycle& cycle, wire::SampleRecord& record) {
    const double values[] = {
        cycle.answered ? 1.0 : 0.0,          std::chrono::duration<double>(cycle.duration).count(),
        static_cast<double>(cycle.requests), static_cast<double>(cycle.values),
        static_cast<double>(cycle.timeouts), std::chrono::duration<double>(cycle.rtt).count()};
    for (const Metric& metric : kPollMetrics) {
        if (metric.at == 5 && cycle.rtt == Duration{0}) continue;  // not measured: absent, not zero
        std::uint32_t& series = own_.series[metric.at];
        if (series == 0) series = define(metric.name, {}, metric.kind, "", 1);
        add(record, series, Value::of_gauge(values[metric.at]));
    }
}

void Translator::scalars(const Cycle& cycle, wire::SampleRecord& record) {
    std::size_t slot = 0;
    for (const Metric& metric : kScalarMetrics) {
        std::uint32_t& series = scalar_row_.series[slot++];
        const Cell& cell = cycle.scalars[metric.at];
        if (!cell.is_number()) continue;
        if (series == 0)
            series = define(metric.name, {}, metric.kind, scalar_oid(static_cast<Scalar>(metric.at)),
                            metric.scale);
        add_cell(record, series, cell, metric);
    }
}

std::string Translator::interface_name(const Cycle& cycle, std::string_view index) const {
    const TableRows& names = table_of(cycle, TableId::interface_name);
    const std::size_t row = find_row(cycle, names, index, interfaces_.size());
    std::string name;
    if (row < names.rows()) {
        name = label_text(cycle, cell_of(names, row, IfNameColumn::name));
        if (name.empty()) name = label_text(cycle, cell_of(names, row, IfNameColumn::descr));
    }
    return name.empty() ? snmp::format_index(index) : name;
}

void Translator::interfaces(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface);
    interfaces_.clear();
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const std::string name = interface_name(cycle, index);
        Row& row = row_at(interface_rows_, at, index, name);
        std::size_t slot = 0;
        for (const Metric& metric : kInterfaceMetrics) {
            std::uint32_t& series = row.series[slot++];
            std::size_t column = metric.at;
            const auto present = [&](std::size_t c) {
                return table.cells[at * static_cast<std::size_t>(IfColumn::count) + c].is_number();
            };
            // Agents without ifXTable: the 32-bit column, under the same name with its own OID.
            if (!present(column) && column == static_cast<std::size_t>(IfColumn::hc_in_octets))
                column = static_cast<std::size_t>(IfColumn::in_octets);
            if (!present(column) && column == static_cast<std::size_t>(IfColumn::hc_out_octets))
                column = static_cast<std::size_t>(IfColumn::out_octets);
            if (!present(column)) continue;
            if (series == 0) {
                series = define(metric.name, {{"if_index", snmp::format_index(index)}, {"if_name", name}},
                                metric.kind, oid_text(TableId::interface, column, index), metric.scale);
            }
            add_cell(record, series, table.cells[at * static_cast<std::size_t>(IfColumn::count) + column],
                     metric);
        }
        const Cell& oper = cell_of(table, at, IfColumn::oper_status);
        interfaces_.push_back({snmp::format_index(index), name, oper.is_number() ? oper.number : 0});
    }
}

void Translator::interface_info(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface_name);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const std::string descr = label_text(cycle, cell_of(table, at, IfNameColumn::descr));
        std::string name = label_text(cycle, cell_of(table, at, IfNameColumn::name));
        if (name.empty()) name = descr.empty() ? snmp::format_index(index) : descr;
        const std::string alias = label_text(cycle, cell_of(table, at, IfNameColumn::alias));
        const Cell& type = cell_of(table, at, IfNameColumn::type);
        const std::string type_text = type.is_number() ? std::to_string(type.number) : "";
        const Cell& address = cell_of(table, at, IfNameColumn::phys_address);
        const std::string mac =
            address.present() && !address.is_number() ? mac_text(cycle.bytes(address)) : "";
        Row& row =
            row_at(info_rows_, at, index, name + '\n' + descr + '\n' + alias + '\n' + type_text + '\n' + mac);
        if (row.series[0] == 0) {
            row.series[0] = define(
                "if_info",
                {{"if_index", snmp::format_index(index)},
                 {"if_name", name},
                 {"if_descr", descr},
                 {"if_alias", alias},
                 {"if_type", type_text},
                 {"if_mac", mac}},
                SeriesKind::gauge,
                oid_text(TableId::interface_name, static_cast<std::size_t>(IfNameColumn::name), index), 1);
        }
        add(record, row.series[0], Value::of_gauge(1));
    }
}

void Translator::storage(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::storage);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const Cell& units = cell_of(table, at, StorageColumn::units);
        if (!units.is_number() || units.number == 0) continue;
        const std::string descr = label_text(cycle, cell_of(table, at, StorageColumn::descr));
        const char* kind = storage_kind(cycle, cell_of(table, at, StorageColumn::type));
        Row& row =
            row_at(storage_rows_, at, index, descr + '\n' + kind + '\n' + std::to_string(units.number));
        const Metric metrics[] = {{static_cast<std::size_t>(StorageColumn::size), "hr_storage_size_bytes",
                                   SeriesKind::gauge, static_cast<double>(units.number)},
                                  {static_cast<std::size_t>(StorageColumn::used), "hr_storage_used_bytes",
                                   SeriesKind::gauge, static_cast<double>(units.number)}};
        for (const Metric& metric : metrics) {
            const Cell& cell = table.cells[at * static_cast<std::size_t>(StorageColumn::count) + metric.at];
            if (!cell.is_number()) continue;
            std::uint32_t& series = row.series[metric.at];
            if (series == 0) {
                series =
                    define(metric.name,
                           {{"storage_index", snmp::format_index(index)}, {"storage", descr}, {"kind", kind}},
                           metric.kind, oid_text(TableId::storage, metric.at, index), metric.scale);
            }
            add_cell(record, series, cell, metric);
        }
    }
}

void Translator::processors(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::processor);
    const Metric metric{0, "hr_processor_load_ratio", SeriesKind::gauge, 0.01};
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        if (!table.cells[at].is_number()) continue;
        Row& row = row_at(processor_rows_, at, index, "");
        if (row.series[0] == 0) {
            row.series[0] = define(metric.name, {{"cpu", snmp::format_index(index)}}, metric.kind,
                                   oid_text(TableId::processor, 0, index), metric.scale);
        }
        add_cell(record, row.series[0], table.cells[at], metric);
    }
}

void Translator::sensors(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::sensor);
    const TableRows& entities = table_of(cycle, TableId::entity);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const Cell& type = cell_of(table, at, SensorColumn::type);
        const Cell& value = cell_of(table, at, SensorColumn::value);
        const Cell& status = cell_of(table, at, SensorColumn::status);
        const SensorUnit unit = sensor_unit(type.number);
        const auto scale =
            sensor_scale(cell_of(table, at, SensorColumn::scale).number,
                         static_cast<std::int64_t>(cell_of(table, at, SensorColumn::precision).number));
        if (!scale) continue;
        const std::size_t entity = find_row(cycle, entities, index, at);
        std::string name;
        if (entity < entities.rows()) {
            name = label_text(cycle, cell_of(entities, entity, EntityColumn::name));
            if (name.empty()) name = label_text(cycle, cell_of(entities, entity, EntityColumn::descr));
        }
        if (name.empty()) name = snmp::format_index(index);
        Row& row = row_at(sensor_rows_, at, index, name + '\n' + unit.metric + '\n' + std::to_string(*scale));
        const Labels labels = {
            {"sensor_index", snmp::format_index(index)}, {"sensor", name}, {"kind", unit.kind}};
        const Metric metric{static_cast<std::size_t>(SensorColumn::value), unit.metric, SeriesKind::gauge,
                            *scale * unit.factor};
        // Only a sensor that works gives a value (RFC 3433: unavailable(2), nonoperational(3)).
        if (value.is_number() && status.number == 1) {
            if (row.series[0] == 0)
                row.series[0] = define(metric.name, labels, metric.kind,
                                       oid_text(TableId::sensor, metric.at, index), metric.scale);
            add_cell(record, row.series[0], value, metric);
        }
        if (!status.is_number()) continue;
        const Metric status_metric{static_cast<std::size_t>(SensorColumn::status), "sensor_status",
                                   SeriesKind::gauge, 1};
        if (row.series[1] == 0)
            row.series[1] = define(status_metric.name, labels, SeriesKind::gauge,
                                   oid_text(TableId::sensor, status_metric.at, index), 1);
        add_cell(record, row.series[1], status, status_metric);
    }
}

}  // namespace outstation::polld
