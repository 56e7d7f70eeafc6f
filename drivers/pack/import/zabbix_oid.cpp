// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of snmp_oid.
#include "drivers/pack/import/zabbix_oid.hpp"

#include "drivers/pack/import/mib_names.hpp"
#include "drivers/pack/import/pack_text.hpp"

namespace outstation::pack {
namespace {

std::string trim(std::string_view text) {
    const char* blanks = " \t\r\n\"'";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t comma = text.find(',');
        out.push_back(trim(text.substr(0, comma)));
        if (comma == std::string_view::npos) return out;
        text.remove_prefix(comma + 1);
    }
}

// "get[...]" -> "..."; empty when it is not this function.
std::string argument_of(std::string_view text, std::string_view function) {
    const bool is_it = text.size() > function.size() + 2 && text.substr(0, function.size()) == function &&
                       text[function.size()] == '[' && text.back() == ']';
    return is_it ? std::string(text.substr(function.size() + 1, text.size() - function.size() - 2))
                 : std::string();
}

ZabbixMacros pairs_of(const std::vector<std::string>& items, std::size_t step) {
    ZabbixMacros out;
    for (std::size_t i = 0; i + 1 < items.size(); i += step)
        if (const std::string oid = plain_oid(numeric_oid(items[i + 1])); !oid.empty()) out[items[i]] = oid;
    return out;
}

ZabbixOid refusal(std::string why) {
    ZabbixOid out;
    out.why = std::move(why);
    return out;
}

// OID["index","OID of the column that is searched","text"]
ZabbixOid read_searched(std::string_view column, std::string_view arguments, const ZabbixMacros& macros) {
    const auto items = split(arguments);
    ZabbixOid out;
    out.column = plain_oid(numeric_oid(column));
    if (items.size() != 3 || items[0] != "index" || out.column.empty())
        return refusal("an index of another form");
    out.rows = plain_oid(numeric_oid(items[1]));
    out.is_table = true;
    const bool is_macro = items[2].compare(0, 2, "{#") == 0;
    if (out.rows.empty() || (is_macro && macros.find(items[2]) == macros.end()))
        return refusal("an index of another form");
    if (!is_macro) out.wanted = items[2];
    return out;
}

// PREFIX.{#MACRO} or PREFIX.{#MACRO}.SUFFIX
ZabbixOid read_with_macro(std::string_view text, std::size_t open, const ZabbixMacros& macros) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos || text.find('{', close) != std::string_view::npos)
        return refusal("an OID with more than one macro");
    const std::string macro(text.substr(open, close + 1 - open));
    const std::string column = plain_oid(numeric_oid(text.substr(0, open)));
    const std::string suffix(text.substr(close + 1));
    if (column.empty()) return refusal("a name that is not known: " + std::string(text.substr(0, open)));
    ZabbixOid out;
    out.is_table = true;
    if (macro == "{#SNMPINDEX}" && suffix.empty()) {
        out.rows = column;
        return out;
    }
    const auto source = macro == "{#SNMPINDEX}" ? macros.begin() : macros.find(macro);
    if (source == macros.end()) return refusal("the macro " + macro + " that no discovery gives");
    out.rows = source->second;
    out.column = column;
    out.index = (macro == "{#SNMPINDEX}" ? "{index}" : "{value}") + suffix;
    return out;
}

}  // namespace

ZabbixMacros zabbix_macros(std::string_view snmp_oid) {
    const std::string pairs = argument_of(snmp_oid, "discovery");
    if (!pairs.empty()) return pairs_of(split(pairs), 2);
    return pairs_of({"{#SNMPVALUE}", std::string(snmp_oid)}, 2);
}

ZabbixMacros zabbix_macros_of_walk(const std::vector<std::string>& parameters) {
    return pairs_of(parameters, 3);
}

ZabbixOid read_zabbix_oid(std::string_view text, const ZabbixMacros& macros) {
    if (text.find("{$") != std::string_view::npos) return refusal("an OID with a user macro");
    if (!argument_of(text, "walk").empty() || !argument_of(text, "discovery").empty())
        return refusal("a walk as one text; what depends on it is taken");
    const std::string got = argument_of(text, "get");
    if (!got.empty()) return read_zabbix_oid(got, macros);
    const std::string trimmed = trim(text);
    text = trimmed;
    if (const std::size_t bracket = text.find('['); bracket != std::string_view::npos && text.back() == ']')
        return read_searched(text.substr(0, bracket), text.substr(bracket + 1, text.size() - bracket - 2),
                             macros);
    if (const std::size_t open = text.find("{#"); open != std::string_view::npos)
        return read_with_macro(text, open, macros);
    ZabbixOid out;
    out.rows = plain_oid(numeric_oid(text));
    if (out.rows.empty()) return refusal("a name that is not known: " + std::string(text));
    return out;
}

}  // namespace outstation::pack
