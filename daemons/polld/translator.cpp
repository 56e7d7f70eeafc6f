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

// A counter is unsigned; what has a sign, or counts time, was meant otherwise.
bool is_value(const Cell& cell, SeriesKind kind) {
    if (kind != SeriesKind::counter) return cell.is_number();
    return cell.tag == snmp::Tag::counter32 || cell.tag == snmp::Tag::counter64 ||
           cell.tag == snmp::Tag::gauge32;
}

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
        row = Row{std::string(index), bytes_of(cycle, cells), {}, {}, {}, {}, {}, {}};
    return row;
}

Translator::Row* Translator::known_row(Rows& rows, std::size_t at, std::string_view index) {
    const bool is_known = at < rows.size() && rows[at].index == index && !rows[at].name.empty();
    return is_known ? &rows[at] : nullptr;
}

void Translator::align(Rows& rows, const Cycle& cycle, const TableRows& table) {
    std::size_t same = 0;
    const std::size_t common = std::min(rows.size(), table.rows());
    while (same < common && (rows[same].index.empty() || rows[same].index == cycle.index(table, same)))
        ++same;
    if (same == common) return;
    RowFinder places(cycle, table);
    Rows moved(std::max(rows.size(), table.rows()));
    std::size_t gone = table.rows();  // rows that are not there now stand behind, as far as there is room
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (rows[at].index.empty()) continue;
        std::size_t place = places.find(rows[at].index, at);
        if (place == table.rows()) place = gone++;
        if (place < moved.size()) moved[place] = std::move(rows[at]);
    }
    rows = std::move(moved);
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

// A table that could not be read says nothing of names: then it is what it was, if it still says so.
Translator::Row* Translator::known_interface(Rows& rows, std::size_t at, std::string_view index,
                                             std::string_view texts) {
    Row* row = known_row(rows, at, index);
    return row != nullptr && row->made_from.starts_with(texts) ? row : nullptr;
}

// The device may give its interfaces other indexes at any moment: names are read with the counters, before
// them, and once more after all of them. Where they differ nobody knows whose counters these are.
Translator::Row* Translator::interface_row(const Cycle& cycle, std::size_t at, RowFinder& finder) {
    const TableRows& table = table_of(cycle, TableId::interface);
    const std::string_view index = cycle.index(table, at);
    const TableRows& names = table_of(cycle, TableId::interface_name);
    const Cell& name = cell_of(table, at, IfColumn::name);
    const Cell& descr = cell_of(table, at, IfColumn::descr);
    const Cell& address = cell_of(table, at, IfColumn::phys_address);
    const std::array<const Cell*, 3> texts = {&name, &descr, &address};
    static constexpr Cell kAbsent;
    const std::size_t found = finder.find(index, at);
    const bool named = found < names.rows();
    // A table that was not read to its end says nothing of what it lacks.
    if (names.error != snmp::CycleError::none || (!named && !names.complete))
        return known_interface(interface_rows_, at, index, bytes_of(cycle, texts));
    const auto after = [&](IfNameColumn column) -> const Cell& {
        return named ? cell_of(names, found, column) : kAbsent;
    };
    if (!is_same(cycle, name, after(IfNameColumn::name)) ||
        !is_same(cycle, descr, after(IfNameColumn::descr)) ||
        !is_same(cycle, address, after(IfNameColumn::phys_address)))
        return nullptr;
    const std::array<const Cell*, 4> cells = {&name, &descr, &address, &after(IfNameColumn::alias)};
    Row& row = row_at(interface_rows_, at, cycle, index, cells);
    if (!row.name.empty()) return &row;
    InterfaceTexts said = interface_texts(cycle, index, name, descr, address);
    row.alias = label_text(cycle, after(IfNameColumn::alias));
    row.descr = said.descr == said.name ? std::string() : std::move(said.descr);
    row.name = std::move(said.name);
    row.mac = std::move(said.mac);
    return &row;
}

// One that is new may have the name of another.
void Translator::identify_interfaces() {
    const auto is_new = [this](std::size_t at) {
        return interface_rows_[at].by == InterfaceIdentities::By::nothing;
    };
    if (std::none_of(known_interfaces_.begin(), known_interfaces_.end(), is_new)) return;
    std::vector<InterfaceIdentities::One> all;
    for (const std::size_t at : known_interfaces_)
        all.push_back({interface_rows_[at].name, interface_rows_[at].mac});
    identities_.see(all);
    for (const std::size_t at : known_interfaces_) {
        Row& row = interface_rows_[at];
        const auto by = identities_.of({row.name, row.mac});
        if (row.by != by) row.series.fill(kNotMade);
        row.by = by;
    }
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
        if (!is_value(cell(metric.at), metric.kind)) continue;
        if (one.instead_of != IfColumn::count &&
            is_value(cell(static_cast<std::size_t>(one.instead_of)), metric.kind))
            continue;
        if (series == kNotMade) {
            Labels labels = interface_labels(row.by, row.name, row.mac, row.index);
            if (one.instead_of != IfColumn::count) labels.push_back({kWidthLabel, kWidth32});
            series = define(metric.name, std::move(labels), metric.kind,
                            oid_text(TableId::interface, metric.at, row.index), metric.scale);
        }
        add_cell(record, series, cell(metric.at), metric);
    }
}

void Translator::interfaces(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface);
    RowFinder names(cycle, table_of(cycle, TableId::interface_name));
    align(interface_rows_, cycle, table);
    interfaces_.clear();
    known_interfaces_.clear();
    for (std::size_t at = 0; at < table.rows(); ++at) {
        if (interface_row(cycle, at, names) != nullptr) known_interfaces_.push_back(at);
    }
    identify_interfaces();
    for (const std::size_t at : known_interfaces_) {
        Row& row = interface_rows_[at];
        interface_values(cycle, at, row, record);
        const Cell& oper = cell_of(table, at, IfColumn::oper_status);
        interfaces_.push_back({snmp::format_index(row.index), row.name, oper.is_number() ? oper.number : 0,
                               row.descr, row.alias});
    }
}

void Translator::interface_info(const Cycle& cycle, wire::SampleRecord& record) {
    const TableRows& table = table_of(cycle, TableId::interface_name);
    align(info_rows_, cycle, table);
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
    InterfaceTexts said = interface_texts(cycle, index, *cells[0], *cells[1], *cells[4]);
    const Cell& type = *cells[3];
    return define("if_info",
                  {{"if_index", snmp::format_index(index)},
                   {"if_name", std::move(said.name)},
                   {"if_descr", std::move(said.descr)},
                   {"if_alias", label_text(cycle, *cells[2])},
                   {"if_type", type.is_number() ? std::to_string(type.number) : ""},
                   {"if_mac", std::move(said.mac)}},
                  SeriesKind::gauge,
                  oid_text(TableId::interface_name, static_cast<std::size_t>(IfNameColumn::name), index), 1);
}

}  // namespace outstation::polld
