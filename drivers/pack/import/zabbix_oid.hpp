// SPDX-License-Identifier: GPL-3.0-or-later
// Where an item of a Zabbix template reads: a number, get[...], a column with a macro, or a row that another
// column finds. Private to the importers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace outstation::pack {

// "{#IFNAME}" -> the column it comes from.
using ZabbixMacros = std::map<std::string, std::string>;

// Of a discovery rule: discovery[{#A},oid,...], or a single column for {#SNMPVALUE}.
[[nodiscard]] ZabbixMacros zabbix_macros(std::string_view snmp_oid);
// Of SNMP_WALK_TO_JSON: macro, oid, format, and again.
[[nodiscard]] ZabbixMacros zabbix_macros_of_walk(const std::vector<std::string>& parameters);

struct ZabbixOid {
    std::string rows;    // the scalar or column whose rows are gone through
    std::string column;  // what is read in each, when it is not that
    std::string index;   // at this index; empty: that of the row
    std::string wanted;  // only the row whose value is this text
    bool is_table = false;
    std::string why;  // it cannot be said
};
[[nodiscard]] ZabbixOid read_zabbix_oid(std::string_view text, const ZabbixMacros& macros);

}  // namespace outstation::pack
