// SPDX-License-Identifier: GPL-3.0-or-later
// What is set in the browser: there over a restart, behind what station.yaml says, and no secret in the file.
#include "daemons/confd/chosen_settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "lib/crypto/private_file.hpp"

namespace outstation::confd {
namespace {

using By = ChosenSettings::By;

class ChosenSettingsTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(dir_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    [[nodiscard]] std::string path() const { return std::string(dir_) + "/setup.yaml"; }

    static StationFile station(const std::string& text = "") {
        auto document = config::Document::parse(text, "station.yaml");
        auto out = read_station(document.root());
        EXPECT_TRUE(document.check());
        return out;
    }
    static CredentialRef community(const std::string& name) {
        wire::Credential given;
        given.name = name;
        given.protocol = "snmp-v2c";
        given.community = "a secret";
        return reference_of(given).value();
    }
    // What a later start makes of the files.
    [[nodiscard]] StationFile later(StationFile file = {}) const {
        ChosenSettings again(path());
        EXPECT_TRUE(again.add_to(file));
        return file;
    }

    char dir_[40] = "/tmp/outstation-chosen-XXXXXX";
};

TEST_F(ChosenSettingsTest, AreThereAfterARestartAndHoldNoSecret) {
    ChosenSettings chosen(path());
    wire::Credential user;
    user.name = "core";
    user.protocol = "snmp-v3";
    user.user = "reader";
    user.auth_protocol = "sha256";
    user.auth_passphrase = "pass phrase one";
    user.priv_protocol = "aes128";
    user.priv_passphrase = "pass phrase two";
    ASSERT_TRUE(chosen.name({"机房 \"1\" \\", {"江澜省", "云渡市"}, ""}, {}));
    ASSERT_TRUE(chosen.put(community("room"), {}));
    ASSERT_TRUE(chosen.put(reference_of(user).value(), {}));
    ASSERT_TRUE(chosen.set({{"10.1.0.0/24", "10.2.0.7"}, {"core", "room"}, 1161}, {}, By::console));
    const StationFile file = later();
    EXPECT_EQ(file.station.name, "机房 \"1\" \\");
    EXPECT_EQ(file.station.site_path, (std::vector<std::string>{"江澜省", "云渡市"}));
    EXPECT_EQ(file.station.origin, wire::Origin::local);
    ASSERT_EQ(file.credentials.size(), 2U);
    EXPECT_EQ(file.credentials[0].community_secret, "browser.room.community");
    EXPECT_EQ(file.credentials[1].user + " " + file.credentials[1].auth_protocol, "reader sha256");
    EXPECT_EQ(file.credentials[1].priv_secret, "browser.core.priv");
    ASSERT_EQ(file.discovery.size(), 1U);
    EXPECT_EQ(file.discovery[0].subnets.size(), 2U);
    EXPECT_EQ(file.discovery[0].port, 1161U);
    EXPECT_FALSE(file.discovery[0].fixed);
    EXPECT_EQ(credentials_in_use(file).size(), 2U);
    const std::string text = crypto::read_small_file(path()).value();
    EXPECT_EQ(text.find("secret two"), std::string::npos);
    EXPECT_EQ(text.find("pass phrase"), std::string::npos) << text;
}

TEST_F(ChosenSettingsTest, StationYamlGoesBefore) {
    ChosenSettings chosen(path());
    ASSERT_TRUE(chosen.name({"chosen", {"a"}, ""}, {}));
    ASSERT_TRUE(chosen.put(community("room"), {}));
    ASSERT_TRUE(chosen.set({{"10.1.0.0/24"}, {"room"}, 161}, {}, By::console));
    const StationFile own = station(
        "station: {name: own}\n"
        "credentials: [{name: room, protocol: snmp-v1, community: {secret: x}}]\n"
        "discovery: [{subnets: [10.2.0.0/24], credentials: [room]}]\n");
    const StationFile file = later(own);
    EXPECT_EQ(file.station.name, "own");
    EXPECT_TRUE(file.station.site_path.empty());
    ASSERT_EQ(file.credentials.size(), 1U);
    EXPECT_EQ(file.credentials[0].community_secret, "x");
    ASSERT_EQ(file.discovery.size(), 2U);
    EXPECT_TRUE(file.discovery[0].fixed);
    EXPECT_EQ(file.discovery[0].subnets[0], "10.2.0.0/24");
    EXPECT_EQ(chosen.name({"other", {}, ""}, own).error().code, ErrorCode::refused);
    EXPECT_EQ(chosen.put(community("room"), own).error().code, ErrorCode::refused);
    EXPECT_EQ(later().station.name, "chosen");
}

TEST_F(ChosenSettingsTest, WhatIsWrongIsRefusedAndChangesNothing) {
    ChosenSettings chosen(path());
    EXPECT_EQ(chosen.name({"", {}, ""}, {}).error().code, ErrorCode::config);
    EXPECT_EQ(chosen.name({"two\nlines", {}, ""}, {}).error().code, ErrorCode::config);
    EXPECT_EQ(chosen.name({"a", {""}, ""}, {}).error().code, ErrorCode::config);
    EXPECT_EQ(chosen.set({{"10.1.0.0/24"}, {"nobody"}, 161}, {}, By::console).error().code,
              ErrorCode::config);
    ASSERT_TRUE(chosen.put(community("room"), {}));
    for (const wire::DiscoveryScope& wrong :
         {wire::DiscoveryScope{{"10.1.0.0/8"}, {"room"}, 161}, wire::DiscoveryScope{{}, {"room"}, 161},
          wire::DiscoveryScope{{"10.1.0.0/24"}, {}, 161}, wire::DiscoveryScope{{"10.1.0.0/24"}, {"room"}, 0}})
        EXPECT_EQ(chosen.set(wrong, {}, By::browser).error().code, ErrorCode::config);
    CredentialRef unknown = community("odd");
    unknown.protocol = "telnet";
    EXPECT_EQ(chosen.may_put(unknown, {}).error().code, ErrorCode::config);
    EXPECT_EQ(chosen.put(unknown, {}).error().code, ErrorCode::config);
    EXPECT_EQ(later().credentials.size(), 1U);
    EXPECT_TRUE(later().discovery.empty());
    EXPECT_FALSE(later().station.fixed);
}

TEST_F(ChosenSettingsTest, TheBrowserSendsNoCredentialOfStationYamlAnywhere) {
    ChosenSettings chosen(path());
    const StationFile own =
        station("credentials: [{name: core, protocol: snmp-v1, community: {secret: x}}]\n");
    ASSERT_TRUE(chosen.put(community("room"), own));
    const wire::DiscoveryScope elsewhere{{"10.66.6.6"}, {"room", "core"}, 161};
    const auto sent = chosen.set(elsewhere, own, By::browser);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::refused);
    EXPECT_NE(sent.error().text.find("'core' stands in station.yaml"), std::string::npos)
        << sent.error().text;
    EXPECT_TRUE(later(own).discovery.empty());
    EXPECT_TRUE(later(own).credentials.at(1).subnets.empty()) << "room went nowhere either";
    EXPECT_TRUE(chosen.set(elsewhere, own, By::console));
    EXPECT_EQ(later(own).discovery.size(), 1U);
}

TEST_F(ChosenSettingsTest, ACredentialGoesNoFartherThanItsFirstScopeUntilItIsSetAgain) {
    ChosenSettings chosen(path());
    ASSERT_TRUE(chosen.put(community("room"), {}));
    ASSERT_TRUE(chosen.put(community("other"), {}));
    const auto set = [&chosen](std::vector<std::string> subnets, std::uint32_t port = 161,
                               const char* name = "room") {
        return chosen.set({std::move(subnets), {name}, port}, {}, By::browser);
    };
    ASSERT_TRUE(set({"10.1.0.0/25", "10.1.0.128/25", "10.1.0.127", "10.1.0.128"}));
    EXPECT_TRUE(set({"10.1.0.64/26"}));
    EXPECT_TRUE(set({"10.9.0.0/24"}, 161, "other"));  // and room is in no scope any more
    const std::string before = crypto::read_small_file(path()).value();
    for (const auto& refused :
         {set({"10.1.0.0/24", "10.66.6.6"}), set({"10.1.0.0/23"}), set({"10.1.0.7"}, 1161)}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::refused);
        EXPECT_NE(refused.error().text.find("'room' does not go to 10."), std::string::npos);
    }
    ChosenSettings restarted(path());
    StationFile file;
    ASSERT_TRUE(restarted.add_to(file));
    EXPECT_FALSE(restarted.set({{"10.66.6.6"}, {"room"}, 161}, {}, By::browser)) << "over a restart";
    EXPECT_EQ(crypto::read_small_file(path()).value(), before);
    EXPECT_TRUE(set({"10.1.0.0/24"})) << "the same in one piece";
    ASSERT_TRUE(chosen.put(community("room"), {}));
    EXPECT_TRUE(set({"10.2.0.0/24"}, 1161)) << "who set it again knows it";
    EXPECT_FALSE(set({"10.1.0.0/24"}));
    ASSERT_TRUE(chosen.put(community("room"), {}));
    EXPECT_EQ(later().discovery.at(0).credentials.size(), 1U) << "it is searched with all the same";
}

TEST_F(ChosenSettingsTest, ACredentialOfStationYamlIsNotSentWhereOneOfItsNameWas) {
    ChosenSettings chosen(path());
    ASSERT_TRUE(chosen.put(community("core"), {}));
    ASSERT_TRUE(chosen.set({{"10.66.6.6"}, {"core"}, 161}, {}, By::browser));
    const StationFile file =
        later(station("credentials: [{name: core, protocol: snmp-v1, community: {secret: x}}]\n"));
    EXPECT_EQ(file.credentials.at(0).community_secret, "x");
    EXPECT_TRUE(file.discovery.at(0).credentials.empty());
}

TEST_F(ChosenSettingsTest, AFileFromBeforeLimitsTheCredentialsToItsScope) {
    ASSERT_TRUE(crypto::write_private_file(
        path(),
        "credentials: [{name: room, community: {secret: x}}]\n"
        "discovery: [{subnets: [10.1.0.0/24], credentials: [room], port: 1161}]\n"));
    ChosenSettings chosen(path());
    StationFile file;
    ASSERT_TRUE(chosen.add_to(file));
    EXPECT_FALSE(chosen.set({{"10.66.6.6"}, {"room"}, 1161}, {}, By::browser));
    EXPECT_TRUE(chosen.set({{"10.1.0.9"}, {"room"}, 1161}, {}, By::browser));
}

TEST_F(ChosenSettingsTest, AContextThatWasWrittenByHandStays) {
    ASSERT_TRUE(crypto::write_private_file(
        path(),
        "credentials: [{name: core, protocol: snmp-v3, user: reader, context: \"vlan \\\"7\\\"\"}]\n"));
    ChosenSettings chosen(path());
    StationFile file;
    ASSERT_TRUE(chosen.add_to(file));
    ASSERT_EQ(file.credentials.at(0).context, "vlan \"7\"");
    ASSERT_TRUE(chosen.put(community("room"), {}));
    EXPECT_EQ(later().credentials.at(0).context, "vlan \"7\"");
    wire::Credential again;
    again.name = "core";
    again.protocol = "snmp-v3";
    again.user = "another";
    ASSERT_TRUE(chosen.put(reference_of(again).value(), {}));
    EXPECT_EQ(later().credentials.at(0).user + " " + later().credentials.at(0).context, "another vlan \"7\"");
    ASSERT_TRUE(chosen.put(community("core"), {}));
    EXPECT_EQ(later().credentials.at(0).context, "") << "a community has none";
}

TEST_F(ChosenSettingsTest, ACredentialOfTheSameNameTakesThePlaceOfTheFormer) {
    ChosenSettings chosen(path());
    ASSERT_TRUE(chosen.put(community("room"), {}));
    CredentialRef other = community("room");
    other.protocol = "snmp-v1";
    ASSERT_TRUE(chosen.put(other, {}));
    ASSERT_EQ(later().credentials.size(), 1U);
    EXPECT_EQ(later().credentials[0].protocol, "snmp-v1");
    for (std::size_t i = 1; i < ChosenSettings::kMostCredentials; ++i)
        ASSERT_TRUE(chosen.put(community("c" + std::to_string(i)), {}));
    EXPECT_EQ(chosen.put(community("one-more"), {}).error().code, ErrorCode::refused);
    EXPECT_TRUE(chosen.put(community("room"), {}));
}

TEST_F(ChosenSettingsTest, SecretsAreLongEnoughAndNamesAreWords) {
    wire::Credential given;
    given.name = "room";
    given.protocol = "snmp-v2c";
    EXPECT_FALSE(reference_of(given)) << "no community";
    given.community = "c";
    EXPECT_TRUE(reference_of(given));
    for (const char* wrong : {"", "a b", "../x", "a-name-that-is-longer-than-forty-letters-is"}) {
        given.name = wrong;
        EXPECT_FALSE(reference_of(given)) << wrong;
    }
    given = {"core", "snmp-v3", "", "reader", "sha256", "seven77", "", "", ""};
    EXPECT_FALSE(reference_of(given)) << "seven characters";
    given.auth_passphrase = "eight888";
    EXPECT_TRUE(reference_of(given));
    given.priv_protocol = "aes128";
    EXPECT_FALSE(reference_of(given)) << "no passphrase of privacy";
}

TEST_F(ChosenSettingsTest, AFileWithMistakesIsToldAndNotWrittenOver) {
    const std::string wrong = "credentials: [{name: 'a b', community: {secret: x}}]\n";
    ASSERT_TRUE(crypto::write_private_file(path(), wrong));
    ChosenSettings chosen(path());
    StationFile file;
    const auto added = chosen.add_to(file);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().text.find("setup.yaml:1:"), std::string::npos) << added.error().text;
    EXPECT_EQ(chosen.name({"a", {}, ""}, {}).error().code, ErrorCode::refused);
    EXPECT_EQ(crypto::read_small_file(path()).value(), wrong);
}

TEST_F(ChosenSettingsTest, ASlipInTheFileChangesNothingAndAnEditIsNotWrittenOver) {
    ChosenSettings chosen(path());
    ASSERT_TRUE(chosen.put(community("room"), {}));
    const std::string slip = crypto::read_small_file(path()).value() + "discovery: [\n";
    ASSERT_TRUE(crypto::write_private_file(path(), slip));
    EXPECT_EQ(chosen.put(community("other"), {}).error().code, ErrorCode::refused);
    StationFile file;
    EXPECT_FALSE(chosen.add_to(file));
    EXPECT_EQ(file.credentials.size(), 1U);
    EXPECT_EQ(crypto::read_small_file(path()).value(), slip);
}

TEST_F(ChosenSettingsTest, StationYamlSaysWhatSetUpProposes) {
    const StationFile file = station("setup: {subnets: [10.3.0.0/26], port: 1161}\n");
    EXPECT_EQ(file.proposal.subnets, std::vector<std::string>{"10.3.0.0/26"});
    EXPECT_EQ(file.proposal.port, 1161U);
    EXPECT_TRUE(file.discovery.empty());
    auto wrong = config::Document::parse("setup: {subnets: [10.3.0.0/4]}\n", "s");
    static_cast<void>(read_station(wrong.root()));
    EXPECT_FALSE(wrong.check());
}

TEST_F(ChosenSettingsTest, StationYamlSaysWhenDiscoverySearchesByItself) {
    EXPECT_EQ(station().station.search_interval_ms, 86'400'000U);
    EXPECT_EQ(station().station.search_minute, 210U);
    const auto set = station("rediscovery: {every: 7d, at: \"23:05\"}\n").station;
    EXPECT_EQ(set.search_interval_ms, 7 * 86'400'000U);
    EXPECT_EQ(set.search_minute, 23 * 60 + 5U);
    EXPECT_EQ(station("rediscovery: {every: off}\n").station.search_interval_ms, 0U);
    for (const char* wrong :
         {"every: 5s", "every: 91d", "at: \"24:00\"", "at: \"3:30\"", "at: noon", "when: now"}) {
        auto document =
            config::Document::parse("rediscovery: {" + std::string(wrong) + "}\n", "station.yaml");
        static_cast<void>(read_station(document.root()));
        EXPECT_FALSE(document.check()) << wrong;
    }
}

}  // namespace
}  // namespace outstation::confd
