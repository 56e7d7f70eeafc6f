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

TEST(Series, ACounterIsReadToItsLastDigit) {
    const auto found = found_by(
        "series:\n"
        "  - {OID: 1.3.6.1.4.1.1.1, metric: snmp_octets, type: counter, number: {OID: 1.3.6.1.4.1.1.1, "
        "scale_factor: 8}}\n"
        "  - {OID: 1.3.6.1.4.1.1.2.0, metric: snmp_sum, type: counter, number: {sum: ['{value}', '0.5']}}\n"
        "  - {OID: 1.3.6.1.4.1.1.2.0, metric: snmp_gauge, type: gauge}\n",
        "1.3.6.1.4.1.1.1.1|70|18446744073709551615\n1.3.6.1.4.1.1.1.2|4|12.5 GB\n1.3.6.1.4.1.1.1.3|2|-1\n"
        "1.3.6.1.4.1.1.2.0|65|7\n");
    ASSERT_EQ(found.metrics.size(), 4U) << "a counter is not below zero";
    ASSERT_TRUE(found.metrics[0].count && found.metrics[1].count);
    EXPECT_EQ(found.metrics[0].count->number, UINT64_MAX);
    EXPECT_EQ(found.metrics[0].count->scale, 8);
    EXPECT_EQ(found.metrics[1].count->number, 12U);
    EXPECT_EQ(found.metrics[1].value, 100);
    EXPECT_NE(found.metrics[0].source, found.metrics[2].source);
    EXPECT_FALSE(found.metrics[2].count) << "put together";
    EXPECT_FALSE(found.metrics[3].count);
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

TEST(Rows, WhatPerhapsWasNotReadIsNotCountedAsNone) {
    const Library library =
        library_of({{"a.yaml",
                     "pack: a\nmatch: always\nseries: [{OID: 1.3.6.1.4.1.1.1, metric: snmp_x, labels: {slot: "
                     "'{index}'}, number: {OID: 1.3.6.1.4.1.1.2, rows: count, index: '{index}'}}]\n"}});
    Recording recording = recording_of(kPorts);
    recording.values.set_whole(false);
    const auto metrics = evaluate(choose_packs(library, recording.values), recording.values).metrics;
    ASSERT_EQ(metrics.size(), 2U) << "slot 3 has none, as far as is known";
    EXPECT_EQ(metrics[0].value, 2);
    EXPECT_EQ(metrics[1].value, 1);
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
