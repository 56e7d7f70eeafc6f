// SPDX-License-Identifier: GPL-3.0-or-later
// Rules over small recordings: what each part of a rule does.
#include "drivers/pack/evaluate.hpp"

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

std::string sensors_of(const Findings& found) {
    std::string out;
    for (const Reading& sensor : found.sensors) {
        if (!out.empty()) out += "; ";
        out += sensor.label + " " + std::to_string(sensor.value).substr(0, 6) + " " + sensor.unit;
    }
    return out;
}

TEST(Evaluate, UnitScaleAndPrecisionFromColumns) {
    const auto found = found_by(
        "groups:\n"
        "  - with: {name: [1.3.6.1.9.7, 'Sensor {index}'], status: 1.3.6.1.9.5}\n"
        "    sensors:\n"
        "      - OID: 1.3.6.1.9.4\n"
        "        label: '{name}'\n"
        "        unless: {status: 2}\n"
        "        unit: {OID: 1.3.6.1.9.1, map: {8: celsius, 4: volts}}\n"
        "        scale: {OID: 1.3.6.1.9.2, map: {9: 1, 8: 0.001}}\n"
        "        precision: 1.3.6.1.9.3\n",
        "1.3.6.1.9.1.10|2|8\n1.3.6.1.9.2.10|2|9\n1.3.6.1.9.3.10|2|1\n1.3.6.1.9.4.10|2|315\n1.3.6.1.9.7.10|4| "
        "CPU \n"
        "1.3.6.1.9.1.11|2|4\n1.3.6.1.9.2.11|2|8\n1.3.6.1.9.3.11|2|0\n1.3.6.1.9.4.11|2|3300\n"
        "1.3.6.1.9.1.12|2|12\n1.3.6.1.9.4.12|2|1\n"                       // no unit of this type
        "1.3.6.1.9.1.13|2|8\n1.3.6.1.9.4.13|2|7\n1.3.6.1.9.5.13|2|2\n");  // not available
    EXPECT_EQ(sensors_of(found), "CPU 31.500 celsius; Sensor 11 3.3000 volts");
}

TEST(Evaluate, ADeviceWhoseTextsCostTooMuchHasNoMatchesAnyMore) {
    const auto sensors_behind = [](int rows) {
        std::string lines = "1.3.6.1.9.1.9999|2|20\n1.3.6.1.9.2.9999|4|ab\n";
        for (int row = 1; row <= rows; ++row) {
            const std::string index = std::to_string(row);
            lines += "1.3.6.1.9.1." + index + "|2|20\n1.3.6.1.9.2." + index + "|4|" + std::string(4000, 'a') +
                     "\n";
        }
        return found_by(
                   "sensors: [{OID: 1.3.6.1.9.1, unit: celsius, label: '{index}', with: {name: 1.3.6.1.9.2}, "
                   "where: {name: /a*b/}}]\n",
                   lines)
            .sensors.size();
    };
    EXPECT_EQ(sensors_behind(100), 1U);
    EXPECT_EQ(sensors_behind(1000), 0U);
}

TEST(Evaluate, UnitsBecomeBaseUnits) {
    const auto found = found_by(
        "sensors:\n"
        "  - {OID: 1.3.6.1.9.1.0, label: f, unit: fahrenheit, scale: 0.1}\n"
        "  - {OID: 1.3.6.1.9.2.0, label: d, unit: milliwatts_dbm, scale: 0.001}\n"
        "  - {OID: 1.3.6.1.9.3.0, label: t, unit: celsius, extract_value: 'is (-?\\d+)'}\n"
        "  - {OID: 1.3.6.1.9.4.0, label: skipped, unit: celsius, skip: [-255]}\n"
        "  - {OID: 1.3.6.1.9.5.0, label: hot, unit: celsius, below: 1000}\n"
        "  - {OID: 1.3.6.1.9.6.0, label: sum, unit: watts, number: {sum: ['{value}', 1.3.6.1.9.2.0]}}\n",
        "1.3.6.1.9.1.0|2|680\n1.3.6.1.9.2.0|2|100\n1.3.6.1.9.3.0|4|it is -7 C\n1.3.6.1.9.4.0|2|-255\n"
        "1.3.6.1.9.5.0|2|2147483647\n1.3.6.1.9.6.0|66|11\n");
    EXPECT_EQ(sensors_of(found), "f 20.000 celsius; d -10.00 dbm; t -7.000 celsius; sum 111.00 watts");
}

TEST(Evaluate, TypedIndexAndJoinsByIndexAndByValue) {
    const auto found = found_by(
        "links:\n"
        "  - OID: 1.3.6.1.9.1.1\n"
        "    index: [{name: host, as: string}, {name: mac, as: mac}, {name: ip, as: address}, port]\n"
        "    with: {key: {OID: 1.3.6.1.9.2.1, index: '{port}'}}\n"
        "    protocol: '{host} {mac} {ip}'\n"
        "    local_port: {OID: 1.3.6.1.9.3.2, find: 1.3.6.1.9.3.1, equals: '{key}'}\n"
        "    remote_name: '{value}'\n",
        "1.3.6.1.9.1.1.2.97.98.0.1.2.3.4.255.10.0.0.1.7|4|far\n"
        "1.3.6.1.9.1.1.9.97|4|index too short\n"
        "1.3.6.1.9.2.1.7|4|k2\n"
        "1.3.6.1.9.3.1.5|4|k1\n1.3.6.1.9.3.1.6|4|k2\n1.3.6.1.9.3.2.5|4|wrong\n1.3.6.1.9.3.2.6|4|right\n");
    ASSERT_EQ(found.links.size(), 1U);
    EXPECT_EQ(found.links[0].protocol, "ab 00:01:02:03:04:ff 10.0.0.1");
    EXPECT_EQ(found.links[0].local_port, "right");
    EXPECT_EQ(found.links[0].remote_name, "far");
}

TEST(Evaluate, StatesHaveASeverityAndBitsAreTold) {
    const auto found = found_by(
        "states:\n"
        "  - {OID: 1.3.6.1.9.1, label: 'Fan {index}', zh: '风扇{index}', states: {1: ok good, 2: critical "
        "bad}}\n"
        "  - {OID: 1.3.6.1.9.2.0, label: b, bits: {1: critical no paper, 8: warning inputs, 9: ok other}}\n"
        "  - {OID: 1.3.6.1.9.3.0, label: n, bits: {0: warning one, 2: critical four}}\n",
        "1.3.6.1.9.1.1|2|1\n1.3.6.1.9.1.2|2|2\n1.3.6.1.9.1.3|2|9\n1.3.6.1.9.1.4|4|broken\n"
        "1.3.6.1.9.2.0|4x|4080\n1.3.6.1.9.3.0|2|5\n");
    std::string all;
    for (const State& state : found.states)
        all += state.label + "=" + state.text + "/" + state.severity + " ";
    EXPECT_EQ(all,
              "Fan 1=good/ok Fan 2=bad/critical Fan 3=9/unknown b=no paper/critical b=inputs/warning "
              "n=one/warning n=four/critical ");
    EXPECT_EQ(found.states[0].label_zh, "风扇1");
}

TEST(Evaluate, SpacesFollowFromWhatIsThere) {
    const auto found = found_by(
        "memory:\n"
        "  - {OID: 1.3.6.1.9.1, label: a, unit: '1024', total: 1.3.6.1.9.1, free: 1.3.6.1.9.2}\n"
        "  - {OID: 1.3.6.1.9.3.0, label: b, percent: 1.3.6.1.9.3.0}\n"
        "  - {OID: 1.3.6.1.9.4.0, label: c, total: {OID: 1.3.6.1.9.4.0, format: unsigned}, used: '1'}\n"
        "  - {OID: 1.3.6.1.9.3.0, label: not again, percent: '5'}\n"
        "  - {OID: 1.3.6.1.9.1, label: last, percent: '5', last_resort: true}\n",
        "1.3.6.1.9.1.1|2|100\n1.3.6.1.9.2.1|2|25\n1.3.6.1.9.1.2|2|0\n1.3.6.1.9.2.2|2|0\n1.3.6.1.9.3.0|2|40\n"
        "1.3.6.1.9.4.0|2|-2147483648\n");
    ASSERT_EQ(found.memory.size(), 3U);
    EXPECT_EQ(found.memory[0].total_octets, 102400);
    EXPECT_EQ(found.memory[0].used_octets, 76800);
    EXPECT_EQ(found.memory[0].percent, 75);
    EXPECT_EQ(found.memory[1].total_octets, std::nullopt);
    EXPECT_EQ(found.memory[1].percent, 40);
    EXPECT_EQ(found.memory[2].total_octets, 2147483648.0);
}

// Each name has ten others: 10^6 texts, or a text of as many octets.
TEST(Evaluate, NamesThatMultiplyComeToAnEnd) {
    const auto ten = [](const std::string& name) {
        std::string out;
        for (int i = 0; i < 10; ++i) out += "{" + name + "}";
        return "'" + out + "'";
    };
    const auto sensors = [&](const std::string& last) {
        return sensors_of(
            found_by("sensors:\n  - OID: 1.3.6.1.9.1\n    unit: volts\n    label: '{a}!'\n    with:\n"
                     "      a: " +
                         ten("b") + "\n      b: " + ten("c") + "\n      c: " + ten("d") +
                         "\n      d: " + ten("e") + "\n      e: " + ten("f") + "\n      f: " + last + "\n",
                     "1.3.6.1.9.1.10|2|5\n"));
    };
    EXPECT_LT(sensors("x").size(), 1000U);
    EXPECT_LT(sensors(std::string(3000, 'x')).size(), 50'000U);
}

TEST(Evaluate, ASearchFindsTheFirstRowThatHasAValue) {
    const std::string rules =
        "links:\n"
        "  - OID: 1.3.6.1.9.1\n"
        "    protocol: p\n"
        "    local_port: {OID: 1.3.6.1.9.3, find: 1.3.6.1.9.2, equals: '{value}'}\n"
        "    remote_name: {OID: 1.3.6.1.9.3, find: 1.3.6.1.9.2}\n";
    const auto found =
        found_by(rules,
                 "1.3.6.1.9.1.1|4|k2\n1.3.6.1.9.1.2|4|k9\n"
                 "1.3.6.1.9.2.4|4|k1\n1.3.6.1.9.2.5|4|k2\n1.3.6.1.9.2.6|4|k2\n1.3.6.1.9.2.7|4|k2\n"
                 "1.3.6.1.9.3.6|4|six\n1.3.6.1.9.3.7|4|seven\n");
    ASSERT_EQ(found.links.size(), 2U);
    EXPECT_EQ(found.links[0].local_port, "six");
    EXPECT_EQ(found.links[1].local_port, "");
    EXPECT_EQ(found.links[1].remote_name, "six");
}

// 2,000 rows search 2,000: each is not compared with each.
TEST(Evaluate, ManyRowsThatSearchManyAreDoneSoon) {
    std::string lines;
    for (const char* column : {"1", "2", "3"})
        for (int row = 1; row <= 2'000; ++row)
            lines += std::string("1.3.6.1.9.") + column + "." + std::to_string(row) + "|4|k" +
                     std::to_string(row) + "\n";
    const auto found = found_by(
        "links:\n  - OID: 1.3.6.1.9.1\n    protocol: p\n    local_port: l\n"
        "    remote_name: {OID: 1.3.6.1.9.3, find: 1.3.6.1.9.2, equals: '{value}'}\n",
        lines);
    ASSERT_EQ(found.links.size(), 2'000U);
    EXPECT_EQ(found.links.back().remote_name, "k2000");
}

TEST(Evaluate, AllBitsOfANumberAreRead) {
    const auto found = found_by(
        "states:\n  - {OID: 1.3.6.1.9.1, label: b, bits: {0: critical low, 63: critical high, 64: ok no}}\n",
        "1.3.6.1.9.1.1|70|18446744073709551615\n1.3.6.1.9.1.2|70|18446744073709551616\n1.3.6.1.9.1.3|2|-1\n");
    std::string all;
    for (const State& state : found.states) all += state.text + " ";
    EXPECT_EQ(all, "low high none none ");
}

TEST(Choose, AGlobWithManyStarsIsDecidedSoon) {
    const auto found = [](const std::string& glob, const std::string& object_id) {
        const Library library = library_of({{"a.yaml", "pack: a\nmatch: {sys_object_id: '" + glob + "'}\n"}});
        const Recording recording = recording_of("1.3.6.1.2.1.1.2.0|6|" + object_id + "\n");
        return choose_packs(library, recording.values).size() == 1;
    };
    std::string ones = "1.3.6";
    for (int arc = 0; arc < 120; ++arc) ones += ".1";
    EXPECT_FALSE(found("*1*1*1*1*1*1*1*1*1*1*1*1*9", ones));
    EXPECT_TRUE(found("1.3.*1*1*1*1*1*1*1*1*1*1*1*1", ones));
    EXPECT_TRUE(found("1.3.6.*.1.*", "1.3.6.1.4.1.9"));
    EXPECT_TRUE(found("1.3.6.1.4.1.9**", "1.3.6.1.4.1.9"));
    EXPECT_FALSE(found("1.3.6.1.4.1.9.*", "1.3.6.1.4.1.9"));
    EXPECT_FALSE(found("1.3.6.1.4.1.9*8", "1.3.6.1.4.1.9"));
}

TEST(Choose, TheMostSpecificWinsPacksComposeAndExclude) {
    const Library library = library_of({
        {"vendor.yaml",
         "pack: vendor\nmatch: {sys_object_id: 1.3.6.1.4.1.9.*}\nidentity: {vendor: cisco, class: network}\n"
         "sensors: [{OID: 1.3.6.1.9.1.0, label: vendor, unit: volts}, {OID: 1.3.6.1.9.2.0, label: more, "
         "unit: volts}]\n"},
        {"model.yaml",
         "pack: model\nmatch: {sys_object_id: 1.3.6.1.4.1.9.1.5, not_sys_descr: '(?i)virtual'}\n"
         "excludes: [generic]\nidentity: {class: firewall}\n"
         "sensors: [{OID: 1.3.6.1.9.1.0, label: model, unit: volts}]\n"},
        {"generic.yaml",
         "pack: generic\nmatch: {probe: 1.3.6.1.9}\nsensors: [{OID: 1.3.6.1.9.3.0, label: g, unit: "
         "volts}]\n"},
        {"hints.yaml",
         "pack: hints\nmatch: always\nvendors:\n  - {enterprise: 9, vendor: other, class: server}\n"},
    });
    const std::string values =
        "1.3.6.1.9.1.0|2|1\n1.3.6.1.9.2.0|2|2\n1.3.6.1.9.3.0|2|3\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.5\n";
    const auto run = [&](const std::string& description) {
        const Recording recording = recording_of(values + "1.3.6.1.2.1.1.1.0|4|" + description + "\n");
        const auto found = evaluate(choose_packs(library, recording.values), recording.values);
        return found.device.vendor + " " + found.device.kind + ": " + sensors_of(found);
    };
    EXPECT_EQ(run("real"), "cisco firewall: model 1.0000 volts; more 2.0000 volts");
    EXPECT_EQ(run("Virtual"), "cisco network: vendor 1.0000 volts; more 2.0000 volts; g 3.0000 volts");
}

}  // namespace
}  // namespace outstation::pack
