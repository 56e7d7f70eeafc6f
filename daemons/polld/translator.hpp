// SPDX-License-Identifier: GPL-3.0-or-later
// From a device's cycle to its sample record: names and labels of every series, numbers of the series book,
// values. In a steady room nothing but numbers is written: names are made again only when the bytes of a row
// that they come from change. Threads: the loop's.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "daemons/polld/cycle_cells.hpp"
#include "daemons/polld/interface_identity.hpp"
#include "daemons/polld/metrics_table.hpp"
#include "daemons/polld/series_book.hpp"
#include "drivers/snmp/plan.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

// What state_watch needs of an interface.
struct InterfaceState {
    std::string index;  // ifIndex: two interfaces may have the same name
    std::string name;
    std::uint64_t oper_status = 0;  // 0: not known
    std::string descr{};            // where it is not the name
    std::string alias{};
};

class Translator {
  public:
    Translator(std::string device, SeriesBook& book) : device_(std::move(device)), book_(book) {}

    // Adds the values of the cycle to the record. When the device did not answer only `up` 0 and how it was
    // asked.
    void translate(const snmp::Cycle& cycle, wire::SampleRecord& record);
    // Interfaces of the last translated cycle.
    [[nodiscard]] const std::vector<InterfaceState>& interfaces() const { return interfaces_; }

  private:
    static constexpr std::size_t kMaxSlots = 13;
    static constexpr std::uint32_t kNotMade = 0;
    static constexpr std::uint32_t kNoSeries = UINT32_MAX;  // the book is full
    // Series numbers of one row, as long as its index and the bytes are what they were.
    struct Row {
        std::string index;
        std::string made_from;  // everything of the row that stands in labels or scales, as it came
        std::string name;
        std::string descr{};  // of an interface, where it is not the name
        std::string alias{};
        std::string mac{};
        InterfaceIdentities::By by{};
        std::array<std::uint32_t, kMaxSlots> series{};
    };
    using Rows = std::vector<Row>;
    using Labels = std::vector<Label>;
    using Cells = std::span<const snmp::Cell* const>;

    void add(wire::SampleRecord& record, std::uint32_t series, const Value& value) const;
    void add_cell(wire::SampleRecord& record, std::uint32_t series, const snmp::Cell& cell,
                  const Metric& metric) const;
    [[nodiscard]] std::uint32_t define(const char* metric, Labels labels, SeriesKind kind, std::string oid,
                                       double scale);
    // The row, emptied when the index or the bytes of the cells are not those it was made from.
    [[nodiscard]] static Row& row_at(Rows& rows, std::size_t at, const snmp::Cycle& cycle,
                                     std::string_view index, Cells cells);
    // The row with the index as it was made before; null when it was not.
    [[nodiscard]] static Row* known_row(Rows& rows, std::size_t at, std::string_view index);
    // Puts the known rows where the table has theirs: a row that came or went costs no other its series.
    static void align(Rows& rows, const snmp::Cycle& cycle, const snmp::TableRows& table);

    void poll_values(const snmp::Cycle& cycle, wire::SampleRecord& record);
    void scalars(const snmp::Cycle& cycle, wire::SampleRecord& record);
    void interfaces(const snmp::Cycle& cycle, wire::SampleRecord& record);
    void interface_info(const snmp::Cycle& cycle, wire::SampleRecord& record);
    [[nodiscard]] std::uint32_t define_info(const snmp::Cycle& cycle, std::string_view index, Cells cells);
    void storage(const snmp::Cycle& cycle, wire::SampleRecord& record);
    void processors(const snmp::Cycle& cycle, wire::SampleRecord& record);
    void sensors(const snmp::Cycle& cycle, wire::SampleRecord& record);
    // Null: what the row is cannot be known in this cycle.
    [[nodiscard]] Row* interface_row(const snmp::Cycle& cycle, std::size_t at, RowFinder& finder);
    [[nodiscard]] static Row* known_interface(Rows& rows, std::size_t at, std::string_view index,
                                              std::string_view texts);
    void identify_interfaces();
    void interface_values(const snmp::Cycle& cycle, std::size_t at, Row& row, wire::SampleRecord& record);
    [[nodiscard]] Row* sensor_row(const snmp::Cycle& cycle, std::size_t at, RowFinder& finder);
    void sensor_values(const snmp::Cycle& cycle, std::size_t at, Row& row, wire::SampleRecord& record);

    std::string device_;
    SeriesBook& book_;
    Row own_;
    Row scalar_row_;
    Rows interface_rows_;
    std::vector<std::size_t> known_interfaces_;  // their places in this cycle
    InterfaceIdentities identities_;
    Rows info_rows_;
    Rows storage_rows_;
    Rows processor_rows_;
    Rows sensor_rows_;
    std::vector<InterfaceState> interfaces_;
};

}  // namespace outstation::polld
