// SPDX-License-Identifier: GPL-3.0-or-later
// The pack commands over files of our own: exit codes, what they print, what they write.
#include "daemons/ctl/pack_commands.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace outstation::ctl {
namespace {

constexpr const char* kPack =
    "pack: acme\n"
    "match: {sys_object_id: 1.3.6.1.4.1.99999.*}\n"
    "identity: {vendor: acme, class: power, serial: 1.3.6.1.4.1.99999.1.0}\n"
    "sensors: [{OID: 1.3.6.1.4.1.99999.2, label: 'Phase {index}', zh: '相{index}', unit: volts, scale: "
    "0.1}]\n"
    "memory: [{OID: 1.3.6.1.4.1.99999.3.0, label: all, percent: 1.3.6.1.4.1.99999.3.0}]\n";
constexpr const char* kRecording =
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7\n"
    "1.3.6.1.4.1.99999.1.0|4x|53ff\n"  // not UTF-8
    "1.3.6.1.4.1.99999.2.1|2|2301\n"
    "1.3.6.1.4.1.99999.3.0|66|40\n";

class PackCommands : public testing::Test {
  protected:
    PackCommands() {
        std::filesystem::create_directories(path_ + "/packs");
        write("packs/acme.yaml", kPack);
        write("box.snmprec", kRecording);
    }
    ~PackCommands() override { std::filesystem::remove_all(path_); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(path_ + "/" + name) << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(path_ + "/" + name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
    // Runs the command; what it printed is in `printed_`.
    template <typename F>
    int run(F command) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int exit_code = command();
        printed_ = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
        return exit_code;
    }

    char name_[32] = "/tmp/outstation-packs-XXXXXX";
    std::string path_ = mkdtemp(name_);
    std::string printed_;
    Target target_{};
};

TEST_F(PackCommands, CheckTellsEveryMistakeWithItsPlace) {
    EXPECT_EQ(run([&] { return check_packs(target_, {at("packs")}); }), kDone);
    write("packs/bad.yaml", "pack: bad\nmatch: always\nsensors:\n  - {OID: x, label: a, unit: b}\n");
    EXPECT_EQ(run([&] { return check_packs(target_, {at("packs")}); }), kUsage);
    EXPECT_NE(printed_.find("bad.yaml:4:6: 'OID': expected an OID, found 'x'"), std::string::npos)
        << printed_;
    EXPECT_NE(printed_.find("bad.yaml:4:24: 'b' is not a unit"), std::string::npos) << printed_;
    EXPECT_EQ(run([&] { return check_packs(target_, {at("packs/acme.yaml")}); }), kDone);
}

TEST_F(PackCommands, ExplainTellsWhichPackAndWhy) {
    EXPECT_EQ(run([&] { return explain_packs(target_, at("packs"), at("box.snmprec")); }), kDone);
    EXPECT_NE(printed_.find("sysObjectID 1.3.6.1.4.1.99999.*"), std::string::npos) << printed_;
    EXPECT_NE(printed_.find("1 sensors, 1 memory"), std::string::npos) << printed_;
    EXPECT_EQ(run([&] { return explain_packs(target_, at("packs"), at("none.snmprec")); }), kFailed);
}

TEST_F(PackCommands, TryExportsTheFactsOfEachRecordingAndGoesOnAfterABadOne) {
    write("bad.snmprec", "nothing\n");
    TryOptions options{at("packs"), {path_}, "facts", at("out")};
    EXPECT_NE(run([&] { return try_packs(target_, options); }), kDone);
    EXPECT_NE(printed_.find("bad.snmprec"), std::string::npos) << printed_;
    const auto facts = nlohmann::json::parse(read("out/box.json"));
    EXPECT_EQ(facts["device"]["vendor"], "acme");
    EXPECT_EQ(facts["device"]["version"], nullptr);
    EXPECT_EQ(facts["sensors"][0]["oid"], "1.3.6.1.4.1.99999.2.1");
    EXPECT_NEAR(facts["sensors"][0]["value"].get<double>(), 230.1, 1e-9);
    EXPECT_EQ(facts["sensors"][0]["descr_zh"], "相1");
    EXPECT_EQ(facts["memory"][0]["total_octets"], 100);
    EXPECT_EQ(facts["memory"][0]["percent"], 40);
}

TEST_F(PackCommands, TryUsesOnePackWhenItIsNamed) {
    EXPECT_EQ(run([&] {
                  return try_packs(target_, {"", {at("packs/acme.yaml"), at("box.snmprec")}, "", ""});
              }),
              kDone);
    EXPECT_NE(printed_.find("Phase 1"), std::string::npos) << printed_;
    EXPECT_EQ(run([&] { return try_packs(target_, {at("none"), {at("box.snmprec")}, "", ""}); }), kFailed);
}

// CSI in one character, a line feed, a right-to-left override.
TEST_F(PackCommands, WhatADeviceSaysDoesNotSteerTheTerminal) {
    write("packs/acme.yaml",
          "pack: acme\nmatch: always\nidentity: {vendor: 1.3.6.1.4.1.99999.4.1}\n"
          "sensors: [{OID: 1.3.6.1.4.1.99999.2, label: 1.3.6.1.4.1.99999.4, unit: volts}]\n");
    write("box.snmprec", std::string(kRecording) + "1.3.6.1.4.1.99999.4.1|4x|50c29b33316d58e280ae59\n");
    EXPECT_EQ(run([&] { return try_packs(target_, {at("packs"), {at("box.snmprec")}, "", ""}); }), kDone);
    EXPECT_NE(printed_.find("P\\xc2\\x9b31mX\\xe2\\x80\\xaeY"), std::string::npos) << printed_;
    for (const char* control : {"\xc2\x9b", "\xe2\x80\xae"})
        EXPECT_EQ(printed_.find(control), std::string::npos) << printed_;
}

TEST_F(PackCommands, ImportWritesPacksThatLoadAndTellsTheRest) {
    write("snmp.yml",
          "modules:\n  acme:\n    walk: [1.3.6.1.4.1.99999]\n    metrics:\n"
          "    - {name: phase, oid: 1.3.6.1.4.1.99999.2, type: gauge, scale: 0.1, indexes: [{labelname: n, "
          "type: gauge}]}\n"
          "    - {name: odd, oid: 1.3.6.1.4.1.99999.9, type: ParseDateAndTime}\n");
    EXPECT_EQ(run([&] {
                  return import_packs(target_, {"snmp_exporter", {at("snmp.yml")}, at("out")});
              }),
              kDone);
    EXPECT_NE(printed_.find("not taken  acme: odd: "), std::string::npos) << printed_;
    EXPECT_NE(printed_.find("1 packs; 1 items taken, 0 of them changed; 1 not taken"), std::string::npos)
        << printed_;
    EXPECT_EQ(run([&] { return check_packs(target_, {at("out")}); }), kDone);
    Target json_target = target_;
    json_target.json = true;
    EXPECT_EQ(run([&] { return try_packs(json_target, {at("out"), {at("box.snmprec")}, "", ""}); }), kDone);
    const auto facts = nlohmann::json::parse(printed_);
    ASSERT_EQ(facts["series"].size(), 1U);
    EXPECT_EQ(facts["series"][0]["name"], "snmp_phase");
    EXPECT_EQ(facts["series"][0]["labels"]["n"], "1");
    EXPECT_NEAR(facts["series"][0]["value"].get<double>(), 230.1, 1e-9);
    EXPECT_EQ(run([&] {
                  return import_packs(target_, {"snmp_exporter", {at("none.yml")}, at("out")});
              }),
              kFailed);
}

}  // namespace
}  // namespace outstation::ctl
