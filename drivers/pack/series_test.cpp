// SPDX-License-Identifier: GPL-3.0-or-later
// Series: values under a foreign name, with labels from the index, other columns and joins.

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

TEST(Series, LabelsAreFields) {
    const auto found = found_by(
        "series:\n"
        "  - OID: 1.3.6.1.4.1.1.1.1\n"
        "    metric: snmp_load\n"
        "    index: [slot, {name: mac, as: mac}]\n"
        "    type: counter\n"
        "    labels:\n"
        "      slot: '{slot}'\n"
        "      mac: '{mac}'\n"
        "      name: {OID: 1.3.6.1.4.1.1.2.1, index: '{slot}'}\n"
        "    number: {sum: ['{value}', '0.5']}\n",
        "1.3.6.1.4.1.1.1.1.3.0.1.2.3.4.255|2|7\n1.3.6.1.4.1.1.2.1.3|4|left\n1.3.6.1.4.1.1.1.1.9|2|7\n");
    ASSERT_EQ(found.metrics.size(), 1U);  // the second has no MAC address in its index
    EXPECT_EQ(found.metrics[0].name, "snmp_load");
    EXPECT_EQ(found.metrics[0].type, "counter");
    EXPECT_DOUBLE_EQ(found.metrics[0].value, 7.5);
    const std::map<std::string, std::string> tags = {
        {"mac", "00:01:02:03:04:ff"}, {"name", "left"}, {"slot", "3"}};
    EXPECT_EQ(found.metrics[0].tags, tags);
}

TEST(Series, OneOidMayGiveSeveral) {
    const auto found = found_by(
        "series:\n"
        "  - {OID: 1.3.6.1.4.1.1.1.0, metric: snmp_mode, labels: {mode: off}, number: {text: '{value}', map: "
        "{1: 1, '*': 0}}}\n"
        "  - {OID: 1.3.6.1.4.1.1.1.0, metric: snmp_mode, labels: {mode: on}, number: {text: '{value}', map: "
        "{2: 1, '*': 0}}}\n",
        "1.3.6.1.4.1.1.1.0|2|2\n");
    ASSERT_EQ(found.metrics.size(), 2U);
    EXPECT_EQ(found.metrics[0].value, 0);
    EXPECT_EQ(found.metrics[1].value, 1);
}

const char* const kPorts =
    "1.3.6.1.4.1.1.1.1|2|1\n1.3.6.1.4.1.1.1.2|2|1\n1.3.6.1.4.1.1.1.3|2|1\n"  // slots
    "1.3.6.1.4.1.1.2.1.1|2|5\n1.3.6.1.4.1.1.2.1.2|2|7\n1.3.6.1.4.1.1.2.2.1|2|-3\n1.3.6.1.4.1.1.2.2.2|4|none\n"
    "1.3.6.1.4.1.1.3.1.1|4|a\n1.3.6.1.4.1.1.3.1.2|4|b\n1.3.6.1.4.1.1.3.2.1|4|a\n";

std::map<std::string, double> totals_of(const std::string& number) {
    std::map<std::string, double> out;
    const auto found = found_by(
        "series: [{OID: 1.3.6.1.4.1.1.1, metric: snmp_x, labels: {slot: '{index}'}, number: " + number +
            "}]\n",
        kPorts);
    for (const MetricValue& one : found.metrics) out[one.tags.at("slot")] = one.value;
    return out;
}

TEST(Rows, GroupsAreSummedByTheirIndex) {
    const std::map<std::string, double> sums = {{"1", 12}, {"2", -3}};  // slot 3 has no ports: nothing, not 0
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: sum, index: '{index}'}"), sums);
    const std::map<std::string, double> counts = {{"1", 2}, {"2", 1}, {"3", 0}};
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: count, index: '{index}'}"), counts);
}

TEST(Rows, WholeColumnsAndThoseThatAreFound) {
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: max}").at("3"), 7);
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: min}").at("3"), -3);
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: mean}").at("1"), 3);
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: sum, find: 1.3.6.1.4.1.1.3, equals: a}").at("1"), 2);
    EXPECT_EQ(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: sum, find: 1.3.6.1.4.1.1.3}").at("1"), 9);
    EXPECT_EQ(
        totals_of("{ratio: [{OID: 1.3.6.1.4.1.1.2, rows: sum}, {OID: 1.3.6.1.4.1.1.1, rows: sum}]}").at("2"),
        3);
}

TEST(Rows, AnIndexThatIsNoneGivesNothing) {
    EXPECT_TRUE(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: sum, index: '{index.9}'}").empty());
    EXPECT_TRUE(totals_of("{OID: 1.3.6.1.4.1.1.2, rows: sum, index: x}").empty());
}

}  // namespace
}  // namespace outstation::pack
