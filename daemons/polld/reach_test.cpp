// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which a sweep asks, what becomes of it when nobody probes, and how answers are told.
#include "daemons/polld/reach.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace outstation::polld {
namespace {

constexpr std::uint32_t kFirst = 0x0a000000;

// Answers when a test says so.
class FakeProbes : public ProbeSource {
  public:
    void probe(const wire::ProbeRequest& request, Answer answer) override {
        asked += request.addresses.size();
        questions.emplace_back(request, std::move(answer));
    }
    void answer_all() {
        for (auto& [request, answer] : std::exchange(questions, {})) {
            wire::ProbeReply reply;
            reply.icmp_problem = icmp_problem;
            for (const std::uint32_t address : request.addresses) {
                reply.addresses.push_back({address});
                reply.addresses.back().has_echo = live.count(address) > 0;
            }
            answer(reply);
        }
    }
    std::set<std::uint32_t> live;
    std::string icmp_problem;
    std::vector<std::pair<wire::ProbeRequest, Answer>> questions;
    std::size_t asked = 0;
};

struct ReachTest : testing::Test {
    std::vector<std::uint32_t> take_all() {
        std::vector<std::uint32_t> out;
        for (auto turn = reach.take(); turn; turn = reach.take()) out.push_back(turn->number);
        return out;
    }
    static std::uint32_t address_at(std::uint32_t number) { return kFirst + number; }

    FakeProbes probes;
    Reach reach{&probes};
};

TEST_F(ReachTest, WhoAnswersIsAskedAtOnceAndTheSilentLast) {
    probes.live = {kFirst + 3, kFirst + 40};
    reach.begin(0, 70, address_at);
    EXPECT_FALSE(reach.take());
    EXPECT_EQ(probes.questions.size(), 3U);
    EXPECT_EQ(probes.questions[0].first.addresses.size(), Reach::kBatch);
    EXPECT_FALSE(reach.is_done());
    EXPECT_EQ(reach.next(), 0U);
    EXPECT_EQ(reach.probed(), 0U);
    probes.answer_all();
    EXPECT_EQ(reach.probed(), 70U);
    EXPECT_EQ(reach.unprobed(), "");
    const auto first = reach.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->number, 3U);
    EXPECT_EQ(first->seen, std::vector<std::string>{"ping"});
    const auto all = take_all();
    ASSERT_EQ(all.size(), 69U);
    EXPECT_EQ(all[0], 40U);
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), 69U) << "each once";
    EXPECT_TRUE(reach.is_done());
    EXPECT_EQ(reach.next(), 70U);
    EXPECT_TRUE(reach.problems().empty());
}

TEST_F(ReachTest, WhereNobodyProbesTheyComeOneAfterAnother) {
    Reach alone{nullptr};
    alone.begin(2, 5, address_at);
    std::vector<std::uint32_t> all;
    for (auto turn = alone.take(); turn; turn = alone.take()) all.push_back(turn->number);
    EXPECT_EQ(all, (std::vector<std::uint32_t>{2, 3, 4}));
    EXPECT_TRUE(alone.is_done());
    EXPECT_TRUE(alone.problems().empty());
}

TEST_F(ReachTest, WhenNobodyAnswersAllAreAskedAllTheSameAndItIsSaidOnce) {
    reach.begin(0, 300, address_at);
    EXPECT_FALSE(reach.take());
    for (auto& [request, answer] : std::exchange(probes.questions, {}))
        answer(fail(ErrorCode::io, "not connected"));
    auto all = take_all();
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all.size(), 300U);
    EXPECT_EQ(all.back(), 299U);
    EXPECT_EQ(reach.problems(),
              std::vector<std::string>{"probed does not answer, so only SNMP is asked: not connected"});
    EXPECT_EQ(reach.unprobed(), "all");
    EXPECT_EQ(probes.asked, Reach::kBatch * Reach::kMostQuestions) << "nothing more is asked of it";
}

TEST_F(ReachTest, AShortAnswerIsNone) {
    reach.begin(0, 10, address_at);
    EXPECT_FALSE(reach.take());
    probes.questions[0].second(wire::ProbeReply{});
    EXPECT_EQ(take_all().size(), 10U);
    EXPECT_EQ(reach.problems().size(), 1U);
}

TEST_F(ReachTest, NoMoreSilentOnesWaitThanThereIsRoomFor) {
    constexpr std::uint32_t kMany = 10'000;
    reach.begin(0, kMany, address_at);
    std::set<std::uint32_t> taken;
    std::size_t most = 0;
    while (!reach.is_done()) {
        const auto turn = reach.take();
        if (turn && !taken.insert(turn->number).second) ADD_FAILURE() << turn->number << " twice";
        probes.answer_all();
        most = std::max(most, probes.asked - taken.size());
    }
    EXPECT_EQ(taken.size(), kMany);
    EXPECT_LE(most, Reach::kMostSilent + Reach::kMostQuestions * Reach::kBatch);
}

TEST_F(ReachTest, AnAnswerToTheSweepBeforeIsNotOneToThisOne) {
    reach.begin(0, 10, address_at);
    EXPECT_FALSE(reach.take());
    reach.begin(0, 5, address_at);
    probes.answer_all();
    EXPECT_FALSE(reach.take());
    EXPECT_EQ(probes.questions.size(), 1U);
    probes.answer_all();
    EXPECT_EQ(take_all().size(), 5U);
}

TEST_F(ReachTest, ThatNobodyCanBePingedIsSaidOnce) {
    probes.icmp_problem = "no CAP_NET_RAW";
    reach.begin(0, 100, address_at);
    EXPECT_FALSE(reach.take());
    probes.answer_all();
    static_cast<void>(take_all());
    EXPECT_EQ(reach.problems(), std::vector<std::string>{"nobody was pinged: no CAP_NET_RAW"});
    EXPECT_EQ(reach.unprobed(), "ping");
}

TEST(Seen, IsToldInWordsAndOfOurselvesOnlyWhatIsNotOurs) {
    wire::ProbedAddress one;
    EXPECT_TRUE(seen_words(one).empty());
    one.has_echo = one.has_pong = true;
    one.open_ports = {443};
    one.refused_ports = {22};
    EXPECT_EQ(seen_words(one), (std::vector<std::string>{"ping", "asf", "tcp/443", "tcp/22 refused"}));
    one.has_ipmi = true;
    one.is_own = true;
    EXPECT_EQ(seen_words(one), std::vector<std::string>{"ipmi"});
}

TEST(Seen, WhoSpeaksNoSnmpIsToldWithHowItWasSeen) {
    const wire::Candidate bmc =
        make_silent_candidate(kFirst + 1, {"ping", "ipmi", "tcp/443"}, "00:00:5e:00:53:01");
    EXPECT_EQ(bmc.addresses, std::vector<std::string>{"10.0.0.1"});
    EXPECT_EQ(bmc.problem, "it is there (ping, IPMI, TCP 443, ARP), but answers no credential by SNMP");
    EXPECT_EQ(bmc.trouble, "silent");
    EXPECT_EQ(bmc.device_class, "bmc");
    EXPECT_EQ(bmc.mac, "00:00:5e:00:53:01");
    EXPECT_EQ(bmc.seen, (std::vector<std::string>{"ping", "ipmi", "tcp/443", "arp"}));
    EXPECT_EQ(make_silent_candidate(kFirst, {"ping", "tcp/443"}, "").device_class, "")
        << "a web server may be anything";
    EXPECT_EQ(make_silent_candidate(kFirst, {}, "").problem, "");
}

}  // namespace
}  // namespace outstation::polld
