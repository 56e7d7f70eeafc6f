// SPDX-License-Identifier: GPL-3.0-or-later
// Who made a device: what goes before what.

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

const char* const kVendors =
    "vendors:\n"
    "  - {enterprise: 9, vendor: cisco, class: network, shared: true}\n"
    "  - {enterprise: 318, vendor: apc, class: power}\n"
    "  - {enterprise: 674, sys_descr: '(?i)ups', vendor: dell-ups, class: power}\n"
    "  - {enterprise: 674, vendor: dell, class: server}\n"
    "  - {sys_descr: Windows, vendor: windows, class: server}\n"
    "  - {sys_descr: Linux, vendor: linux, class: server, last_resort: true}\n";

std::string system_of(const std::string& description, const std::string& object_id) {
    return "1.3.6.1.2.1.1.1.0|4|" + description + "\n1.3.6.1.2.1.1.2.0|6|" + object_id + "\n";
}

Device device_of(const std::string& yaml, const std::string& lines) {
    return found_by(yaml, lines).device;
}

TEST(Identify, TheNumberOfSysObjectIdSaysTheMaker) {
    const auto device = device_of(kVendors, system_of("Linux x", "1.3.6.1.4.1.318.1"));
    EXPECT_EQ(device.vendor, "apc");
    EXPECT_EQ(device.kind, "power");
}

TEST(Identify, ObjectsThatAreAnsweredSayTheMakerWhenTheNumberDoesNot) {
    const std::string linux = system_of("Linux x", "1.3.6.1.4.1.8072.3.2.10");
    EXPECT_EQ(device_of(kVendors, linux).vendor, "linux");
    const auto device = device_of(kVendors, linux + "1.3.6.1.4.1.9.9.23.1|2|1\n1.3.6.1.4.1.674.1|2|1\n");
    EXPECT_EQ(device.vendor, "dell");  // 9 is answered by others, too; and a line with words needs them
    EXPECT_EQ(device.kind, "server");
    const auto windows = system_of("Windows NT", "1.3.6.1.4.1.311.1") + "1.3.6.1.4.1.318.1|2|1\n";
    EXPECT_EQ(device_of(kVendors, windows).vendor, "windows");
}

TEST(Identify, NoSysObjectIdAtAll) {
    EXPECT_EQ(device_of(kVendors, "1.3.6.1.4.1.318.1.1|2|1\n").vendor, "apc");
    EXPECT_EQ(device_of(kVendors, "1.3.6.1.4.1.4294967295.1|2|1\n").vendor, "");
}

TEST(Identify, FallbackComesAfterNumbersAndBeforeLastResorts) {
    const std::string yaml = std::string(kVendors) +
                             "fallback:\n  vendor: 1.3.6.1.4.1.9999.1.0\n  class: {OID: 1.3.6.1.2.1.1.7.0, "
                             "map: {6: network}}\n";
    const std::string more = "1.3.6.1.4.1.9999.1.0|4|Nobody Inc\n1.3.6.1.2.1.1.7.0|2|6\n";
    const auto unknown = device_of(yaml, system_of("Linux x", "1.3.6.1.4.1.9999.7") + more);
    EXPECT_EQ(unknown.vendor, "Nobody Inc");
    EXPECT_EQ(unknown.kind, "network");
    EXPECT_EQ(device_of(yaml, system_of("Linux x", "1.3.6.1.4.1.318.7") + more).vendor, "apc");
    EXPECT_EQ(device_of(yaml, system_of("Linux x", "1.3.6.1.4.1.9999.7")).vendor, "linux");
}

TEST(Identify, AnIdentityGoesBeforeAll) {
    const std::string yaml = std::string(kVendors) + "identity: {vendor: acme}\nfallback: {vendor: nobody}\n";
    const auto device = device_of(yaml, system_of("x", "1.3.6.1.4.1.318.7"));
    EXPECT_EQ(device.vendor, "acme");
    EXPECT_EQ(device.kind, "power");
}

}  // namespace
}  // namespace outstation::pack
