// SPDX-License-Identifier: GPL-3.0-or-later
// Probing on virtual time: pace, tries, what counts as an answer, and what a hostile one can do.
#include "drivers/probe/prober.hpp"

#include <gtest/gtest.h>

#include <set>

#include "drivers/probe/fake_network.hpp"

namespace outstation::probe {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr std::uint32_t kHost = 0x0a000001;

class ProberTest : public testing::Test {
  protected:
    std::vector<Findings> probe(const std::vector<std::uint32_t>& addresses, const What& what) {
        std::vector<Findings> out;
        bool is_done = false;
        EXPECT_TRUE(prober_.probe(addresses, what, [&](std::vector<Findings> findings) {
            out = std::move(findings);
            is_done = true;
        }));
        EXPECT_FALSE(is_done) << "called from inside";
        loop_.advance(1min);
        EXPECT_TRUE(is_done);
        EXPECT_EQ(network_.open_connections, 0U);
        EXPECT_EQ(prober_.waiting(), 0U);
        return out;
    }
    std::size_t sent(const std::string& kind) const {
        std::size_t out = 0;
        for (const auto& packet : network_.sent) out += packet.kind == kind ? 1 : 0;
        return out;
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Prober prober_{loop_, network_, {}};
};

TEST_F(ProberTest, SaysWhatAnswersAndHowFast) {
    FakeNetwork::Host& host = network_.hosts[kHost];
    host.rtt = 7ms;
    host.has_pong = host.has_ipmi = true;
    host.ports = {{443, PortState::open}, {22, PortState::refused}};
    const auto found = probe({kHost, kHost + 1}, {true, true, {443, 22, 80}});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].address, kHost);
    EXPECT_EQ(found[0].rtt, Duration(7ms));
    EXPECT_TRUE(found[0].has_pong);
    EXPECT_TRUE(found[0].has_ipmi);
    EXPECT_EQ(found[0].ports,
              (std::vector<Port>{{443, PortState::open}, {22, PortState::refused}, {80, PortState::silent}}));
    EXPECT_FALSE(found[0].is_own);
    EXPECT_EQ(found[1].address, kHost + 1);
    EXPECT_FALSE(found[1].rtt);
    EXPECT_FALSE(found[1].has_pong);
    EXPECT_EQ(found[1].ports, (std::vector<Port>{{443}, {22}, {80}}));
}

TEST_F(ProberTest, AsksTwiceAndThenTakesSilenceForAnAnswer) {
    const MonoTime began = loop_.now();
    MonoTime ended;
    ASSERT_TRUE(prober_.probe({kHost}, {true, true, {443}}, [&](const auto&) { ended = loop_.now(); }));
    loop_.advance(1min);
    EXPECT_EQ(ended - began, Prober::kTries * Prober::kTimeout);
    EXPECT_EQ(sent("icmp"), 2U);
    EXPECT_EQ(sent("asf"), 2U);
    EXPECT_EQ(sent("tcp/443"), 1U) << "the kernel tries that again itself";
    EXPECT_EQ(network_.open_connections, 0U);
}

TEST_F(ProberTest, WhoAnswersIsNotAskedAgainAndALostPacketIsMadeUpFor) {
    network_.hosts[kHost].has_pong = true;
    network_.lost = 1;
    const auto found = probe({kHost}, {true, true, {}});
    EXPECT_EQ(found[0].rtt, Duration(3ms)) << "since the one that was answered";
    EXPECT_TRUE(found[0].has_pong);
    EXPECT_FALSE(found[0].has_ipmi);
    EXPECT_EQ(sent("icmp"), 2U);
    EXPECT_EQ(sent("asf"), 1U);
}

TEST_F(ProberTest, TheRateHoldsOverAllQuestionsAndNoMoreWaitThanThereIsRoomFor) {
    unsigned done = 0;
    std::vector<std::uint32_t> addresses;
    for (std::uint32_t i = 0; i < 200; ++i) addresses.push_back(kHost + i);
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(prober_.probe(addresses, {true, false, {}}, [&done](const auto&) { ++done; }));
    EXPECT_EQ(prober_.probe(addresses, {}, [&done](const auto&) { ++done; }).error().code,
              ErrorCode::exhausted);
    loop_.advance(10s);
    EXPECT_LE(sent("icmp"), 2 * (10U * 40 + 1));
    EXPECT_GE(prober_.counters().addresses, 390U);
    EXPECT_LE(prober_.counters().addresses, 401U);
    loop_.advance(5min);
    EXPECT_EQ(done, 20U);
    EXPECT_EQ(prober_.waiting(), 0U);
}

TEST_F(ProberTest, WhatIsNotWantedOrNotPossibleIsNotSent) {
    network_.hosts[kHost] = {};
    static_cast<void>(probe({kHost}, {false, false, {443}}));
    EXPECT_EQ(network_.sent.size(), 1U);
    network_.icmp_trouble = "no";
    const auto found = probe({kHost}, {true, false, {}});
    EXPECT_FALSE(found[0].rtt);
    EXPECT_EQ(sent("icmp"), 0U);
    EXPECT_TRUE(probe({}, {}).empty());
    const MonoTime began = loop_.now();
    MonoTime ended;
    ASSERT_TRUE(prober_.probe({kHost}, {false, false, {}}, [&](const auto&) { ended = loop_.now(); }));
    loop_.advance(1s);
    EXPECT_LT(ended - began, 100ms) << "nothing is waited for";
}

TEST_F(ProberTest, WhatTheSystemDoesNotTakeIsCountedAndIsSilence) {
    network_.refuses = true;
    network_.own = kHost;
    const auto found = probe({kHost}, {true, true, {443}});
    EXPECT_TRUE(found[0].is_own);
    EXPECT_FALSE(found[0].rtt);
    EXPECT_EQ(found[0].ports[0].state, PortState::silent);
    EXPECT_EQ(prober_.counters().sent, 0U);
    EXPECT_EQ(prober_.counters().not_sent, 5U);
}

TEST_F(ProberTest, OnlyWhatWasSentThereIsAnAnswer) {
    network_.hosts[kHost].has_pong = true;
    std::vector<std::string> answers;
    network_.twist = [&answers](std::string& message) {
        answers.push_back(message);
        message.back() = static_cast<char>(message.back() ^ 1);  // of an echo: its data and so its checksum
        message[9] = static_cast<char>(message[9] ^ 1);          // of a pong: its tag
    };
    bool is_done = false;
    ASSERT_TRUE(prober_.probe({kHost}, {true, true, {}}, [&](const auto& found) {
        is_done = true;
        EXPECT_FALSE(found[0].rtt);
        EXPECT_FALSE(found[0].has_pong);
    }));
    loop_.advance(100ms);
    ASSERT_EQ(answers.size(), 2U);
    for (const std::string& answer : answers) {  // right, but from another address
        network_.events.on_icmp(kHost + 1, answer);
        network_.events.on_asf(kHost + 1, answer);
    }
    loop_.advance(10s);
    EXPECT_TRUE(is_done);
    EXPECT_EQ(prober_.counters().answers, 0U);
    const auto before = prober_.counters().unexpected;
    for (const std::string& answer : answers) {  // too late
        network_.events.on_icmp(kHost, answer);
        network_.events.on_asf(kHost, answer);
    }
    EXPECT_EQ(prober_.counters().unexpected, before + 2 * answers.size());
}

TEST_F(ProberTest, AnEchoOfOtherDataIsNoneThoughItsChecksumIsRight) {
    network_.hosts[kHost] = {};
    network_.twist = [](std::string& message) {
        for (std::size_t at = 8, end = message.size() - 2; at < end; at += 2, end -= 2) {
            std::swap(message[at], message[end]);
            std::swap(message[at + 1], message[end + 1]);
        }
    };
    EXPECT_FALSE(probe({kHost}, {true, false, {}})[0].rtt);
    EXPECT_EQ(prober_.counters().unexpected, 2U);
}

TEST_F(ProberTest, AnswersThatAreDoubledCountOnce) {
    FakeNetwork::Host& host = network_.hosts[kHost];
    host.has_pong = true;
    std::vector<std::string> answers;
    network_.twist = [&answers](std::string& message) { answers.push_back(message); };
    bool is_done = false;
    // The port is silent, so that the host is looked at to the end.
    ASSERT_TRUE(prober_.probe({kHost}, {true, true, {443}}, [&](const auto&) { is_done = true; }));
    loop_.advance(100ms);
    ASSERT_EQ(answers.size(), 2U);
    for (int i = 0; i < 100; ++i) {
        network_.events.on_icmp(kHost, answers[0]);
        network_.events.on_asf(kHost, answers[1]);
    }
    EXPECT_EQ(prober_.counters().answers, 2U);
    EXPECT_EQ(prober_.counters().unexpected, 200U);
    loop_.advance(10s);
    EXPECT_TRUE(is_done);
}

TEST_F(ProberTest, NoTwoHostsAreSentTheSameData) {
    std::set<std::string> seen;
    network_.twist = [&seen](std::string& message) { EXPECT_TRUE(seen.insert(message.substr(8)).second); };
    std::vector<std::uint32_t> addresses;
    for (std::uint32_t i = 0; i < 50; ++i) {
        addresses.push_back(kHost + i);
        network_.hosts[kHost + i] = {};
    }
    static_cast<void>(probe(addresses, {true, false, {}}));
    EXPECT_EQ(seen.size(), 50U);
}

}  // namespace
}  // namespace outstation::probe
