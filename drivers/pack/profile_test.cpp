// SPDX-License-Identifier: GPL-3.0-or-later
// Datadog's profile format: a small one of our own, and the public library where it is at hand.
#include <filesystem>

#include "drivers/pack/needs.hpp"
#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

constexpr const char* kProfile = R"(
extends: [_base.yaml]
sysobjectid: [1.3.6.1.4.1.99999.1.*]
device: {vendor: acme}
metadata:
  device:
    fields:
      serial_number:
        symbols:
          - {OID: 1.3.6.1.4.1.99999.9.0, name: none}
          - {OID: 1.3.6.1.2.1.1.1.0, name: sysDescr, match_pattern: 'SN: (\w+)', match_value: $1}
metric_tags:
  - {OID: 1.3.6.1.2.1.1.5.0, symbol: sysName, tag: snmp_host}
static_tags: ['site:lab']
metrics:
  - MIB: ACME-MIB
    symbol: {OID: 1.3.6.1.4.1.99999.2.1.0, name: acme.load, scale_factor: 0.1, extract_value: '(\d+)%'}
  - MIB: ACME-MIB
    metric_type: monotonic_count
    table: {OID: 1.3.6.1.4.1.99999.3.1, name: acmeTable}
    symbols:
      - {OID: 1.3.6.1.4.1.99999.3.1.2, name: acme.packets}
      - {name: acme.row, constant_value_one: true}
    metric_tags:
      - {tag: kind, symbol: {OID: 1.3.6.1.4.1.99999.3.1.3, name: kind}, mapping: {1: copper, 2: fibre}}
      - {tag: slot, index: 1}
      - tag: other
        symbol: {OID: 1.3.6.1.4.1.99999.4.1.2, name: other}
        index_transform: [{start: 1, end: 1}]
      - symbol: {OID: 1.3.6.1.4.1.99999.3.1.4, name: text}
        match: '(\w+)-(\w+)'
        tags: {left: $1, right: '$2'}
  - MIB: ACME-MIB
    symbol: {OID: 1.3.6.1.4.1.99999.5.0, name: acme.status}
    metric_type: flag_stream
    options: {placement: 2, metric_suffix: OnLine}
)";

TEST(Profile, IsEvaluatedAsTheFormatSays) {
    const Library library =
        library_of({{"acme.yaml", kProfile},
                    {"_base.yaml", "metrics:\n  - symbol: {OID: 1.3.6.1.2.1.1.3.0, name: up}\n"}});
    ASSERT_EQ(library.packs.size(), 1U);
    const Recording recording = recording_of(
        "1.3.6.1.2.1.1.1.0|4|Acme SN: A17 "
        "x\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1.4\n1.3.6.1.2.1.1.3.0|67|500\n"
        "1.3.6.1.2.1.1.5.0|4|box\n1.3.6.1.4.1.99999.2.1.0|4|now 55% of it\n"
        "1.3.6.1.4.1.99999.3.1.2.3.8|70|18446744073709551615\n1.3.6.1.4.1.99999.3.1.3.3.8|2|2\n"
        "1.3.6.1.4.1.99999.3.1.4.3.8|4|up-down\n1.3.6.1.4.1.99999.4.1.2.8|4|eight\n1.3.6.1.4.1.99999.5.0|4|"
        "0100\n");
    const auto found = evaluate(choose_packs(library, recording.values), recording.values);
    EXPECT_EQ(found.device.vendor, "acme");
    EXPECT_EQ(found.device.serial, "A17");
    std::map<std::string, MetricValue> byname;
    for (const MetricValue& metric : found.metrics) byname[metric.name] = metric;
    EXPECT_EQ(byname.size(), 5U);
    EXPECT_EQ(byname["up"].value, 500);
    EXPECT_EQ(byname["acme.load"].value, 5.5);
    EXPECT_EQ(byname["acme.status.OnLine"].value, 1);
    EXPECT_EQ(byname["acme.row"].value, 1);
    EXPECT_EQ(byname["acme.packets"].type, "monotonic_count");
    EXPECT_EQ(byname["acme.packets"].tags, (std::map<std::string, std::string>{{"kind", "fibre"},
                                                                               {"slot", "3"},
                                                                               {"other", "eight"},
                                                                               {"left", "up"},
                                                                               {"right", "down"},
                                                                               {"snmp_host", "box"},
                                                                               {"site", "lab"}}));
}

TEST(Profile, AScalarIsFoundWithAndWithoutItsZeroAndAskedForAsBoth) {
    const Library library =
        library_of({{"box.yaml",
                     "sysobjectid: 1.3.6.1.4.1.99999.1.*\n"
                     "metric_tags: [{OID: 1.3.6.1.4.1.99999.1.2, symbol: name, tag: name}]\n"
                     "metrics:\n"
                     "  - symbol: {OID: 1.3.6.1.4.1.99999.1.1.5.1, name: cpu}\n"
                     "  - symbol: {OID: 1.3.6.1.2.1.25.2.3.1.5.1, name: storage}\n"}});
    const Recording recording = recording_of(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1.4\n1.3.6.1.4.1.99999.1.1.5.1.0|2|7\n"
        "1.3.6.1.2.1.25.2.3.1.5.1|2|9\n1.3.6.1.4.1.99999.1.2.0|4|box\n");
    const auto choices = choose_packs(library, recording.values);
    const auto found = evaluate(choices, recording.values);
    ASSERT_EQ(found.metrics.size(), 2U);
    EXPECT_EQ(found.metrics[0].value, 7);
    EXPECT_EQ(found.metrics[0].oid, *parse_oid("1.3.6.1.4.1.99999.1.1.5.1.0"));
    EXPECT_EQ(found.metrics[1].value, 9);
    EXPECT_EQ(found.metrics[1].tags.at("name"), "box");
    const Needs needs = needs_of(choices, Scope::measured);
    for (const char* oid : {"1.3.6.1.4.1.99999.1.1.5.1.0", "1.3.6.1.4.1.99999.1.1.5.1",
                            "1.3.6.1.2.1.25.2.3.1.5.1", "1.3.6.1.4.1.99999.1.2.0"})
        EXPECT_EQ(needs.values.count(*parse_oid(oid)), 1U) << oid;
    EXPECT_EQ(needs.columns.count(*parse_oid("1.3.6.1.2.1.25.2.3.1.5.1")), 0U);
}

TEST(Profile, ACounterIsReadToItsLastDigitAndWhatTheDeviceCallsOneIsOne) {
    const Library library =
        library_of({{"box.yaml",
                     "sysobjectid: 1.3.6.1.4.1.99999.1.*\n"
                     "metrics:\n"
                     "  - {metric_type: monotonic_count, symbol: {OID: 1.3.6.1.4.1.99999.1.1.0, name: a}}\n"
                     "  - symbol: {OID: 1.3.6.1.4.1.99999.1.2.0, name: b, scale_factor: 8}\n"
                     "  - {metric_type: gauge, symbol: {OID: 1.3.6.1.4.1.99999.1.2.0, name: c}}\n"
                     "  - symbol: {OID: 1.3.6.1.4.1.99999.1.3.0, name: d}\n"}});
    const Recording recording = recording_of(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1.4\n1.3.6.1.4.1.99999.1.1.0|70|18446744073709551615\n"
        "1.3.6.1.4.1.99999.1.2.0|65|5\n1.3.6.1.4.1.99999.1.3.0|66|6\n");
    const auto metrics = evaluate(choose_packs(library, recording.values), recording.values).metrics;
    ASSERT_EQ(metrics.size(), 4U);
    ASSERT_TRUE(metrics[0].count && metrics[1].count);
    EXPECT_EQ(metrics[0].count->number, UINT64_MAX);
    EXPECT_EQ(metrics[1].count->number, 5U);
    EXPECT_EQ(metrics[1].count->scale, 8);
    EXPECT_FALSE(metrics[2].count) << "told to be a gauge";
    EXPECT_FALSE(metrics[3].count) << "a Gauge32";
}

TEST(Profile, OnlyTheOneWithTheLongestObjectIdIsUsed) {
    const Library library =
        library_of({{"any.yaml", "sysobjectid: 1.3.6.1.4.1.9.*\n"},
                    {"one.yaml", "sysobjectid: [1.3.6.1.4.1.9.1.1, 1.3.6.1.4.1.9.1.2]\n"}});
    const Recording recording = recording_of("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.2\n");
    const auto choices = choose_packs(library, recording.values);
    ASSERT_EQ(choices.size(), 1U);
    EXPECT_EQ(choices[0].pack->name, "one");
}

TEST(Profile, ThePublicLibraryLoadsUnchanged) {
    const std::string folder = "../shared/data/datadog-profiles";
    if (!std::filesystem::is_directory(folder)) {
        std::cout << "skipped: no " << folder << "\n";
        return;
    }
    const auto library = read_packs({folder});
    ASSERT_TRUE(library) << library.error().text;
    for (const Error& error : library->refused) std::cout << error.text << "\n";
    EXPECT_GE(library->read, 150U);
    EXPECT_LE(library->refused.size() * 50, library->read);  // 98 % load
}

}  // namespace
}  // namespace outstation::pack
