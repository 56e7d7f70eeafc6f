// SPDX-License-Identifier: GPL-3.0-or-later
// Redaction: nothing that must not be handed on is left, in values or in OIDs; what packs find is the same.
// Runs in the root of the source.
#include "drivers/pack/redact.hpp"

#include <set>

#include "drivers/pack/pack_test.hpp"
#include "drivers/pack/recording.hpp"
#include "drivers/pack/redact_words.hpp"
#include "drivers/pack/stand_ins.hpp"

namespace outstation::pack {
namespace {

std::string redacted(const std::string& lines, const Known& known = {}) {
    return recording_text(redact(recording_of(lines).values, known).values);
}
std::string value_at(const std::string& text, const std::string& oid) {
    const std::size_t at = text.find(oid + "|");
    if (at == std::string::npos) return "none";
    return text.substr(at + oid.size() + 1, text.find('\n', at) - at - oid.size() - 1);
}

// Each canary in every place where it could hide.
constexpr const char* kRoom =
    "1.3.6.1.2.1.1.1.0|4|Acme OS Version 10.2.0.1, canary-sw01 built by someone@canary-mail.example SN: "
    "CANARYSN77\n"
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7\n"
    "1.3.6.1.2.1.1.4.0|4|Canary Contact\n"
    "1.3.6.1.2.1.1.5.0|4|canary-sw01.canary-bank.example\n"
    "1.3.6.1.2.1.1.6.0|4x|e59091e697a5e891b5\n"
    "1.3.6.1.2.1.2.2.1.2.1|4|Gi0/1\n"
    "1.3.6.1.2.1.2.2.1.6.1|4x|001122c0ffee\n"
    "1.3.6.1.2.1.31.1.1.1.18.1|4|to CANARYLINK\n"
    "1.3.6.1.2.1.4.20.1.1.10.77.1.5|64|10.77.1.5\n"
    "1.3.6.1.2.1.4.20.1.3.10.77.1.5|64|255.255.255.0\n"
    "1.3.6.1.2.1.4.35.1.4.3.1.4.203.0.113.77|4x|001122c0ffee\n"
    "1.3.6.1.2.1.4.34.1.3.2.16.32.1.5.6.0.0.0.0.0.0.0.0.0.0.202.254|2|1\n"
    "1.3.6.1.2.1.17.4.3.1.1.0.17.34.222.173.190|4x|001122deadbe\n"
    "1.3.6.1.2.1.17.4.3.1.2.0.17.34.222.173.190|2|4\n"
    "1.3.6.1.2.1.17.2.5.0|4x|8000001122c0ffee\n"
    "1.3.6.1.2.1.25.4.2.1.5.9|4|--password CANARYPARAM\n"
    "1.3.6.1.2.1.47.1.1.1.1.11.1|4|CANARYSN77\n"
    "1.3.6.1.2.1.47.1.1.1.1.13.1|4|ACME9000X24P1234\n"
    "1.3.6.1.4.1.99999.1.1.0|4|peer 10.77.1.5 mac 00:11:22:C0:FF:EE v6 2001:506::cafe host canary-sw01\n"
    "1.3.6.1.4.1.99999.1.2.0|4|0011.22de.adbe\n"
    "1.3.6.1.4.1.99999.1.3.0|4|user=canaryuser ssid: CanaryNet key in D:\\Users\\canaryhome\\x\n"
    "1.3.6.1.4.1.99999.1.4.0|4|210235CANARY5501\n"
    "1.3.6.1.4.1.99999.1.5.0|4|ACME9000X24P1234\n"
    "1.3.6.1.4.1.99999.1.6.0|4|xx_canary-community_yy\n"
    "1.3.6.1.4.1.99999.1.7.0|6|1.3.6.1.2.1.4.20.1.1.10.77.1.5\n"
    "1.3.6.1.4.1.99999.1.8.1|4|IP:192.168.1.10 MAC:00:11:22:33:44:55\n"
    "1.3.6.1.4.1.99999.1.8.2|4|udp:10.1.1.5:162\n"
    "1.3.6.1.4.1.99999.1.8.3|4|https://192.168.0.120:443\n"
    "1.3.6.1.4.1.99999.1.8.4|4|10.1.1.1-10.1.1.9\n"
    "1.3.6.1.4.1.99999.1.8.5|4|syslog server 10.20.30.40\n"
    "1.3.6.1.4.1.99999.1.8.6|4|default via 10.0.0.1 dev vlan7 10.0.0.2, vpn 10.0.0.3\n"
    "1.3.6.1.4.1.99999.1.8.7|4|IP:10.77.1.5 10.77.1.5:161 a-10.77.1.5-b 10.77.1.5.161 v10.77.1.5\n"
    "1.3.6.1.4.1.99999.1.8.8|4|eth0:00:11:22:C0:FF:EE-x 80:00:86:9f:03:00:11:22:c0:ff:ee mac=001122c0ffee/1\n"
    "1.3.6.1.4.1.99999.1.8.9|4|IPv6:2001:506::cafe [2001:506::cafe]:443 2001:506::cafe-2001:506::caff\n"
    "1.3.6.1.4.1.99999.1.8.10|4|firmware server 10.20.30.41 software from ftp://10.20.30.42/x "
    "192.168.001.011\n"
    "1.3.6.1.4.1.99999.1.8.11|4x|00ff63616e6172792d636f6d6d756e69747900\n"
    "1.3.6.1.4.1.99999.2.1.3.10.99.97.110.97.114.121.117.115.101.114|2|7\n"
    "1.3.6.1.4.1.99999.2.1.4.192.168.77.9|2|8\n"
    "1.3.6.1.6.3.10.2.1.1.0|4x|8001869f03001122c0ffee\n"
    "1.3.6.1.6.3.15.1.2.2.1.3.1.97.10.99.97.110.97.114.121.117.115.101.114|4|canaryuser\n"
    "1.3.6.1.6.3.18.1.1.1.2.1.97|4|canary-community\n";

TEST(Redact, NoCanarySurvives) {
    const std::string text = redacted(kRoom, {{"canary-community"}, {}});
    const auto contains = [&text](const std::string& what) {
        return lower(text).find(lower(what)) != std::string::npos;
    };
    EXPECT_FALSE(contains("canary")) << text;
    for (const char* gone : {"e59091e697a5e891b5",
                             "c0ffee",
                             "c0:ff:ee",
                             "10.77.1.5",
                             "203.0.113.77",
                             "cafe",
                             "202.254",
                             "222.173.190",
                             "deadbe",
                             "dead.be",
                             "de.adbe",
                             "99.97.110.97.114.121",
                             "192.168.77.9",
                             "1.3.6.1.6.3.15",
                             "1.3.6.1.6.3.18",
                             "CanaryNet",
                             "192.168",
                             "33:44:55",
                             "10.1.1.",
                             "10.20.30.",
                             "10.0.0.",
                             "10.77.1",
                             "caff",
                             "63616e617279"})
        EXPECT_FALSE(contains(gone)) << gone << " in\n" << text;
}

TEST(Redact, WhatADeviceIsStays) {
    const std::string text = redacted(kRoom, {{"canary-community"}, {}});
    EXPECT_NE(value_at(text, "1.3.6.1.2.1.1.1.0").find("Acme OS Version 10.2.0.1, "), std::string::npos)
        << text;
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.1.2.0"), "6|1.3.6.1.4.1.99999.7");
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.2.2.1.2.1"), "4|Gi0/1");
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.47.1.1.1.1.13.1"), "4|ACME9000X24P1234");
    EXPECT_EQ(value_at(text, "1.3.6.1.4.1.99999.1.5.0"), "4|ACME9000X24P1234") << "it is a model";
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.2.2.1.6.1").substr(0, 9), "4x|001122")
        << "the maker of the address";
    EXPECT_NE(text.find("64|255.255.255.0\n"), std::string::npos) << "a mask says nothing";
}

TEST(Redact, TheSameHasTheSameStandInInValuesAndInOids) {
    const std::string text = redacted(kRoom, {{"canary-community"}, {}});
    const std::string address = value_at(text, "1.3.6.1.4.1.99999.1.7.0").substr(2 + 21);
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.4.20.1.1." + address), "64|" + address) << text;
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.4.20.1.3." + address), "64|255.255.255.0");
    EXPECT_NE(value_at(text, "1.3.6.1.4.1.99999.1.1.0").find("peer " + address + " mac 00:11:22:"),
              std::string::npos);
    const std::string mac = value_at(text, "1.3.6.1.2.1.2.2.1.6.1").substr(3);
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.17.2.5.0"), "4x|8000" + mac);
    const std::string serial = value_at(text, "1.3.6.1.2.1.47.1.1.1.1.11.1").substr(2);
    EXPECT_EQ(serial.size(), std::string("CANARYSN77").size());
    EXPECT_NE(value_at(text, "1.3.6.1.2.1.1.1.0").find("SN: " + serial), std::string::npos) << text;
    EXPECT_EQ(text, redacted(kRoom, {{"canary-community"}, {}})) << "it depends on nothing else";
}

TEST(Redact, WhatPacksFoundToBeASerialNumberGoes) {
    Known known;
    known.findings.device.serial = "ab-12-cd";
    known.findings.device.model = "ZX99001234567";
    const std::string text = redacted(
        "1.3.6.1.4.1.99999.1.1.0|4|unit AB-12-CD\n1.3.6.1.4.1.99999.1.2.0|4|ZX99001234567\n"
        "1.3.6.1.4.1.99999.1.3.0|4|ZX99001234568\n",
        known);
    EXPECT_EQ(text.find("AB-12-CD"), std::string::npos) << text;
    EXPECT_NE(text.find("ZX99001234567"), std::string::npos) << text;
    EXPECT_EQ(text.find("ZX99001234568"), std::string::npos) << text;
}

// What a text of a device has around an address, or in place of one: nothing else of it is known.
TEST(Redact, AddressesInTextsGoAndVersionsStay) {
    const auto is_kept = [](const std::string& text) {
        return value_at(redacted("1.3.6.1.4.1.99999.1.1.0|4|" + text + "\n"), "1.3.6.1.4.1.99999.1.1.0") ==
               "4|" + text;
    };
    for (const char* gone : {"IP:10.20.30.40",
                             "(10.20.30.40)",
                             "10.20.30.40.",
                             "10.20.30.40/24",
                             "eth0=10.20.30.40;",
                             "10.20.30.40-10.20.30.50",
                             "IP10.20.30.40",
                             "http://8.1.1.1/",
                             "server 10.20.30.40",
                             "via 10.20.30.40",
                             "vlan 10.20.30.40",
                             "firmware server 10.20.30.40",
                             "over 10.20.30.40",
                             "192.168.1.10.161",
                             "version 192.168.1.10",
                             "010.020.030.040",
                             "\xe5\x9d\x80"
                             "10.20.30.40",
                             "prom 10.20.30.40",
                             "MAC:00:11:22:33:44:55",
                             "mac00-11-22-33-44-55",
                             "00:11:22:33:44:55:443",
                             "x-00:11:22:33:44:55/1",
                             "hw=0011.2233.4455",
                             "0:1a:2b:3c:4d:5e:",
                             "[2001:506::1]:443",
                             "IP:2001:506::1",
                             "2001:506:0:0:0:0:0:1:443",
                             "2001:506::1-2001:506::2"})
        EXPECT_FALSE(is_kept(gone)) << gone;
    for (const char* kept : {"Version 10.2.0.1",
                             "version: 10.2.0.1-b020",
                             "V10.2.0.1",
                             "Rev.10.2.0.1",
                             "ver10.2.0.1",
                             "software_10.2.0.1",
                             "Release (fc4) 10.2.0.1",
                             "10.2.0.1b2",
                             "V200R019C10.2.0.1",
                             "2.2.3.0",
                             "10.2.0",
                             "10.2.0.1.5",
                             "1.3.6.1.4.1.2011.10.2",
                             "300.20.30.40",
                             "10.20.30.400",
                             "12:30:45",
                             "2026-11-23 00:11:49",
                             "slot 1:2:3:4:5:6",
                             "a:b",
                             "std::cout",
                             "255.255.255.000",
                             "127.0.0.1",
                             "80:00:1f:88:03:00:11:22:33:44:55",
                             "x 123e4567-e89b-12d3-a456-4266"})
        EXPECT_TRUE(is_kept(kept)) << kept << " is "
                                   << redacted("1.3.6.1.4.1.99999.1.1.0|4|" + std::string(kept) + "\n");
}

// As the fuzzer plants them: whatever is around, and in octets that are no text.
TEST(Redact, ASecretGoesFromAnyPlace) {
    for (const std::string& around :
         {std::string(), std::string("10.1.1.5 00:11:22:33:44:55"), std::string("a.b@c"),
          std::string("\x00\xff\x01", 3), std::string("\xe6\x9c\xba")}) {
        for (std::size_t at = 0; at <= around.size(); ++at) {
            ValueTable values;
            values.set({1, 3, 6, 1, 4, 1, 99999, 1, 1, 0},
                       {Type::octets, std::string(around).insert(at, "zq-secret")});
            values.set({1, 3, 6, 1, 4, 1, 99999, 1, 2, 0}, {Type::address, "zq-secret"});
            values.set({1, 3, 6, 1, 4, 1, 99999, 1, 3, 0}, {Type::object_id, "zq-secret"});
            const ValueTable out = redact(values, {{"zq", "zq-", "zq-secret"}, {}}).values;
            for (const auto* entry = out.next({}); entry != nullptr; entry = out.next(entry->first))
                EXPECT_EQ(entry->second.text.find("secret"), std::string::npos) << entry->second.text;
        }
    }
}

// As the fuzzer plants them: in the middle of every text of the room, whatever it is.
TEST(Redact, WhatIsPutIntoAnyTextGoes) {
    const ValueTable room = recording_of(kRoom).values;
    for (const char* planted : {"secret", "<10.77.1.5:", "x10.77.1.5-", "=00:11:22:C0:FF:EE:",
                                "[001122deadbe", " 0011-22de-adbe", "=00 11 22 c0 ff ee", "(10.77.1.5.161"}) {
        for (std::size_t part = 0; part <= 4; ++part) {
            ValueTable values = room;
            for (const auto* entry = room.next({}); entry != nullptr; entry = room.next(entry->first)) {
                Value value = entry->second;
                if (value.type != Type::octets || !is_text(value.text)) continue;
                value.text.insert(value.text.size() * part / 4, planted);
                values.set(entry->first, value);
            }
            // What they are known by.
            values.set({1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 1, 0, 17, 34, 222, 173, 190},
                       {Type::octets, std::string("\x00\x11\x22\xde\xad\xbe", 6)});
            const ValueTable out = redact(values, {{"secret"}, {}}).values;
            for (const auto* entry = out.next({}); entry != nullptr; entry = out.next(entry->first))
                EXPECT_TRUE((!is_text(entry->second.text) && std::string(planted) != "secret") ||
                            entry->second.text.find(planted) == std::string::npos)
                    << planted << " in " << format_oid(entry->first) << ": " << entry->second.text;
        }
    }
}

// Of recordings of real devices: what was taken for something else.
TEST(Redact, VersionsPlacesAndPartsAreNoAddressesAndNoSecrets) {
    Known known;
    known.findings.device.version = "v10.7.1.0_B020";
    const char* lines =
        "1.3.6.1.2.1.2.2.1.2.1|4|eth0\n"
        "1.3.6.1.2.1.31.1.1.1.1.1|4|eth0\n"
        "1.3.6.1.4.1.99999.1.1.0|4|10.7.1.0\n"
        "1.3.6.1.4.1.99999.1.2.0|4|2.2.3.0\n"
        "1.3.6.1.4.1.99999.1.3.1.1.8.67.80.85.70.97.110.48.83|2|4000\n"
        "1.3.6.1.4.1.99999.1.4.9.49.51.52.50.49.55.55.50.56|4|134217728\n"
        "1.3.6.1.4.1.99999.7.70.1.10.11.1.4.10|2|1\n";
    EXPECT_EQ(redacted(lines, known), lines);
    const std::string text = redacted(std::string(lines) + "1.3.6.1.2.1.31.1.1.1.18.1|4|eth0\n", known);
    EXPECT_NE(value_at(text, "1.3.6.1.2.1.31.1.1.1.18.1"), "4|eth0");
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.31.1.1.1.1.1"), "4|eth0");
    const std::string rittal = redacted("1.3.6.1.2.1.1.1.0|4|PDU SN 34260505 HW Rev.0404\n");
    EXPECT_EQ(rittal.find("34260505"), std::string::npos) << rittal;
    EXPECT_NE(rittal.find("PDU SN "), std::string::npos) << rittal;
    EXPECT_EQ(redacted("1.3.6.1.4.1.99999.1.5.0|4|d750fa7701c9617fe72f583a7f7a1407\n").find("d750"),
              std::string::npos);
}

TEST(Redact, ADeviceThatIsCalledAsItsMakerIsKnownByItAllTheSame) {
    const std::string text =
        redacted("1.3.6.1.2.1.1.1.0|4|HUAWEI S5735 switch\n1.3.6.1.2.1.1.5.0|4|HUAWEI\n");
    EXPECT_EQ(value_at(text, "1.3.6.1.2.1.1.1.0"), "4|HUAWEI S5735 switch");
    EXPECT_NE(value_at(text, "1.3.6.1.2.1.1.5.0"), "4|HUAWEI");
}

// A recording of the tests, as packs see it before and after.
TEST(Redact, PacksFindTheSameInARedactedRecording) {
    const auto library = read_packs({"drivers/packs/snmp"});
    ASSERT_TRUE(library);
    for (const char* name : {"switch", "ups"}) {
        const auto read = read_recording(std::string("tests/integration/recordings/") + name + ".snmprec");
        ASSERT_TRUE(read) << name;
        const Findings before = evaluate(choose_packs(*library, read->values), read->values);
        const auto copy = parse_recording(recording_text(redact(read->values, {{}, before}).values));
        ASSERT_TRUE(copy);
        const Findings after = evaluate(choose_packs(*library, copy->values), copy->values);
        EXPECT_EQ(after.device.vendor, before.device.vendor);
        EXPECT_EQ(after.device.kind, before.device.kind);
        EXPECT_EQ(after.device.model, before.device.model);
        EXPECT_EQ(after.device.version, before.device.version);
        EXPECT_NE(after.device.serial, before.device.serial);
        EXPECT_NE(after.device.name, before.device.name);
        ASSERT_EQ(after.sensors.size(), before.sensors.size());
        for (std::size_t at = 0; at < after.sensors.size(); ++at) {
            EXPECT_EQ(after.sensors[at].oid, before.sensors[at].oid);
            EXPECT_EQ(after.sensors[at].label, before.sensors[at].label);
            EXPECT_EQ(after.sensors[at].value, before.sensors[at].value);
        }
        EXPECT_EQ(after.states.size(), before.states.size());
    }
}

TEST(Redact, HardwareAddressesAreReadInEveryForm) {
    const std::string octets("\x00\x1a\x2b\x3c\x4d\x5e", 6);
    for (const char* form :
         {"00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e", "001a-2b3c-4d5e", "001a2b3c4d5e"}) {
        EXPECT_EQ(parse_mac(form), octets) << form;
        EXPECT_EQ(format_mac_like(octets, form), form);
    }
    EXPECT_EQ(parse_mac("0:1a:2b:3c:4d:5e"), octets);
    for (const char* none : {"", "12:30:45", "00:1a:2b:3c:4d:5g", "001a2b3c4d5", "::::::", "1.2.3"})
        EXPECT_TRUE(parse_mac(none).empty()) << none;
}

TEST(Redact, ManyValuesHaveStandInsOfTheirOwn) {
    StandIns all;
    std::set<std::string> seen;
    for (std::uint32_t n = 0; n < 200'000; ++n) {
        std::string octets;
        for (int shift = 24; shift >= 0; shift -= 8)
            octets += static_cast<char>(((0x0a000000U + n) >> shift) & 0xff);
        seen.insert(all.ipv4(octets));
    }
    EXPECT_EQ(seen.size(), 200'000U);
    EXPECT_EQ(all.text("a-B 9\xe6\x9c\xba").size(), 8U);
}

}  // namespace
}  // namespace outstation::pack
