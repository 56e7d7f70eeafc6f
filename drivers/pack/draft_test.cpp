// SPDX-License-Identifier: GPL-3.0-or-later
// Drafts: they load, they match their device, and they show what no pack reads.
#include "drivers/pack/draft.hpp"

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

constexpr const char* kUnknown =
    "1.3.6.1.2.1.1.1.0|4|A box\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7\n"
    "1.3.6.1.4.1.99999.3.0|66|40\n"
    "1.3.6.1.4.1.99999.4.2.1.1.1|4|Fan: 1 # '\"\n"
    "1.3.6.1.4.1.99999.4.2.1.1.2|4x|0a00ff\n"
    "1.3.6.1.4.1.99999.4.2.1.2.1|2|2301\n"
    "1.3.6.1.4.1.99999.4.2.1.2.2|2|2299\n";

TEST(Draft, LoadsAndMatchesItsDevice) {
    const Recording recording = recording_of(kUnknown);
    Device device;
    device.vendor = "o'acme: {x";
    device.kind = "power";
    const std::string yaml = draft_pack(recording.values, {}, device);
    const Library library = library_of({{"draft.yaml", yaml}});
    const auto choices = choose_packs(library, recording.values);
    ASSERT_EQ(choices.size(), 1U) << yaml;
    const Findings found = evaluate(choices, recording.values);
    EXPECT_EQ(found.device.vendor, "oacme: x");
    EXPECT_EQ(found.device.kind, "power");
    EXPECT_TRUE(found.sensors.empty()) << "what is not certain is left out";
}

TEST(Draft, ShowsWhatNoPackReads) {
    const Recording recording = recording_of(kUnknown);
    const std::string yaml = draft_pack(recording.values, {}, {});
    EXPECT_NE(yaml.find("#   - {OID: 1.3.6.1.4.1.99999.3.0, label: ?, unit: ?}  # Gauge32: 40\n"),
              std::string::npos)
        << yaml;
    EXPECT_NE(
        yaml.find(
            "#   - {OID: 1.3.6.1.4.1.99999.4.2.1.2, label: ?, unit: ?}  # 2 rows, INTEGER: 2301, 2299\n"),
        std::string::npos)
        << yaml;
    const Library library = library_of(
        {{"a.yaml",
          "pack: a\nmatch: always\nsensors: [{OID: 1.3.6.1.4.1.99999.4.2.1.2, label: a, unit: rpm}]\n"}});
    const std::string rest = draft_pack(recording.values, choose_packs(library, recording.values), {});
    EXPECT_EQ(rest.find("99999.4.2.1.2,"), std::string::npos) << rest;
    EXPECT_NE(rest.find("99999.3.0"), std::string::npos) << rest;
}

TEST(Draft, ADeviceThatSaysNothingHasOneToo) {
    const Recording recording = recording_of("1.3.6.1.2.1.1.1.0|4|A box\n");
    const std::string yaml = draft_pack(recording.values, {}, {});
    EXPECT_TRUE(choose_packs(library_of({{"draft.yaml", yaml}}), recording.values).empty()) << yaml;
}

}  // namespace
}  // namespace outstation::pack
