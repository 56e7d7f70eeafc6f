// SPDX-License-Identifier: GPL-3.0-or-later
// Small definitions in the form of each format: the packs load, and find what the definition means.

#include "drivers/pack/import/definitions.hpp"
#include "drivers/pack/import/mib_names.hpp"
#include "drivers/pack/import/pack_text.hpp"
#include "drivers/pack/import/zabbix_oid.hpp"
#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

Imported imported(std::string_view format, const std::map<std::string, std::string>& texts) {
    auto out = import_definitions(format, texts);
    EXPECT_TRUE(out) << out.error().text;
    return out ? std::move(*out) : Imported{};
}

Findings found_in(const Imported& import, const std::string& lines) {
    const Library library = library_of(import.packs);
    const Recording recording = recording_of(lines);
    return evaluate(choose_packs(library, recording.values), recording.values);
}

// "name{label=text,...} value" of each, in the order of names.
std::multimap<std::string, double> series_of(const Findings& found) {
    std::multimap<std::string, double> out;
    for (const MetricValue& one : found.metrics) {
        std::string name = one.name + "{";
        for (const auto& [label, text] : one.tags) {
            name += label;
            name += "=" + text + ",";
        }
        out.emplace(name + "}", one.value);
    }
    return out;
}

using Series = std::multimap<std::string, double>;

const char* const kExporter = R"(
modules:
  box:
    walk: [1.3.6.1.4.1.9999.1]
    metrics:
    - {name: boxLoad, oid: 1.3.6.1.4.1.9999.1.1, type: gauge, scale: 0.1, offset: 2,
       indexes: [{labelname: slot, type: gauge}],
       lookups: [{labels: [slot], labelname: slotName, oid: 1.3.6.1.4.1.9999.1.2, type: DisplayString}, {labels: [], labelname: slot}]}
    - {name: boxOctets, oid: 1.3.6.1.4.1.9999.1.3, type: counter}
    - {name: boxName, oid: 1.3.6.1.4.1.9999.1.4, type: DisplayString}
    - {name: boxMode, oid: 1.3.6.1.4.1.9999.1.5, type: EnumAsInfo, enum_values: {1: "off", 2: "on"}}
    - {name: boxRole, oid: 1.3.6.1.4.1.9999.1.5, type: EnumAsStateSet, enum_values: {1: one, 2: two}}
    - {name: boxFlags, oid: 1.3.6.1.4.1.9999.1.6, type: Bits, enum_values: {0: first, 9: tenth}}
    - {name: boxDate, oid: 1.3.6.1.4.1.9999.1.7, type: DateAndTime}
    - {name: boxVersion, oid: 1.3.6.1.4.1.9999.1.8, type: DisplayString,
       regex_extracts: {Major: [{regex: '^(?:v(\d+)\..*)$', value: '$1'}]}}
    - {name: boxShort, oid: 1.3.6.1.4.1.9999.1.10, type: gauge, indexes: [{labelname: a, type: gauge}, {labelname: b, type: gauge}]}
    - {name: boxOdd, oid: 1.3.6.1.4.1.9999.1.9, type: ParseDateAndTime}
)";

TEST(ImportSnmpExporter, AnExpressionThatIsNotThereIsLeftOut) {
    const Imported import = imported("snmp_exporter", {{"snmp.yml", R"(modules:
  box:
    walk: [1.3.6.1.4.1.9999.1]
    metrics:
    - {name: boxVersion, oid: 1.3.6.1.4.1.9999.1.8, type: DisplayString, regex_extracts: {Major: [{value: '$1'}]}}
    - {name: boxLoad, oid: 1.3.6.1.4.1.9999.1.1, type: gauge}
)"}});
    EXPECT_EQ(import.taken, 1U);
    ASSERT_EQ(import.left_out.size(), 1U);
    EXPECT_EQ(import.left_out[0].what, "box: boxVersion");
}

TEST(ImportSnmpExporter, MeansWhatTheCollectorMakes) {
    const Imported import = imported("snmp_exporter", {{"snmp.yml", kExporter}});
    EXPECT_EQ(import.taken, 9U);
    ASSERT_EQ(import.left_out.size(), 1U);
    EXPECT_EQ(import.left_out[0].what, "box: boxOdd");
    const auto found =
        found_in(import,
                 "1.3.6.1.4.1.9999.1.1.7|2|35\n1.3.6.1.4.1.9999.1.2.7|4|left\n"
                 "1.3.6.1.4.1.9999.1.3.0|70|18446744073709551615\n1.3.6.1.4.1.9999.1.4.0|4|box \"one\"\n"
                 "1.3.6.1.4.1.9999.1.5.0|2|2\n1.3.6.1.4.1.9999.1.6.0|4x|8040\n"
                 "1.3.6.1.4.1.9999.1.7.0|4x|07e80102030405002b0100\n1.3.6.1.4.1.9999.1.8.0|4|v12.3\n1.3.6.1."
                 "4.1.9999.1.10.3|2|4\n");
    const Series expected = {{"snmp_boxLoad{slotName=left,}", 5.5},
                             {"snmp_boxOctets{}", 18446744073709551615.0},
                             {"snmp_boxName{boxName=box \"one\",}", 1},
                             {"snmp_boxMode_info{boxMode=on,}", 1},
                             {"snmp_boxRole{boxRole=one,}", 0},
                             {"snmp_boxRole{boxRole=two,}", 1},
                             {"snmp_boxFlags{boxFlags=first,}", 1},
                             {"snmp_boxFlags{boxFlags=tenth,}", 1},
                             {"snmp_boxDate{}", 1704161045},  // 2024-01-02 03:04:05 +01:00
                             {"snmp_boxVersionMajor{}", 12},
                             {"snmp_boxShort{a=3,b=,}", 4}};
    EXPECT_EQ(series_of(found), expected);
}

const char* const kZabbix = R"(
zabbix_export:
  version: '7.0'
  templates:
  - template: Box by SNMP
    name: Box by SNMP
    items:
    - {name: Uptime, type: SNMP_AGENT, key: 'box.uptime[sysUpTime]', snmp_oid: 'get[1.3.6.1.2.1.1.3.0]',
       preprocessing: [{type: MULTIPLIER, parameters: ['0.01']}]}
    - {name: Serial, type: SNMP_AGENT, key: box.serial, snmp_oid: .1.3.6.1.4.1.9999.2.1.0, value_type: CHAR,
       preprocessing: [{type: REGEX, parameters: ['SN-(\w+)', '\1']}]}
    - {name: Load, type: SNMP_AGENT, key: box.load, snmp_oid: '1.3.6.1.4.1.9999.2.2["index","1.3.6.1.4.1.9999.2.3", "five"]'}
    - {name: Odd, type: SNMP_AGENT, key: box.odd, snmp_oid: 1.3.6.1.4.1.9999.2.4.0, preprocessing: [{type: JAVASCRIPT, parameters: [x]}]}
    - {name: Named, type: SNMP_AGENT, key: box.named, snmp_oid: 'BOX-MIB::boxThing.0'}
    - {name: Ping, type: SIMPLE, key: icmpping}
    - {name: Walk, type: SNMP_AGENT, key: box.walk, snmp_oid: 'walk[1.3.6.1.4.1.9999.2.5]'}
    discovery_rules:
    - name: Ports
      type: SNMP_AGENT
      snmp_oid: 'discovery[{#IFNAME},1.3.6.1.2.1.31.1.1.1.1]'
      item_prototypes:
      - {name: 'Port {#IFNAME}: in', type: SNMP_AGENT, key: 'net.in[{#SNMPINDEX}]', snmp_oid: 'IF-MIB::ifHCInOctets.{#SNMPINDEX}',
         preprocessing: [{type: CHANGE_PER_SECOND}, {type: MULTIPLIER, parameters: ['8']}]}
    - name: Fans
      type: DEPENDENT
      preprocessing: [{type: SNMP_WALK_TO_JSON, parameters: ['{#FAN}', 1.3.6.1.4.1.9999.2.5.2, '0']}]
      item_prototypes:
      - {name: 'Fan {#FAN}', type: DEPENDENT, key: 'fan[{#SNMPINDEX}]',
         preprocessing: [{type: SNMP_WALK_VALUE, parameters: ['1.3.6.1.4.1.9999.2.5.1.{#SNMPINDEX}', '0']}]}
)";

TEST(ImportZabbix, ItemsBecomeSeries) {
    const Imported import = imported("zabbix", {{"box.yaml", kZabbix}});
    EXPECT_EQ(import.taken, 5U);
    EXPECT_EQ(import.left_out.size(), 3U);  // JavaScript, a name of an unknown MIB, a walk
    const auto found = found_in(
        import,
        "1.3.6.1.2.1.1.3.0|67|12345\n1.3.6.1.4.1.9999.2.1.0|4|SN-AB12\n1.3.6.1.4.1.9999.2.2.1|2|7\n1.3.6.1.4."
        "1.9999.2.2.2|2|9\n"
        "1.3.6.1.4.1.9999.2.3.1|4|one\n1.3.6.1.4.1.9999.2.3.2|4|five\n1.3.6.1.2.1.31.1.1.1.1.4|4|eth4\n"
        "1.3.6.1.2.1.31.1.1.1.6.4|70|100\n1.3.6.1.4.1.9999.2.5.1.3|2|900\n1.3.6.1.4.1.9999.2.5.2.3|4|left\n");
    const Series expected = {{"snmp_box_uptime_sysUpTime{item=Uptime,}", 123.45},
                             {"snmp_box_serial{item=Serial,text=AB12,}", 1},
                             {"snmp_box_load{index=2,item=Load,}", 9},
                             {"snmp_net_in{ifname=eth4,index=4,item=Port : in,}", 800},
                             {"snmp_fan{fan=left,index=3,item=Fan,}", 900}};
    EXPECT_EQ(series_of(found), expected);
}

TEST(ImportZabbix, FormsOfAnOid) {
    EXPECT_EQ(numeric_oid("IF-MIB::ifHCInOctets.3"), "1.3.6.1.2.1.31.1.1.1.6.3");
    EXPECT_EQ(numeric_oid("SNMPv2-SMI::mib-2.33.1"), "1.3.6.1.2.1.33.1");
    EXPECT_EQ(numeric_oid("BOX-MIB::boxThing"), "");
    const ZabbixMacros macros = {{"{#PHASE}", "1.3.6.1.4.1.9.1"}};
    const auto phase = read_zabbix_oid("1.3.6.1.4.1.9.2.{#PHASE}.1", macros);
    EXPECT_EQ(phase.rows, "1.3.6.1.4.1.9.1");
    EXPECT_EQ(phase.column, "1.3.6.1.4.1.9.2");
    EXPECT_EQ(phase.index, "{value}.1");
    EXPECT_NE(read_zabbix_oid("1.3.6.1.4.1.9.2.{#OTHER}", macros).why, "");
    EXPECT_NE(read_zabbix_oid("1.3.6.{#PHASE}.{#PHASE}", macros).why, "");
    EXPECT_NE(read_zabbix_oid("{$OID}", macros).why, "");
}

const std::map<std::string, std::string> kLibreNms = {
    {"os_detection/box.yaml",
     "os: box\ntext: Box\ntype: power\ndiscovery:\n"
     "  - {sysObjectID: [.1.3.6.1.4.1.9999.7], sysDescr_regex: ['/^box (a|b)/i']}\n"},
    {"os_discovery/box.yaml", R"(
modules:
  sensors:
    temperature:
      options: {skip_value_lt: 0}
      data:
      - {oid: boxTable, value: 'BOX-MIB::boxTemp', num_oid: '.1.3.6.1.4.1.9999.3.2.{{ $index }}', divisor: 10,
         descr: '{{ BOX-MIB::boxState }} sensor {{ $index }}', skip_values: [{oid: 'BOX-MIB::boxState', op: '!=', value: 1}, 999]}
      - {oid: boxOld, value: boxOld, num_oid: '.1.3.6.1.4.1.9999.3.9.{{ $index }}', descr: old, user_func: fahrenheit_to_celsius}
      - {oid: boxOdd, num_oid: '.1.3.6.1.4.1.9999.3.4.{{ $index }}', descr: odd, user_func: odd_function}
      - {oid: boxNone, descr: none}
    state:
      data:
      - {oid: boxTable, value: 'BOX-MIB::boxState', num_oid: '.1.3.6.1.4.1.9999.3.1.{{ $index }}', descr: State,
         states: [{value: 1, generic: 0, descr: fine}, {value: 2, generic: 2, descr: bad}]}
)"}};

TEST(ImportLibreNms, SensorsAndStates) {
    const Imported import = imported("librenms", kLibreNms);
    EXPECT_EQ(import.taken, 3U);
    EXPECT_EQ(import.left_out.size(), 2U);  // a function, and one without a number
    const std::string system = "1.3.6.1.2.1.1.1.0|4|BOX B\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9999.7.1\n";
    const std::string values =
        "1.3.6.1.4.1.9999.3.1.1|2|1\n1.3.6.1.4.1.9999.3.1.2|2|2\n1.3.6.1.4.1.9999.3.1.3|2|1\n1.3.6.1.4.1."
        "9999.3.1.4|2|1\n"
        "1.3.6.1.4.1.9999.3.2.1|2|235\n1.3.6.1.4.1.9999.3.2.2|2|300\n1.3.6.1.4.1.9999.3.2.3|2|999\n1.3.6.1.4."
        "1.9999.3.2.4|2|-5\n"
        "1.3.6.1.4.1.9999.3.9.1|2|212\n";
    const auto found = found_in(import, system + values);
    ASSERT_EQ(found.sensors.size(),
              2U);  // a row that is off, a value that means nothing, one under the limit: left out
    EXPECT_EQ(found.sensors[0].label, "1 sensor 1");
    EXPECT_NEAR(found.sensors[0].value, 23.5, 1e-9);
    EXPECT_NEAR(found.sensors[1].value, 100, 1e-9);
    ASSERT_EQ(found.states.size(), 4U);
    EXPECT_EQ(found.states[1].severity, "critical");
    EXPECT_EQ(found.states[1].text, "bad");
    EXPECT_TRUE(found_in(import, values).sensors.empty());  // another device
}

TEST(ImportLibreNms, AnObjectIdThatEndsInADotEndsThere) {
    const Imported import =
        imported("librenms",
                 {{"os_detection/box.yaml",
                   "os: box\ntext: Box\ndiscovery: [{sysObjectID: [.1.3.6.1.4.1.8691.7.]}]\n"},
                  {"os_discovery/box.yaml",
                   "modules: {sensors: {temperature: {data: [{num_oid: '.1.3.6.1.4.1.9999.1.{{ $index }}', "
                   "descr: a}]}}}\n"}});
    const std::string value = "1.3.6.1.4.1.9999.1.1|2|20\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.";
    EXPECT_EQ(found_in(import, value + "8691.7.3\n").sensors.size(), 1U);
    EXPECT_TRUE(found_in(import, value + "8691.70\n").sensors.empty());
}

TEST(ImportDatadog, ProfilesStayAsTheyAre) {
    const std::string right =
        "sysobjectid: 1.3.6.1.4.1.9999.*\nmetrics: [{symbol: {OID: 1.3.6.1.4.1.9999.1.0, name: a}}]\n";
    const Imported import =
        imported("datadog", {{"x/right.yaml", right}, {"x/wrong.yaml", "metrics: [{symbols: 3}]\n"}});
    EXPECT_EQ(import.packs.size(), 1U);
    EXPECT_EQ(import.packs.at("right.yaml"), right);
    ASSERT_EQ(import.left_out.size(), 1U);
    EXPECT_EQ(import.left_out[0].what, "wrong.yaml");
}

TEST(ImportDatadog, OfTwoFilesOfOneNameTheSecondIsTold) {
    const std::string one =
        "sysobjectid: 1.3.6.1.4.1.9999.*\nmetrics: [{symbol: {OID: 1.3.6.1.4.1.9999.1.0, name: a}}]\n";
    const Imported import = imported("datadog", {{"x/box.yaml", one}, {"y/box.yaml", one + "# newer\n"}});
    EXPECT_EQ(import.packs.at("box.yaml"), one);
    ASSERT_EQ(import.left_out.size(), 1U);
    EXPECT_EQ(import.left_out[0].what, "y/box.yaml");
}

TEST(Import, WhatIsNoDefinitionIsTold) {
    for (const char* format : {"snmp_exporter", "zabbix", "librenms"}) {
        const Imported import = imported(format, {{"a.yaml", "{"}, {"b.yaml", "- 1\n"}});
        EXPECT_TRUE(import.packs.empty()) << format;
        EXPECT_FALSE(import.left_out.empty()) << format;
    }
    EXPECT_FALSE(import_definitions("cacti", {}));
}

TEST(PackTextWriter, QuotesWhatYamlWouldMisread) {
    EXPECT_EQ(yaml_text("1.3.6.1"), "1.3.6.1");
    EXPECT_EQ(yaml_text("a b"), "\"a b\"");
    EXPECT_EQ(yaml_text("a\"\\\n"), "\"a\\\"\\\\\\x0a\"");
    EXPECT_EQ(yaml_text(""), "\"\"");
    EXPECT_EQ(foreign_metric("net.if.in[]"), "snmp_net_if_in");
    EXPECT_EQ(foreign_metric("[]"), "snmp_value");
    EXPECT_EQ(pack_key("Box by SNMP (v2)"), "box-by-snmp-v2");
    EXPECT_EQ(plain_oid(".1.3.6."), "1.3.6");
}

}  // namespace
}  // namespace outstation::pack
