// SPDX-License-Identifier: GPL-3.0-or-later
// The packs that are shipped: none is refused, and devices described here, from the standard MIBs alone and
// of a maker, are read as they should. Runs in the root of the source.

#include "drivers/pack/needs.hpp"
#include "drivers/pack/pack_test.hpp"
#include "drivers/pack/words.hpp"

namespace outstation::pack {
namespace {

const Library& shipped() {
    static const auto kLibrary = read_packs({"drivers/packs/snmp"});
    static const Library kNone;
    if (!kLibrary) ADD_FAILURE() << kLibrary.error().text;
    return kLibrary ? *kLibrary : kNone;
}

Findings found_in(const std::string& lines) {
    const Recording recording = recording_of(lines);
    return evaluate(choose_packs(shipped(), recording.values), recording.values);
}

TEST(ShippedPacks, AllAreRight) {
    EXPECT_GE(shipped().packs.size(), 50U);
    for (const Error& error : shipped().refused) ADD_FAILURE() << error.text;
    std::map<std::string, std::string> files;
    for (const Pack& pack : shipped().packs) {
        EXPECT_TRUE(pack.is_native) << pack.file;
        EXPECT_TRUE(files.emplace(pack.name, pack.file).second) << pack.name << " is there twice";
    }
}

TEST(ShippedPacks, AllHaveNamesInBothLanguages) {
    for (const Pack& pack : shipped().packs) {
        EXPECT_FALSE(pack.title.empty()) << pack.file << ": 'name' is missing";
        EXPECT_FALSE(pack.title_zh.empty()) << pack.file << ": 'zh' is missing";
        for (const std::string& label : untranslated(pack))
            ADD_FAILURE() << label << " has no Chinese: add it to words.yaml";
    }
}

TEST(ShippedPacks, CardsAskForTheSameAndLeadToTheSamePacks) {
    const auto read = read_pack_texts("drivers/packs/snmp");
    ASSERT_TRUE(read);
    const auto& texts = read->texts;
    const Library cards = load_cards(texts);
    EXPECT_EQ(probes_of(cards), probes_of(shipped()));
    ASSERT_EQ(cards.packs.size(), shipped().packs.size());
    for (std::size_t at = 0; at < cards.packs.size(); ++at) {
        const Pack& card = cards.packs[at];
        const Pack& pack = shipped().packs[at];
        EXPECT_TRUE(card.rules.empty() && card.identity.empty() && card.vendors.empty()) << card.name;
        const auto whole = load_pack(texts, card.file, cards.words);
        ASSERT_NE(whole, nullptr) << card.file;
        EXPECT_EQ(whole->name, pack.name);
        EXPECT_EQ(whole->rules.size(), pack.rules.size());
        EXPECT_EQ(untranslated(*whole), untranslated(pack));
        const Needs needs = needs_of({{whole.get(), 0, ""}}, Scope::everything);
        const Needs expected = needs_of({{&pack, 0, ""}}, Scope::everything);
        EXPECT_TRUE(needs.values == expected.values && needs.columns == expected.columns) << pack.name;
    }
}

TEST(ShippedPacks, AnUnknownDeviceGivesWhatTheStandardMibsTell) {
    const auto found = found_in(
        "1.3.6.1.2.1.1.1.0|4|Nobody's Switch Software Version "
        "4.2.1b\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.4294967295.1\n"
        "1.3.6.1.2.1.2.2.1.2.7|4|Port 7\n1.3.6.1.2.1.2.2.1.3.7|2|6\n1.3.6.1.2.1.2.2.1.5.7|66|4294967295\n"
        "1.3.6.1.2.1.2.2.1.7.7|2|1\n1.3.6.1.2.1.2.2.1.8.7|2|2\n1.3.6.1.2.1.31.1.1.1.1.7|4|p7\n"
        "1.3.6.1.2.1.31.1.1.1.6.7|70|12345678901\n1.3.6.1.2.1.31.1.1.1.15.7|66|10000\n"
        "1.3.6.1.2.1.47.1.1.1.1.5.1|2|3\n1.3.6.1.2.1.47.1.1.1.1.11.1|4|SN1\n1.3.6.1.2.1.47.1.1.1.1.13.1|4|NB-"
        "48\n"
        "1.3.6.1.2.1.47.1.1.1.1.5.2|2|8\n1.3.6.1.2.1.47.1.1.1.1.7.2|4|Inlet\n"
        "1.3.6.1.2.1.99.1.1.1.1.2|2|8\n1.3.6.1.2.1.99.1.1.1.2.2|2|9\n1.3.6.1.2.1.99.1.1.1.3.2|2|1\n"
        "1.3.6.1.2.1.99.1.1.1.4.2|2|234\n1.3.6.1.2.1.99.1.1.1.5.2|2|1\n"
        "1.3.6.1.2.1.25.3.3.1.2.1|2|17\n1.3.6.1.2.1.25.2.3.1.2.1|6|1.3.6.1.2.1.25.2.1.2\n"
        "1.3.6.1.2.1.25.2.3.1.3.1|4|RAM\n1.3.6.1.2.1.25.2.3.1.4.1|2|1024\n1.3.6.1.2.1.25.2.3.1.5.1|2|2048\n"
        "1.3.6.1.2.1.25.2.3.1.6.1|2|512\n"
        "1.0.8802.1.1.2.1.3.7.1.3.7|4|p7\n1.0.8802.1.1.2.1.4.1.1.7.0.7.1|4|Gi1\n"
        "1.0.8802.1.1.2.1.4.1.1.9.0.7.1|4|core\n");
    EXPECT_EQ(found.device.model, "NB-48");
    EXPECT_EQ(found.device.serial, "SN1");
    EXPECT_EQ(found.device.version, "4.2.1b");
    ASSERT_EQ(found.ports.size(), 1U);
    EXPECT_EQ(found.ports[0].name, "p7");
    EXPECT_EQ(found.ports[0].oper, "down");
    EXPECT_EQ(found.ports[0].speed_bps, 1e10);
    EXPECT_EQ(found.ports[0].in_octets, 12345678901.0);
    ASSERT_EQ(found.sensors.size(), 1U);
    EXPECT_EQ(found.sensors[0].label, "Inlet");
    EXPECT_NEAR(found.sensors[0].value, 23.4, 1e-9);
    ASSERT_EQ(found.processors.size(), 1U);
    EXPECT_EQ(found.processors[0].value, 17);
    ASSERT_EQ(found.memory.size(), 1U);
    EXPECT_EQ(found.memory[0].total_octets, 2097152);
    EXPECT_EQ(found.memory[0].percent, 25);
    ASSERT_EQ(found.links.size(), 1U);
    EXPECT_EQ(found.links[0].local_port, "p7");
    EXPECT_EQ(found.links[0].remote_name, "core");
    EXPECT_EQ(found.inventory.size(), 2U);
}

TEST(ShippedPacks, AMakersPackGoesBeforeTheGeneralOnes) {
    const auto found = found_in(
        "1.3.6.1.2.1.1.1.0|4|APC Web/SNMP Management Card (MB:v4 PF:v7.0 PN:a AF1:v7.1 AN1:b MN:c SN: Z1 "
        "MD:d)\n"
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.27\n1.3.6.1.4.1.318.1.1.1.1.1.1.0|4|Smart-UPS X\n"
        "1.3.6.1.4.1.318.1.1.1.1.2.3.0|4|AS1\n1.3.6.1.4.1.318.1.1.1.2.2.3.0|67|396000\n"
        "1.3.6.1.4.1.318.1.1.1.4.1.1.0|2|3\n1.3.6.1.2.1.33.1.2.5.0|2|547\n");
    EXPECT_EQ(found.device.vendor, "apc");
    EXPECT_EQ(found.device.kind, "power");
    EXPECT_EQ(found.device.model, "Smart-UPS X");
    EXPECT_EQ(found.device.version, "AOS v7.0 / App v7.1");
    EXPECT_EQ(found.device.serial, "AS1");
    ASSERT_EQ(found.sensors.size(), 2U);
    EXPECT_NEAR(found.sensors[0].value, 66, 1e-6);
    EXPECT_EQ(found.sensors[0].label_zh, "电池剩余时间");
    EXPECT_NEAR(found.sensors[1].value, 54.7, 1e-9);  // UPS-MIB, beside it
    ASSERT_EQ(found.states.size(), 1U);
    EXPECT_EQ(found.states[0].text, "on battery");
    EXPECT_EQ(found.states[0].severity, "warning");
}

}  // namespace
}  // namespace outstation::pack
