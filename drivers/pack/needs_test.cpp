// SPDX-License-Identifier: GPL-3.0-or-later
// What is said to be needed is enough: a device of which nothing else is known gives the same findings.
#include "drivers/pack/needs.hpp"

#include <filesystem>

#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

// The values of `all` that a poller with these needs has read.
ValueTable read_of(const ValueTable& all, const Needs& needs) {
    ValueTable out;
    for (const Oid& oid : needs.values)
        if (const Value* value = all.find(oid)) out.set(oid, *value);
    for (const Oid& column : needs.columns) {
        for (auto* entry = all.next(column); entry != nullptr && is_under(entry->first, column);
             entry = all.next(entry->first))
            out.set(entry->first, entry->second);
    }
    for (std::uint32_t arc = 1; arc <= 6; ++arc) {
        const Oid oid = {1, 3, 6, 1, 2, 1, 1, arc, 0};  // every poller reads the system group
        if (const Value* value = all.find(oid)) out.set(oid, *value);
    }
    return out;
}

template <typename Part>
std::vector<std::string> lines_of(const std::vector<Part>& parts) {
    std::vector<std::string> out;
    for (const Part& part : parts) out.push_back(format_oid(part.oid) + " " + part.label);
    return out;
}

void expect_same(const Library& library, const ValueTable& all, const std::string& name) {
    const auto choices = choose_packs(library, all);
    const Findings whole = evaluate(choices, all);
    const Findings full = evaluate(choices, read_of(all, needs_of(choices, Scope::everything)));
    EXPECT_EQ(full.device.model, whole.device.model) << name;
    EXPECT_EQ(full.device.version, whole.device.version) << name;
    EXPECT_EQ(full.device.serial, whole.device.serial) << name;
    EXPECT_EQ(full.inventory.size(), whole.inventory.size()) << name;
    EXPECT_EQ(full.links.size(), whole.links.size()) << name;
    EXPECT_EQ(full.ports.size(), whole.ports.size()) << name;
    const Findings measured = evaluate(choices, read_of(all, needs_of(choices, Scope::measured)));
    for (const Findings* found : {&full, &measured}) {
        EXPECT_EQ(lines_of(found->sensors), lines_of(whole.sensors)) << name;
        EXPECT_EQ(lines_of(found->states), lines_of(whole.states)) << name;
        EXPECT_EQ(lines_of(found->processors), lines_of(whole.processors)) << name;
        EXPECT_EQ(lines_of(found->memory), lines_of(whole.memory)) << name;
        EXPECT_EQ(lines_of(found->storage), lines_of(whole.storage)) << name;
        EXPECT_EQ(found->metrics.size(), whole.metrics.size()) << name;
    }
}

TEST(Needs, NeighboursAreApart) {
    const Library library =
        library_of({{"a.yaml",
                     "pack: a\nmatch: always\nidentity: {model: 1.3.6.1.9.9.0}\n"
                     "sensors:\n  - {OID: 1.3.6.1.9.1.1.1, unit: volts, label: V}\n"
                     "links:\n  - {OID: 1.3.6.1.9.2.1.1, protocol: lldp, remote_name: x}\n"}});
    const std::vector<Choice> choices{{&library.packs[0], 0, ""}};
    const Needs links = needs_of(choices, Scope::links);
    EXPECT_EQ(links.columns, (std::set<Oid>{{1, 3, 6, 1, 9, 2, 1, 1}}));
    EXPECT_TRUE(links.values.empty());
    const Needs rest = needs_of(choices, Scope::all_but_links);
    EXPECT_EQ(rest.columns, (std::set<Oid>{{1, 3, 6, 1, 9, 1, 1, 1}}));
    EXPECT_EQ(rest.values.size(), 1U);
    const Needs all = needs_of(choices, Scope::everything);
    EXPECT_EQ(both(rest, links).columns, all.columns);
    EXPECT_EQ(both(rest, links).values, all.values);
}

TEST(Needs, AreTheOidsOfRulesAndOfWhatTheyLookUp) {
    const Library library =
        load_packs({{"p.yaml",
                     "pack: p\nmatch: {probe: 1.3.6.1.4.1.9.1}\n"
                     "identity: {serial: 1.3.6.1.4.1.9.2.1.1.7}\n"
                     "ports: [{OID: 1.3.6.1.4.1.9.3.1.2, name: a}]\n"
                     "sensors:\n"
                     "  - OID: 1.3.6.1.4.1.9.4.1.5\n"
                     "    unit: celsius\n"
                     "    with: {name: {OID: 1.3.6.1.4.1.9.5.1.1, find: 1.3.6.1.4.1.9.5.1.2, equals: "
                     "\"{index}\"}}\n"
                     "    label: \"{name}\"\n"
                     "    scale: 1.3.6.1.4.1.9.6.0\n"}});
    for (const Error& error : library.refused) ADD_FAILURE() << error.text;
    const Pack* pack = &library.packs.at(0);
    const auto texts = [](const std::set<Oid>& oids) {
        std::string out;
        for (const Oid& oid : oids) out += format_oid(oid).substr(12) + " ";
        return out;
    };
    const Needs all = needs_of({{pack, 0, ""}}, Scope::everything);
    EXPECT_EQ(texts(all.values), "9.2.1.1.7 9.6.0 ");
    EXPECT_EQ(texts(all.columns), "9.3.1.2 9.4.1.5 9.5.1.1 9.5.1.2 ");
    const Needs measured = needs_of({{pack, 0, ""}}, Scope::measured);
    EXPECT_EQ(texts(measured.values), "9.6.0 ");
    EXPECT_EQ(texts(measured.columns), "9.4.1.5 9.5.1.1 9.5.1.2 ");
    EXPECT_EQ(texts(needs_of({{pack, 0, ""}}, Scope::identity).values), "9.2.1.1.7 ");
    EXPECT_EQ(texts(probes_of(library)), "9.1 ");
}

TEST(Needs, AreEnoughForEveryRecordingThatIsThere) {
    const std::filesystem::path folder = "../shared/data/snmp/train";
    std::error_code error;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".snmprec" && entry.file_size() < 400'000)
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty()) GTEST_SKIP() << "skipped: no recordings in " << folder;
    const auto library = read_packs({"drivers/packs/snmp"});
    ASSERT_TRUE(library.has_value());
    for (std::size_t at = 0; at < files.size(); ++at) {
        const auto recording = read_recording(files[at]);
        if (recording) expect_same(*library, recording->values, files[at]);
    }
}

}  // namespace
}  // namespace outstation::pack
