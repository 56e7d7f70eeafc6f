// SPDX-License-Identifier: GPL-3.0-or-later
// Rows to series, cells to values: what is polled itself, scalars, interfaces.
#include "daemons/polld/translator.hpp"

#include <algorithm>

#include "daemons/polld/cycle_cells.hpp"
#include "daemons/polld/device_text.hpp"
#include "lib/model/counter.hpp"

namespace outstation::polld {
namespace {

using snmp::Cell;
using snmp::Cycle;
using snmp::TableRows;

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
    if (series == kNoSeries || book_.is_left_out(series)) return;
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
    const std::uint32_t number =
        book_.number_of(SeriesInfo{{device_, metric, std::move(labels)}, kind, std::move(oid), scale});
    return number == SeriesBook::kNone ? kNoSeries : number;
}

Translator::Row& Translator::row_at(Rows& rows, std::size_t at, const Cycle& cycle, std::string_view index,
                                    Cells cells) {
    if (rows.size() <= at) rows.resize(at + 1);
    Row& row = rows[at];
    if (row.index != index || !is_made_from(row.made_from, cycle, cells))
        row = Row{std::string(index), bytes_of(cycle, cells), {}, {}, {}, {}};
    return row;
}

Translator::Row* Translator::known_row(Rows& rows, std::size_t at, std::string_view index) {
    if (at < rows.size() && rows[at].index == index && !rows[at].name.empty()) return &rows[at];
    const auto found = std::find_if(rows.begin(), rows.end(), [index](const Row& row) {
        return row.index == index && !row.name.empty();
    });
    return found == rows.end() ? nullptr : &*found;
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
        if (series == kNotMade) series = define(metric.name, {}, metric.kind, "", 1);
        add(record, series, Value::of_gauge(values[metric.at]));
    }
}

void Translator::scalars(const Cycle& cycle, wire::SampleRecord& record) {
    std::size_t slot = 0;
    for (const Metric& metric : kScalarMetrics) {
        std::uint32_t& series = scalar_row_.series[slot++];
        const Cell& cell = cycle.scalars[metric.at];
        if (!cell.is_number()) continue;
        if (series == kNotMade)
            series = define(metric.name, {}, metric.kind, scalar_oid(static_cast<Scalar>(metric.at)),
                            metric.scale);
        add_cell(record, series, cell, metric);
    }
}

Translator::Row* Translator::interface_row(const Cycle& cycle, std::size_t at) {
    const std::string_view index = cycle.index(table_of(cycle, TableId::interface), at);
    const TableRows& names = table_of(cycle, TableId::interface_name);
    // A table that could not be read says nothing of names: to take the index instead would be another
    // series.
    if (names.error != snmp::CycleError::none) return known_row(interface_rows_, at, index);
    static constexpr Cell kAbsent;
    const std::size_t found = find_row(cycle, names, index, at);
    const bool named = found < names.rows();
    const Cell& name = named ? cell_of(names, found, IfNameColumn::name) : kAbsent;
    const Cell& descr = named ? cell_of(names, found, IfNameColumn::descr) : kAbsent;
    const Cell& alias = named ? cell_of(names, found, IfNameColumn::alias) : kAbsent;
    const std::array<const Cell*, 3> cells = {&name, &descr, &alias};
    Row& row = row_at(interface_rows_, at, cycle, index, cells);
    if (!row.name.empty()) return &row;
    row.descr = label_text(cycle, descr);
    row.alias = label_text(cycle, alias);
    row.name = label_text(cycle, name);
    if (row.name.empty()) row.name = row.descr;
    if (row.descr == row.name) row.descr.clear();
    if (row.name.empty()) row.name = snmp::format_index(index);
    return &row;
}

// Agents without ifXTable have the two octet counters in 32 bits only. Such a counter is a series of its own:
// it wraps elsewhere.
void Translator::interface_values(const Cycle& cycle, std::size_t at, Row& row, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface);
    const auto cell = [&](std::size_t column) -> const Cell& {
        return table.cells[at * static_cast<std::size_t>(IfColumn::count) + column];
    };
    std::size_t slot = 0;
    for (const InterfaceMetric& one : kInterfaceMetrics) {
        std::uint32_t& series = row.series[slot++];
        const Metric& metric = one.metric;
        if (!cell(metric.at).is_number()) continue;
        if (one.instead_of != IfColumn::count && cell(static_cast<std::size_t>(one.instead_of)).is_number())
            continue;
        if (series == kNotMade) {
            Labels labels = {{"if_index", snmp::format_index(row.index)}, {"if_name", row.name}};
            if (one.instead_of != IfColumn::count) labels.push_back({kWidthLabel, kWidth32});
            series = define(metric.name, std::move(labels), metric.kind,
                            oid_text(TableId::interface, metric.at, row.index), metric.scale);
        }
        add_cell(record, series, cell(metric.at), metric);
    }
}

void Translator::interfaces(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface);
    interfaces_.clear();
    for (std::size_t at = 0; at < table.rows(); ++at) {
        Row* row = interface_row(cycle, at);
        if (row == nullptr) continue;
        interface_values(cycle, at, *row, record);
        const Cell& oper = cell_of(table, at, IfColumn::oper_status);
        interfaces_.push_back({snmp::format_index(row->index), row->name, oper.is_number() ? oper.number : 0,
                               row->descr, row->alias});
    }
}

void Translator::interface_info(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface_name);
    for (std::size_t at = 0; at < table.rows(); ++at) {
        const std::string_view index = cycle.index(table, at);
        const std::array<const Cell*, 5> cells = {
            &cell_of(table, at, IfNameColumn::name), &cell_of(table, at, IfNameColumn::descr),
            &cell_of(table, at, IfNameColumn::alias), &cell_of(table, at, IfNameColumn::type),
            &cell_of(table, at, IfNameColumn::phys_address)};
        Row& row = row_at(info_rows_, at, cycle, index, cells);
        if (row.series[0] == kNotMade) row.series[0] = define_info(cycle, index, cells);
        add(record, row.series[0], Value::of_gauge(1));
    }
}

std::uint32_t Translator::define_info(const Cycle& cycle, std::string_view index, Cells cells) {
    std::string name = label_text(cycle, *cells[0]);
    const std::string descr = label_text(cycle, *cells[1]);
    if (name.empty()) name = descr.empty() ? snmp::format_index(index) : descr;
    const Cell& type = *cells[3];
    const Cell& address = *cells[4];
    const bool has_address = address.present() && !address.is_number();
    return define("if_info",
                  {{"if_index", snmp::format_index(index)},
                   {"if_name", name},
                   {"if_descr", descr},
                   {"if_alias", label_text(cycle, *cells[2])},
                   {"if_type", type.is_number() ? std::to_string(type.number) : ""},
                   {"if_mac", has_address ? mac_text(cycle.bytes(address)) : ""}},
                  SeriesKind::gauge,
                  oid_text(TableId::interface_name, static_cast<std::size_t>(IfNameColumn::name), index), 1);
}

}  // namespace outstation::polld
