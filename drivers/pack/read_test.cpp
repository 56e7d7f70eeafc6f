// SPDX-License-Identifier: GPL-3.0-or-later
// What a person reads when a pack is wrong, and that nothing of a wrong pack is used.
#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

std::string refusal_of(const std::string& yaml) {
    const Library library = load_packs({{"p.yaml", yaml}});
    if (library.refused.size() != 1 || !library.packs.empty()) return "not refused alone";
    return library.refused.front().text;
}

std::string all_refusals(const Library& library) {
    std::string out;
    for (const Error& error : library.refused) out += error.text + "\n";
    return out;
}

TEST(PackReader, TellsEveryMistakeAtOnceAndRefusesThePackWhole) {
    EXPECT_EQ(refusal_of("pack: p\n"
                         "match: always\n"
                         "sensors:\n"
                         "  - {OID: 1.3.x, label: a, unit: celsius}\n"
                         "  - {OID: 1.3.6.1.4.1.1, label: '{b}', unit: degrees}\n"
                         "  - {OID: 1.3.6.1.4.1.1, unit: volts, skale: 1}\n"
                         "states:\n"
                         "  - {OID: 1.3.6.1.4.1.1, label: c, states: {1: fine}}\n"
                         "identity:\n"
                         "  version: {OID: 1.3.6.1.2.1.1.1.0, extract_value: '(a'}\n"),
              "p.yaml:4:6: 'OID': expected an OID, found '1.3.x'\n"
              "p.yaml:5:26: '{b}' is not a name of this rule\n"
              "p.yaml:5:40: 'degrees' is not a unit\n"
              "p.yaml:6:5: 'label' is missing\n"
              "p.yaml:6:39: unknown key 'skale'\n"
              "p.yaml:8:45: expected 'ok', 'warning', 'critical' or 'unknown', then a text\n"
              "p.yaml:10:37: 'extract_value': a ( is not closed at character 3");
}

TEST(PackReader, APackThatExtendsARefusedOneIsRefusedTooAndOthersStand) {
    const std::map<std::string, std::string> texts = {
        {"bad.yaml", "metrics: 5\n"},
        {"child.yaml", "extends: [bad.yaml]\nsysobjectid: 1.3.6.1.4.1.9.1.1\n"},
        {"missing.yaml", "extends: [none.yaml]\npack: missing\n"},
        {"part.yaml", "extends: [none.yaml]\nsysobjectid: 1.3.6.1.4.1.9.1.2\n"},
        {"a.yaml", "extends: [b.yaml]\n"},
        {"b.yaml", "extends: [a.yaml]\n"},
        {"good.yaml", "pack: good\nmatch: always\n"}};
    const Library library = load_packs(texts);
    ASSERT_EQ(library.packs.size(), 2U);
    EXPECT_EQ(library.packs.front().name, "good");
    EXPECT_EQ(library.notes,
              (std::vector<std::string>{"part.yaml:1:11: 'none.yaml' is not there, the profile "
                                        "is used without it"}));
    const std::string all = all_refusals(library);
    EXPECT_NE(all.find("child.yaml:1:11: 'bad.yaml' is refused itself"), std::string::npos) << all;
    EXPECT_NE(all.find("missing.yaml:1:11: 'none.yaml' is not there"), std::string::npos) << all;
    EXPECT_NE(all.find("b.yaml:1:11: 'a.yaml' extends this file"), std::string::npos) << all;
    EXPECT_EQ(library.refused.size(), 5U);
    const Library cards = load_cards(texts);
    EXPECT_EQ(all_refusals(cards), all);
    EXPECT_EQ(cards.refused_files, library.refused_files);
    EXPECT_EQ(cards.notes, library.notes);
    EXPECT_EQ(cards.packs.size(), 2U);
    EXPECT_EQ(load_pack(texts, "child.yaml", {}), nullptr);
    EXPECT_EQ(load_pack(texts, "none.yaml", {}), nullptr);
}

TEST(PackReader, NamesThatLeadToThemselvesAreRefused) {
    const auto with = [](const std::string& names) {
        return "pack: p\nmatch: always\nsensors:\n  - {OID: 1.3.6.1, label: a, unit: volts, with: {" + names +
               "}}\n";
    };
    EXPECT_EQ(refusal_of(with("a: '{a}'")), "p.yaml:4:50: 'a' leads to itself, or through more than 8 names");
    EXPECT_NE(refusal_of(with("a: '{b}', b: {sum: [1, '{a}']}")).find("'b' leads to itself"),
              std::string::npos);
    std::string chain;
    for (int i = 1; i <= 9; ++i) {
        const Library library = load_packs({{"p.yaml", with(chain + "n" + std::to_string(i) + ": x")}});
        EXPECT_EQ(library.refused.empty(), i < 9) << i;
        chain += "n" + std::to_string(i) + ": '{n" + std::to_string(i + 1) + "}', ";
    }
}

TEST(PackReader, FilesThatMultiplyEachOtherAreRefused) {
    std::map<std::string, std::string> twice;
    std::map<std::string, std::string> chain;
    for (int i = 0; i < 30; ++i) {
        const std::string next = "f" + std::to_string(i + 1) + ".yaml";
        twice["f" + std::to_string(i) + ".yaml"] = "pack: p\nextends: [" + next + ", " + next + "]\n";
    }
    twice["f30.yaml"] = "pack: p\nmatch: always\nsensors: [{OID: 1.3.6.1.9, label: a, unit: volts}]\n";
    EXPECT_NE(all_refusals(load_packs(twice)).find("there are more than 10000 rules, metrics or tags"),
              std::string::npos);
    for (int i = 100; i < 200; ++i)
        chain["f" + std::to_string(i) + ".yaml"] =
            "pack: p\nextends: [f" + std::to_string(i + 1) + ".yaml]\n";
    chain["f200.yaml"] = "pack: p\nmatch: always\n";
    EXPECT_NE(all_refusals(load_packs(chain)).find("more than 32 files extend each other"),
              std::string::npos);
}

// 60^4 mappings in a text of some hundred bytes.
TEST(PackReader, AliasesThatMultiplyAreRefused) {
    std::string sums = "x: &a0 1\n";
    for (int level = 1; level <= 4; ++level) {
        const std::string name = std::to_string(level);
        sums += "x" + name + ": &a" + name + " {sum: [";
        for (int i = 0; i < 60; ++i) sums += (i == 0 ? "*a" : ", *a") + std::to_string(level - 1);
        sums += "]}\n";
    }
    const std::string refusal = refusal_of("pack: p\nmatch: always\n" + sums + "identity: {model: *a4}\n");
    EXPECT_NE(refusal.find("too much is in it, aliases counted"), std::string::npos)
        << refusal.substr(0, 500);
}

TEST(PackReader, TextThatIsNotYamlAndEndlessAliasesAreRefused) {
    EXPECT_NE(refusal_of("a: [").find("p.yaml:"), std::string::npos);
    const char* endless = "pack: p\nmatch: always\nidentity:\n  model: &a {sum: [*a, *a]}\n";
    EXPECT_NE(refusal_of(endless).find("too many sums in sums"), std::string::npos);
    EXPECT_NE(
        refusal_of("pack: p\nmatch: always\nsensors:\n - &a {OID: 1.3.6.1, with: {x: *a}}\n").find("p.yaml:"),
        std::string::npos);
}

}  // namespace
}  // namespace outstation::pack
