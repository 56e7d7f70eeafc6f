// SPDX-License-Identifier: GPL-3.0-or-later
// Labels in Chinese: from one dictionary, or from the device itself.
#include "drivers/pack/words.hpp"

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

const Words kWords = {
    {"Fan {}", "风扇 {}"}, {"Outlet {} of PDU {}", "插座 {}，PDU {}"}, {"L2ARC hits", "L2ARC 命中数"}};

TEST(Words, HolesAreNamesAndNumbers) {
    EXPECT_EQ(translated(kWords, "Fan {index}"), "风扇 {index}");
    EXPECT_EQ(translated(kWords, "Fan 12"), "风扇 12");
    EXPECT_EQ(translated(kWords, "Outlet 7 of PDU {index.2}"), "插座 7，PDU {index.2}");
    EXPECT_EQ(translated(kWords, "L2ARC hits"), "L2ARC 命中数");
    EXPECT_EQ(translated(kWords, "Fan"), "");
    EXPECT_EQ(translated(kWords, "Fan {index"), "");
}

const char* const kPack =
    "words: {'Fan {}': '风扇 {}'}\n"
    "sensors:\n"
    "  - {OID: 1.3.1, unit: rpm, label: [1.3.2, 'Fan {index}']}\n"
    "  - {OID: 1.3.3, unit: rpm, label: 'Fan {index}', zh: 特别的}\n";

TEST(Words, ADeviceThatNamesItsPartIsNotTranslated) {
    const auto found = found_by(
        "words: {'Fan {}': '风扇 {}'}\n"
        "sensors: [{OID: 1.3.6.1.4.1.1.1, unit: rpm, label: [1.3.6.1.4.1.1.2, 'Fan {index}']}]\n",
        "1.3.6.1.4.1.1.1.4|2|900\n1.3.6.1.4.1.1.1.5|2|900\n1.3.6.1.4.1.1.2.4|4|left\n");
    ASSERT_EQ(found.sensors.size(), 2U);
    EXPECT_EQ(found.sensors[0].label_zh, "left");
    EXPECT_EQ(found.sensors[1].label_zh, "风扇 5");
}

TEST(Words, WhatHasNoChineseIsNamed) {
    const std::string head = "pack: a\nmatch: always\n";
    const Library named = library_of({{"a.yaml", head + kPack}});
    EXPECT_TRUE(untranslated(named.packs.at(0)).empty());
    const Library bare =
        library_of({{"a.yaml", head + "states: [{OID: 1.3.6.1.4.1.1.1, label: 'Pump {index}', "
                                      "states: {1: ok on}}]\n"}});
    EXPECT_EQ(untranslated(bare.packs.at(0)), std::vector<std::string>{"a.yaml:3:10: 'Pump {index}'"});
}

TEST(Words, OneDictionaryIsForAllPacks) {
    const std::string yaml =
        "pack: b\nmatch: always\nstates: [{OID: 1.3.6.1.4.1.1.1, label: Fan 3, states: {1: ok on}}]\n";
    const Library library =
        library_of({{"b.yaml", yaml}, {"w.yaml", "pack: w\nwords: {'Fan {}': '风扇 {}'}\n"}});
    ASSERT_EQ(library.packs.size(), 1U);
    EXPECT_TRUE(untranslated(library.packs[0]).empty());
}

}  // namespace
}  // namespace outstation::pack
