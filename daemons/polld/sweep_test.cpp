// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps on virtual time: pace, credentials and their limits, pause and restart, several addresses of one
// device.
#include "daemons/polld/sweep.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

class SweepTest : public testing::Test {
  protected:
    SweepTest() {
        EXPECT_TRUE(
            shelf_
                .take({{"a.yaml",
                        "pack: ups\nmatch: {probe: 1.3.6.1.2.1.33.1}\nidentity: {vendor: acme, class: power, "
                        "serial: 1.3.6.1.2.1.33.1.1.9.0}\n"}})
                .empty());
        network_.mib[oid("1.3.6.1.2.1.1.1.0")] = {Tag::octet_string, "A UPS"};
        network_.mib[oid("1.3.6.1.2.1.1.5.0")] = {Tag::octet_string, "ups"};
        network_.mib[oid("1.3.6.1.2.1.33.1.1.1.0")] = {Tag::octet_string, "x"};
        network_.twist = [this](const snmp::Address& from, std::string& bytes) {
            const std::string address = from.text().substr(0, from.text().find(':'));
            ++asked_[address];
            if (live_.count(address) == 0) bytes.clear();
        };
        credentials_.update({{"room", "snmp-v2c", "public"}, {"old", "snmp-v1", "public"}});
        make();
    }
    void make() {
        sweep_ = std::make_unique<Sweep>(
            Sweep::Parts{loop_, engine_, shelf_, credentials_, [this] { return neighbours_; }});
        sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {});
    }
    std::vector<std::string> addresses() const {
        std::vector<std::string> out;
        for (const auto& one : sweep_->candidates())
            out.insert(out.end(), one.addresses.begin(), one.addresses.end());
        return out;
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    PackShelf shelf_;
    Credentials credentials_;
    std::map<std::uint32_t, std::string> neighbours_;
    std::set<std::string> live_;
    std::map<std::string, int> asked_;
    std::unique_ptr<Sweep> sweep_;
};

TEST_F(SweepTest, FiftyDevicesInASlash22AreFoundWithinTwoMinutes) {
    for (unsigned i = 0; i < 50; ++i) live_.insert(ipv4_text(0x0a000000U + 5 + i * 20));
    ASSERT_TRUE(sweep_->start({"10.0.0.0/22"}));
    EXPECT_EQ(sweep_->status().total, 1022U);
    loop_.advance(10s);
    EXPECT_EQ(sweep_->status().state, "running");
    EXPECT_LE(asked_.size(), 10U * Sweep::kHostsPerSecond + 1) << "at a bounded rate";
    EXPECT_GT(asked_.size(), 5U * Sweep::kHostsPerSecond);
    loop_.advance(110s);
    EXPECT_EQ(sweep_->status().state, "done");
    EXPECT_EQ(sweep_->status().done, 1022U);
    EXPECT_EQ(sweep_->status().found, 50U);
    const auto found = sweep_->candidates();
    ASSERT_EQ(found.size(), 50U);
    EXPECT_EQ(found[0].addresses, std::vector<std::string>{"10.0.0.5"});
    EXPECT_EQ(found[0].vendor, "acme");
    EXPECT_EQ(found[0].device_class, "power");
    EXPECT_EQ(found[0].sys_name, "ups");
    EXPECT_EQ(found[0].credential, "room");
    EXPECT_EQ(found[0].packs, std::vector<std::string>{"ups"});
}

TEST_F(SweepTest, NoAddressOutsideTheScopesIsAsked) {
    sweep_->configure({{*parse_range("10.0.1.0/24"), {"room"}}}, {});
    EXPECT_FALSE(sweep_->start({"10.0.0.0/22"}));
    EXPECT_FALSE(sweep_->start({"10.0.2.1"}));
    EXPECT_FALSE(sweep_->start({"10.0.1.0/8"}));
    EXPECT_FALSE(sweep_->start({}));
    loop_.advance(1min);
    EXPECT_TRUE(asked_.empty());
    EXPECT_EQ(sweep_->status().state, "never");
}

TEST_F(SweepTest, CredentialsAreTriedInTheirOrderUntilOneFits) {
    credentials_.update({{"other", "snmp-v2c", "secret"}, {"room", "snmp-v2c", "public"}});
    network_.corrupt = [](const snmp::FakeRequest& request, snmp::FakeAnswer&) {
        EXPECT_TRUE(request.community == "secret" || request.community == "public");
        return false;
    };
    live_ = {"10.0.0.7"};
    network_.twist = [this](const snmp::Address& from, std::string& bytes) {
        const bool is_right = bytes.find("public") != std::string::npos;
        if (live_.count(from.text().substr(0, from.text().find(':'))) == 0 || !is_right) bytes.clear();
    };
    sweep_->configure({{*parse_range("10.0.0.0/24"), {"other", "missing", "room"}}}, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.7"}));
    loop_.advance(1min);
    ASSERT_EQ(sweep_->candidates().size(), 1U);
    EXPECT_EQ(sweep_->candidates()[0].credential, "room");
}

TEST_F(SweepTest, AUserWhoIsRefusedIsNotTriedAgainThereAndSoonNowhere) {
    snmp::FakeUsm usm(
        "an engine",
        snmp::UsmUser::make("reader", snmp::AuthProtocol::none, "", snmp::PrivProtocol::none, "").value());
    network_.usm = &usm;
    for (unsigned i = 1; i <= 20; ++i) live_.insert(ipv4_text(0x0a000000U + i));
    wire::Credential user{"user", "snmp-v3", ""};
    user.user = "nobody-there";
    credentials_.update({user});
    sweep_->configure({{*parse_range("10.0.0.0/24"), {"user"}}}, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.0/27"}));
    loop_.advance(2min);
    const auto found = sweep_->candidates();
    ASSERT_FALSE(found.empty());
    EXPECT_NE(found[0].problem.find("it refuses credential user"), std::string::npos) << found[0].problem;
    EXPECT_EQ(sweep_->status().problems.size(), 1U);
    EXPECT_EQ(sweep_->status().kinds, std::vector<std::string>{"left_alone"});
    EXPECT_EQ(sweep_->status().left_alone, std::vector<std::string>{"user"});
    EXPECT_EQ(asked_.size(), found.size());
    EXPECT_LT(asked_.size(), 20U) << "left alone for the rest of the sweep";
    const auto before = asked_;
    ASSERT_TRUE(sweep_->start({"10.0.0.1"}));
    loop_.advance(1min);
    EXPECT_EQ(asked_, before) << "the same user, the same device: not again";
    user.context = "another";
    credentials_.update({user});
    ASSERT_TRUE(sweep_->start({"10.0.0.1"}));
    loop_.advance(1min);
    EXPECT_NE(asked_, before) << "the credential changed";
}

TEST_F(SweepTest, AfterARestartWhoRefusedIsNotAskedAgainInThatSweep) {
    snmp::FakeUsm usm(
        "an engine",
        snmp::UsmUser::make("reader", snmp::AuthProtocol::none, "", snmp::PrivProtocol::none, "").value());
    network_.usm = &usm;
    live_ = {"10.0.0.2"};
    wire::Credential user{"user", "snmp-v3", ""};
    user.user = "nobody-there";
    credentials_.update({user});
    const Sweep::Scope scope{*parse_range("10.0.0.0/24"), {"user"}};
    sweep_->configure({scope}, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.0/29"}));
    loop_.advance(1min);
    wire::SweepState saved = sweep_->saved();
    ASSERT_EQ(saved.refused.size(), 1U);
    EXPECT_EQ(saved.refused[0], (wire::RefusedCredential{"user", 1, {0x0a000002U}}));
    saved.next = 0;  // it was cut off while the first hosts were asked
    saved.status.state = "running";
    const auto restart = [&] {
        asked_.clear();
        make();
        sweep_->restore(saved);
        EXPECT_EQ(sweep_->saved().refused, saved.refused) << "before the credentials are known";
        sweep_->configure({scope}, {});
        loop_.advance(1min);
    };
    restart();
    EXPECT_EQ(sweep_->status().state, "done");
    EXPECT_EQ(asked_.count("10.0.0.2"), 0U);
    EXPECT_EQ(sweep_->saved().refused, saved.refused);
    ASSERT_TRUE(sweep_->start({"10.0.0.2"}));
    loop_.advance(1min);
    EXPECT_EQ(asked_.count("10.0.0.2"), 1U) << "the credential may have changed while we were away";
    saved.refused[0].in_a_row = Sweep::kMostRefusals;
    restart();
    EXPECT_TRUE(asked_.empty()) << "it is left alone";
}

TEST_F(SweepTest, OfScopesThatOverlapAllCredentialsAreTried) {
    std::vector<std::string> tried;
    network_.corrupt = [&tried](const snmp::FakeRequest& request, snmp::FakeAnswer&) {
        if (tried.empty() || tried.back() != request.community) tried.push_back(request.community);
        return false;
    };
    credentials_.update({{"room", "snmp-v2c", "of-the-room"}, {"dmz", "snmp-v2c", "of-the-dmz"}});
    sweep_->configure(
        {{*parse_range("10.0.0.0/16"), {"room"}}, {*parse_range("10.0.5.0/24"), {"dmz", "room"}}}, {});
    live_ = {};
    ASSERT_TRUE(sweep_->start({"10.0.5.7"}));
    loop_.advance(1min);
    EXPECT_EQ(tried, (std::vector<std::string>{"of-the-room", "of-the-dmz"}));
    tried.clear();
    ASSERT_TRUE(sweep_->start({"10.0.6.7"}));
    loop_.advance(1min);
    EXPECT_EQ(tried, std::vector<std::string>{"of-the-room"});
}

TEST_F(SweepTest, ARangeMayLieInScopesSideBySide) {
    sweep_->configure({{*parse_range("10.0.0.1"), {"room"}}, {*parse_range("10.0.0.2"), {"room"}}}, {});
    EXPECT_TRUE(sweep_->start({"10.0.0.0/30"}));
    EXPECT_FALSE(sweep_->start({"10.0.0.0/29"}));
    sweep_->configure({{*parse_range("255.255.255.254/31"), {"room"}}}, {});
    EXPECT_TRUE(sweep_->start({"255.255.255.255"}));
}

TEST_F(SweepTest, OnlyASweepThatIsUnderWayIsPausedResumedAndStopped) {
    EXPECT_TRUE(sweep_->act(""));
    EXPECT_EQ(sweep_->act("resume").error().text, "no sweep is under way: never");
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    EXPECT_TRUE(sweep_->act("pause"));
    EXPECT_EQ(sweep_->status().state, "paused");
    EXPECT_TRUE(sweep_->act("resume"));
    EXPECT_TRUE(sweep_->act("stop"));
    EXPECT_EQ(sweep_->act("resume").error().code, ErrorCode::refused);
    EXPECT_EQ(sweep_->status().state, "stopped");
}

TEST_F(SweepTest, ASweepIsPausedAndGoesOnAfterARestart) {
    live_ = {"10.0.0.3", "10.0.0.200"};
    ASSERT_TRUE(sweep_->start({"10.0.0.0/24"}));
    loop_.advance(2s);
    sweep_->pause();
    loop_.advance(20s);
    const std::uint32_t done = sweep_->status().done;
    EXPECT_GT(done, 50U);
    EXPECT_LT(done, 120U);
    loop_.advance(1min);
    EXPECT_EQ(sweep_->status().done, done);
    sweep_->resume();
    loop_.advance(1s);
    const wire::SweepState saved = sweep_->saved();
    EXPECT_GE(saved.next, done);
    asked_.clear();
    make();
    sweep_->restore(saved);
    sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {});
    loop_.advance(1min);
    EXPECT_EQ(sweep_->status().state, "done");
    EXPECT_EQ(sweep_->status().done, 254U);
    EXPECT_EQ(addresses(), (std::vector<std::string>{"10.0.0.3", "10.0.0.200"}));
    EXPECT_EQ(asked_.count("10.0.0.3"), 0U) << "what was done is not asked again";
}

TEST_F(SweepTest, WhoIsSilentButANeighbourIsToldAndTroubleComesFirst) {
    live_ = {"10.0.0.3"};
    neighbours_ = {
        {0x0a000003U, "00:00:5e:00:53:03"}, {0x0a000009U, "00:00:5e:00:53:09"}, {0x0b000001U, "x"}};
    wire::DeviceConfig device;
    device.id = "ups-01";
    device.address = "10.0.0.3";
    device.port = 161;
    sweep_->configure({{*parse_range("10.0.0.0/24"), {"room"}}}, {device});
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    const auto found = sweep_->candidates();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].addresses[0], "10.0.0.9");
    EXPECT_NE(found[0].problem.find("ARP"), std::string::npos);
    EXPECT_EQ(found[0].mac, "00:00:5e:00:53:09");
    EXPECT_EQ(found[1].known_as, "ups-01");
    EXPECT_EQ(sweep_->status().found, 1U) << "devices";
    EXPECT_EQ(sweep_->status().others, 1U);
}

TEST_F(SweepTest, ADeviceWithTwoAddressesIsOneCandidate) {
    network_.mib[oid("1.3.6.1.6.3.10.2.1.1.0")] = {Tag::octet_string, std::string("\x80\x00\x1f\x88\x01", 5)};
    live_ = {"10.0.0.3", "10.0.0.4"};
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    ASSERT_EQ(sweep_->candidates().size(), 1U);
    EXPECT_EQ(sweep_->candidates()[0].addresses, (std::vector<std::string>{"10.0.0.3", "10.0.0.4"}));
}

TEST(CandidatesTest, ClonesOfOneSerialNumberAndAnotherNameAreTwo) {
    wire::Candidate a{{"10.0.0.1"}, "sw-1"};
    a.serial = "S1";
    wire::Candidate b{{"10.0.0.2"}, "sw-2"};
    b.serial = "S1";
    EXPECT_FALSE(is_same_device(a, b));
    b.sys_name = "sw-1";
    EXPECT_TRUE(is_same_device(a, b));
    b.serial = "S2";
    EXPECT_FALSE(is_same_device(a, b));
}

TEST(CandidatesTest, WhatIsAskedAgainIsAsItIsNow) {
    Candidates all;
    wire::Candidate one{{"10.0.0.1"}, "ups"};
    one.problem = "it refuses credential room";
    EXPECT_TRUE(all.add(one));
    one.problem.clear();
    one.credential = "room";
    EXPECT_TRUE(all.add(one));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.sorted()[0].problem, "");
    EXPECT_EQ(all.sorted()[0].credential, "room");
    EXPECT_EQ(all.devices(), 1U);
}

TEST(CandidatesTest, AnswersAtMoreAddressesAreOneDeviceWhateverWasFoundThereBefore) {
    Candidates all;
    wire::Candidate one{{"10.0.0.1"}, "ups"};
    one.serial = "S1";
    one.credential = "room";
    EXPECT_TRUE(all.add(one));
    EXPECT_TRUE(all.add({{"10.0.0.2"}}));
    one.addresses = {"10.0.0.2"};
    EXPECT_TRUE(all.add(one));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.sorted()[0].addresses, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
}

TEST(CandidatesTest, DevicesGoBeforeStrangersAndTheirTextsHaveABound) {
    Candidates all;
    const auto candidate = [](std::uint32_t address, const char* credential, std::size_t octets) {
        wire::Candidate out{{ipv4_text(0x0a000000U + address)}, std::string(octets, 'x')};
        out.credential = credential;
        return out;
    };
    for (std::uint32_t i = 0; i < Candidates::kMost; ++i) ASSERT_TRUE(all.add(candidate(i, "", 1)));
    EXPECT_FALSE(all.add(candidate(5000, "", 1)));
    EXPECT_FALSE(all.add(candidate(5001, "room", 1))) << "a stranger is left out for it";
    EXPECT_EQ(all.size(), Candidates::kMost);
    EXPECT_EQ(all.devices(), 1U);
    all.clear();
    std::uint32_t taken = 0;
    for (std::uint32_t i = 0; i < 4000; ++i) taken += all.add(candidate(i, "room", 4000)) ? 1U : 0U;
    EXPECT_GT(taken, 480U);
    EXPECT_LE(taken, Candidates::kMostBytes / 4000);
    EXPECT_EQ(all.size(), taken);
}

TEST(CandidatesTest, AreGivenAnIdAndAClassOfTheConfiguration) {
    wire::Candidate one{{"10.0.0.1"}, "UPS 一.room"};
    one.device_class = "power";
    one.packs = {"ups-mib"};
    suggest(one);
    EXPECT_EQ(one.id, "UPS.room");
    EXPECT_EQ(one.configured_class, "ups");
    one.sys_name = ".. /";
    one.packs = {"rack-pdu"};
    suggest(one);
    EXPECT_EQ(one.id, "10.0.0.1");
    EXPECT_EQ(one.configured_class, "pdu");
    one.device_class = "toaster";
    suggest(one);
    EXPECT_EQ(one.configured_class, "other");
}

TEST(AddressRanges, AreReadAndRefused) {
    EXPECT_EQ(parse_range("10.1.2.3/22"), (AddressRange{0x0a010001U, 0x0a0103feU}));
    EXPECT_EQ(parse_range("10.1.2.3"), (AddressRange{0x0a010203U, 0x0a010203U}));
    EXPECT_EQ(parse_range("10.1.2.3/31")->size(), 2U);
    EXPECT_EQ(parse_range("10.1.2.3/32")->size(), 1U);
    for (const char* wrong : {"", "10.1.2", "10.1.2.3/", "10.1.2.3/33", "10.1.2.3/8", "10.1.2.3/22x", "::1"})
        EXPECT_FALSE(parse_range(wrong)) << wrong;
}

TEST(Neighbours, AreThoseOfTheKernelThatAnswered) {
    const std::string path = testing::TempDir() + "neighbours";
    std::ofstream(path) << "IP address       HW type     Flags       HW address            Mask     Device\n"
                           "10.0.0.9         0x1         0x2         00:00:5e:00:53:09     *        eth0\n"
                           "10.0.0.10        0x1         0x0         00:00:00:00:00:00     *        eth0\n";
    EXPECT_EQ(read_neighbours(path),
              (std::map<std::uint32_t, std::string>{{0x0a000009U, "00:00:5e:00:53:09"}}));
    EXPECT_TRUE(read_neighbours("/nowhere").empty());
}

TEST_F(SweepTest, WhatIsConfiguredMeanwhileIsKnownAndWhatIsIgnoredStaysSo) {
    live_ = {"10.0.0.5"};
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    ASSERT_EQ(addresses(), std::vector<std::string>{"10.0.0.5"});
    EXPECT_EQ(sweep_->candidates()[0].known_as, "");
    EXPECT_EQ(sweep_->candidates()[0].why.size(), 1U);
    wire::DeviceConfig taken;
    taken.id = "ups-01";
    taken.address = "10.0.0.5";
    taken.port = 161;
    sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {taken});
    EXPECT_EQ(sweep_->candidates()[0].known_as, "ups-01");
    taken.port = 1161;
    sweep_->configure({{*parse_range("10.0.0.0/16"), {"room"}}}, {taken});
    EXPECT_EQ(sweep_->candidates()[0].known_as, "") << "another agent at its address";
    EXPECT_EQ(sweep_->ignore("10.0.0.6", true).error().code, ErrorCode::not_found);
    ASSERT_TRUE(sweep_->ignore("10.0.0.5", true));
    EXPECT_TRUE(sweep_->candidates()[0].ignored);
    const wire::SweepState saved = sweep_->saved();
    make();
    sweep_->restore(saved);
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    ASSERT_EQ(sweep_->candidates().size(), 1U);
    EXPECT_TRUE(sweep_->candidates()[0].ignored);
    network_.mib[oid("1.3.6.1.2.1.1.5.0")] = {Tag::octet_string, "another"};
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    EXPECT_FALSE(sweep_->candidates()[0].ignored) << "another device at its address";
    ASSERT_TRUE(sweep_->ignore("10.0.0.5", true));
    ASSERT_TRUE(sweep_->ignore("10.0.0.5", false));
    EXPECT_FALSE(sweep_->candidates()[0].ignored);
}

TEST_F(SweepTest, AnAddressOfTwoScopesIsAskedWithWhatBothAllow) {
    credentials_.update({{"other", "snmp-v2c", "secret"}, {"room", "snmp-v2c", "public"}});
    live_ = {"10.0.0.7"};
    network_.twist = [this](const snmp::Address& from, std::string& bytes) {
        const bool is_right = bytes.find("public") != std::string::npos;
        if (live_.count(from.text().substr(0, from.text().find(':'))) == 0 || !is_right) bytes.clear();
    };
    sweep_->configure(
        {{*parse_range("10.0.0.0/24"), {"other"}}, {*parse_range("10.0.0.7"), {"other", "room"}, 1161}}, {});
    ASSERT_TRUE(sweep_->start({"10.0.0.7"}));
    loop_.advance(1min);
    ASSERT_EQ(sweep_->candidates().size(), 1U);
    EXPECT_EQ(sweep_->candidates()[0].credential, "room");
    EXPECT_EQ(sweep_->candidates()[0].port, 1161U);
}

TEST(Candidate, IsConfiguredAsWhatItCallsItself) {
    const auto as = [](const char* kind, const char* description) {
        wire::Candidate one{{"10.0.0.1"}};
        one.device_class = kind;
        one.description = description;
        suggest(one);
        return one.configured_class;
    };
    EXPECT_EQ(as("network", "Acme S5700 Switch"), "switch");
    EXPECT_EQ(as("network", "Edge Router, software 8.20"), "router");
    EXPECT_EQ(as("network", "Routing switch with router functions"), "switch");
    EXPECT_EQ(as("network", "RouterOS CRS326"), "switch");
    EXPECT_EQ(as("network", "A FIREWALL"), "firewall");
    EXPECT_EQ(as("firewall", "Acme router"), "firewall");
    EXPECT_EQ(as("server", "Linux router 5.10.0 #1 SMP x86_64"), "server");
    EXPECT_EQ(as("server", "Rack power distribution unit, 3 branches"), "pdu");
    EXPECT_EQ(as("server", "Environment monitor"), "sensor");
    EXPECT_EQ(as("power", "UPS 6000"), "ups");
    EXPECT_EQ(as("power", "Switched PDU"), "pdu");
    EXPECT_EQ(as("bmc", ""), "server");
    EXPECT_EQ(as("wireless", ""), "other");
}

}  // namespace
}  // namespace outstation::polld
