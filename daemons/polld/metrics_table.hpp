// SPDX-License-Identifier: GPL-3.0-or-later
// What is read from every device, as data: standard MIBs only. Device packs will take its place.
#pragma once

#include <memory>
#include <string>

#include "drivers/snmp/plan.hpp"
#include "lib/model/record.hpp"

namespace outstation::polld {

// The plan's scalars, in its order.
enum class Scalar : std::size_t {
    sys_descr,
    sys_object_id,
    sys_uptime,
    sys_contact,
    sys_name,
    sys_location,
    if_number,
    hr_memory_size,
    hr_users,
    hr_processes,
    count,
};
// The plan's tables, in its order.
enum class TableId : std::size_t { interface, interface_name, storage, processor, sensor, entity, count };

// Columns of each table, in the plan's order.
enum class IfColumn : std::size_t {
    name,  // what it is before its counters are read; as IfNameColumn has it after them
    descr,
    phys_address,
    hc_in_octets,
    hc_out_octets,
    hc_in_ucast,
    hc_out_ucast,
    in_errors,
    out_errors,
    in_discards,
    out_discards,
    admin_status,
    oper_status,
    high_speed,
    in_octets,
    out_octets,
    count,
};
enum class IfNameColumn : std::size_t { name, descr, type, phys_address, alias, count };
enum class StorageColumn : std::size_t { type, descr, units, size, used, count };
enum class SensorColumn : std::size_t { type, scale, precision, value, status, count };
enum class EntityColumn : std::size_t { descr, name, count };

// A column or scalar that becomes one series a row.
struct Metric {
    std::size_t at;  // column or scalar
    const char* name;
    SeriesKind kind;
    double scale;  // value = raw × scale
};

[[nodiscard]] std::shared_ptr<const snmp::Plan> standard_plan();
// Dotted OID of a column or scalar of the plan, for the series' `oid`.
[[nodiscard]] const char* column_oid(TableId table, std::size_t column);
[[nodiscard]] const char* scalar_oid(Scalar scalar);
// "interfaces", "storage", ...: the table for people.
[[nodiscard]] const char* table_name(std::size_t table);
inline constexpr const char* kScalarsName = "scalars";
// The name of the part of the plan that an instance's dotted OID is read with; empty: of none.
[[nodiscard]] std::string part_of(const std::string& oid);

inline constexpr Metric kScalarMetrics[] = {
    {static_cast<std::size_t>(Scalar::sys_uptime), "sys_uptime_seconds", SeriesKind::gauge, 0.01},
    {static_cast<std::size_t>(Scalar::if_number), "if_number", SeriesKind::gauge, 1},
    {static_cast<std::size_t>(Scalar::hr_memory_size), "hr_memory_size_bytes", SeriesKind::gauge, 1024},
    {static_cast<std::size_t>(Scalar::hr_users), "hr_system_users", SeriesKind::gauge, 1},
    {static_cast<std::size_t>(Scalar::hr_processes), "hr_system_processes", SeriesKind::gauge, 1},
};

struct Attribute {
    Scalar scalar;
    const char* name;
};
inline constexpr Attribute kAttributes[] = {
    {Scalar::sys_descr, "sys_descr"},     {Scalar::sys_object_id, "sys_object_id"},
    {Scalar::sys_name, "sys_name"},       {Scalar::sys_location, "sys_location"},
    {Scalar::sys_contact, "sys_contact"},
};

// ifXTable and ifTable (RFC 2863).
struct InterfaceMetric {
    Metric metric;
    IfColumn instead_of = IfColumn::count;  // read only where this wider column is absent
};
inline constexpr InterfaceMetric kInterfaceMetrics[] = {
    {{static_cast<std::size_t>(IfColumn::hc_in_octets), "if_in_octets_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::hc_out_octets), "if_out_octets_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::hc_in_ucast), "if_in_ucast_packets_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::hc_out_ucast), "if_out_ucast_packets_total", SeriesKind::counter,
      1}},
    {{static_cast<std::size_t>(IfColumn::in_errors), "if_in_errors_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::out_errors), "if_out_errors_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::in_discards), "if_in_discards_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::out_discards), "if_out_discards_total", SeriesKind::counter, 1}},
    {{static_cast<std::size_t>(IfColumn::admin_status), "if_admin_status", SeriesKind::gauge, 1}},
    {{static_cast<std::size_t>(IfColumn::oper_status), "if_oper_status", SeriesKind::gauge, 1}},
    {{static_cast<std::size_t>(IfColumn::high_speed), "if_speed_bits_per_second", SeriesKind::gauge, 1e6}},
    {{static_cast<std::size_t>(IfColumn::in_octets), "if_in_octets_total", SeriesKind::counter, 1},
     IfColumn::hc_in_octets},
    {{static_cast<std::size_t>(IfColumn::out_octets), "if_out_octets_total", SeriesKind::counter, 1},
     IfColumn::hc_out_octets},
};

}  // namespace outstation::polld
