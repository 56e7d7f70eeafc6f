// SPDX-License-Identifier: GPL-3.0-or-later
// The dictionary of metrics is closed, and it is what the documentation shows. Runs in the root of the
// source.
#include "drivers/pack/metrics.hpp"

#include <fstream>
#include <sstream>

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

std::string refusal_of(const std::string& yaml) {
    const Library library = load_packs({{"a.yaml", "pack: a\nmatch: always\n" + yaml}});
    return library.refused.empty() ? "" : library.refused.front().text;
}

TEST(Metrics, ASensorIsNamedByUnitAndKind) {
    const auto found = found_by(
        "sensors:\n"
        "  - {OID: 1.3.6.1.4.1.1.1.0, unit: kelvin, label: a}\n"
        "  - {OID: 1.3.6.1.4.1.1.2.0, unit: humidity, label: a}\n"
        "  - {OID: 1.3.6.1.4.1.1.3.0, unit: percent, label: a}\n"
        "  - {OID: 1.3.6.1.4.1.1.4.0, unit: percent, label: a, metric: load_ratio}\n",
        "1.3.6.1.4.1.1.1.0|2|300\n1.3.6.1.4.1.1.2.0|2|40\n1.3.6.1.4.1.1.3.0|2|1\n1.3.6.1.4.1.1.4.0|2|1\n");
    ASSERT_EQ(found.sensors.size(), 4U);
    EXPECT_EQ(found.sensors[0].metric, "temperature_celsius");
    EXPECT_EQ(found.sensors[1].metric, "humidity_ratio");
    EXPECT_EQ(found.sensors[2].metric, "sensor_ratio");
    EXPECT_EQ(found.sensors[3].metric, "load_ratio");
}

TEST(Metrics, AnUnknownNameIsRefusedAtItsPlace) {
    EXPECT_EQ(refusal_of("sensors:\n  - {OID: 1.3.6.1.4.1.1.1.0, unit: volts, label: a, metric: volts}\n"),
              "a.yaml:4:53: 'volts' is not a metric of the dictionary (docs/formats/metrics.md)");
    EXPECT_NE(refusal_of("series: [{OID: 1.3.6.1.4.1.1.1.0, metric: ifInOctets}]\n"), "");
    EXPECT_NE(refusal_of("series: [{OID: 1.3.6.1.4.1.1.1.0, metric: 'snmp_if.in'}]\n"), "");
    EXPECT_NE(refusal_of("sensors: [{OID: 1.3.6.1.4.1.1.1.0, unit: volts, label: a, metric: snmp_x}]\n"), "");
    EXPECT_EQ(refusal_of("series: [{OID: 1.3.6.1.4.1.1.1.0, metric: snmp_ifInOctets}]\n"), "");
}

TEST(Metrics, EveryUnitHasAName) {
    for (const char* unit :
         {"celsius", "volts", "amperes", "watts", "ratio", "kwh", "hertz", "rpm",   "percent", "minutes",
          "seconds", "dbm",   "db",      "count", "l/m",   "kpa", "cfm",   "ps/nm", "vars",    "voltamperes"})
        EXPECT_NE(metric_of(unit, ""), nullptr) << unit;
    EXPECT_EQ(metric_of("furlongs", ""), nullptr);
}

TEST(Metrics, TheDocumentationShowsExactlyThese) {
    std::ifstream in("docs/formats/metrics.md");
    std::stringstream text;
    text << in.rdbuf();
    std::size_t rows = 0;
    for (std::string line; std::getline(text, line);) rows += line.compare(0, 3, "| `") == 0 ? 1U : 0U;
    std::map<std::string, std::string> expected;
    for (const KnownMetric& one : known_metrics())
        expected[std::string(one.name)] = "| `" + std::string(one.name) + "` | " + std::string(one.english) +
                                          " | " + std::string(one.chinese) + " |";
    for (const auto& [name, line] : expected)
        EXPECT_NE(text.str().find(line + "\n"), std::string::npos) << line;
    EXPECT_EQ(rows, expected.size());
}

}  // namespace
}  // namespace outstation::pack
