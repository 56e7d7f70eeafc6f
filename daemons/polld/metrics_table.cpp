// SPDX-License-Identifier: GPL-3.0-or-later
// The OIDs, in the order of the enums: SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), HOST-RESOURCES-MIB (RFC
// 2790), ENTITY-SENSOR-MIB (RFC 3433), ENTITY-MIB (RFC 6933).
#include "daemons/polld/metrics_table.hpp"

#include <array>
#include <cstdlib>
#include <span>

namespace outstation::polld {
namespace {

constexpr std::array kScalars = {
    "1.3.6.1.2.1.1.1.0",    "1.3.6.1.2.1.1.2.0",    "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.4.0",
    "1.3.6.1.2.1.1.5.0",    "1.3.6.1.2.1.1.6.0",    "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.25.2.2.0",
    "1.3.6.1.2.1.25.1.5.0", "1.3.6.1.2.1.25.1.6.0",
};
static_assert(kScalars.size() == static_cast<std::size_t>(Scalar::count));

constexpr std::array kInterface = {
    "1.3.6.1.2.1.31.1.1.1.1",  "1.3.6.1.2.1.2.2.1.2",     "1.3.6.1.2.1.2.2.1.6",     "1.3.6.1.2.1.31.1.1.1.6",
    "1.3.6.1.2.1.31.1.1.1.10", "1.3.6.1.2.1.31.1.1.1.7",  "1.3.6.1.2.1.31.1.1.1.11", "1.3.6.1.2.1.2.2.1.14",
    "1.3.6.1.2.1.2.2.1.20",    "1.3.6.1.2.1.2.2.1.13",    "1.3.6.1.2.1.2.2.1.19",    "1.3.6.1.2.1.2.2.1.7",
    "1.3.6.1.2.1.2.2.1.8",     "1.3.6.1.2.1.31.1.1.1.15", "1.3.6.1.2.1.2.2.1.10",    "1.3.6.1.2.1.2.2.1.16",
};
static_assert(kInterface.size() == static_cast<std::size_t>(IfColumn::count));

constexpr std::array kInterfaceName = {
    "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2",     "1.3.6.1.2.1.2.2.1.3",
    "1.3.6.1.2.1.2.2.1.6",    "1.3.6.1.2.1.31.1.1.1.18",
};
static_assert(kInterfaceName.size() == static_cast<std::size_t>(IfNameColumn::count));

constexpr std::array kStorage = {
    "1.3.6.1.2.1.25.2.3.1.2", "1.3.6.1.2.1.25.2.3.1.3", "1.3.6.1.2.1.25.2.3.1.4",
    "1.3.6.1.2.1.25.2.3.1.5", "1.3.6.1.2.1.25.2.3.1.6",
};
static_assert(kStorage.size() == static_cast<std::size_t>(StorageColumn::count));

constexpr std::array kProcessor = {"1.3.6.1.2.1.25.3.3.1.2"};

constexpr std::array kSensor = {
    "1.3.6.1.2.1.99.1.1.1.1", "1.3.6.1.2.1.99.1.1.1.2", "1.3.6.1.2.1.99.1.1.1.3",
    "1.3.6.1.2.1.99.1.1.1.4", "1.3.6.1.2.1.99.1.1.1.5",
};
static_assert(kSensor.size() == static_cast<std::size_t>(SensorColumn::count));

constexpr std::array kEntity = {"1.3.6.1.2.1.47.1.1.1.1.2", "1.3.6.1.2.1.47.1.1.1.1.7"};
static_assert(kEntity.size() == static_cast<std::size_t>(EntityColumn::count));

constexpr std::array<std::span<const char* const>, static_cast<std::size_t>(TableId::count)> kTables = {
    kInterface, kInterfaceName, kStorage, kProcessor, kSensor, kEntity};

constexpr std::array kTableNames = {"interfaces", "interface names", "storage",
                                    "processors", "sensors",         "entities"};
static_assert(kTableNames.size() == kTables.size());

std::string bytes_of(const char* dotted) {
    auto bytes = snmp::encode_oid(dotted);
    if (!bytes) std::abort();  // a slip in the tables above
    return *bytes;
}

}  // namespace

std::shared_ptr<const snmp::Plan> standard_plan() {
    auto plan = std::make_shared<snmp::Plan>();
    for (const char* dotted : kScalars) plan->scalars.push_back(bytes_of(dotted));
    for (const auto& columns : kTables) {
        plan->tables.emplace_back();
        for (const char* dotted : columns) plan->tables.back().columns.push_back(bytes_of(dotted));
    }
    return plan;
}

const char* column_oid(TableId table, std::size_t column) {
    return kTables[static_cast<std::size_t>(table)][column];
}
const char* scalar_oid(Scalar scalar) {
    return kScalars[static_cast<std::size_t>(scalar)];
}

const char* table_name(std::size_t table) {
    return kTableNames[table];
}

std::string part_of(const std::string& oid) {
    for (const char* scalar : kScalars) {
        if (oid == scalar) return kScalarsName;
    }
    for (std::size_t table = 0; table < kTables.size(); ++table) {
        for (const std::string column : kTables[table]) {
            if (oid.starts_with(column + ".")) return kTableNames[table];
        }
    }
    return {};
}

}  // namespace outstation::polld
