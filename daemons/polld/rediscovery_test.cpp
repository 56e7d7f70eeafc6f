// SPDX-License-Identifier: GPL-3.0-or-later
// Searching by itself on virtual time, and what is told of it: over restarts too.
#include "daemons/polld/rediscovery.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "daemons/polld/sweep_file.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDayMs = 86'400'000;

std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

TEST(SearchTimesTest, ADayEndsAtTheQuietHourOfTheStation) {
    const SearchTimes daily{kDayMs, 210, "Asia/Shanghai"};  // 03:30 there is 19:30 UTC
    const std::int64_t noon = 1'700'049'600 * kSecond;      // 2023-11-15 12:00 UTC
    const std::int64_t next = next_search_ns(noon, daily);
    EXPECT_EQ(next, (1'700'049'600 + 31 * 3600 + 1800) * kSecond);
    EXPECT_EQ(next_search_ns(next, daily), next + 86'400 * kSecond);
    EXPECT_EQ(next_search_ns(next, {7 * kDayMs, 210, "Asia/Shanghai"}), next + 7 * 86'400 * kSecond);
    EXPECT_EQ(next_search_ns(next, {3'600'000, 210, "Asia/Shanghai"}), next + 3600 * kSecond);
    EXPECT_EQ(next_search_ns(next, {0, 210, "Asia/Shanghai"}), 0);
    EXPECT_EQ(next_search_ns(noon, {kDayMs, 0, "no zone"}), 1'700'092'800 * kSecond) << "UTC";
}

class RediscoveryTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(folder_), nullptr);
        network_.mib[oid("1.3.6.1.2.1.1.1.0")] = {Tag::octet_string, "A UPS"};
        network_.mib[oid("1.3.6.1.2.1.1.5.0")] = {Tag::octet_string, "ups"};
        network_.twist = [this](const snmp::Address& from, std::string& bytes) {
            if (live_.count(from.text().substr(0, from.text().find(':'))) == 0) bytes.clear();
        };
        credentials_.update({{"room", "snmp-v2c", "public"}});
        start();
    }
    void TearDown() override {
        rediscovery_.reset();
        std::filesystem::remove_all(folder_);
    }
    void start() {
        rediscovery_.reset();
        const wire::SweepState before = sweep_ ? sweep_->saved() : wire::SweepState{};
        sweep_ = std::make_unique<Sweep>(Sweep::Parts{loop_, engine_, shelf_, credentials_,
                                                      [] { return std::map<std::uint32_t, std::string>(); }});
        sweep_->configure({{*parse_range("10.0.0.0/28"), {"room"}}}, {});
        if (!before.status.state.empty()) sweep_->restore(before);
        rediscovery_ = std::make_unique<Rediscovery>(
            Rediscovery::Parts{loop_, *sweep_, std::string(folder_) + "/known",
                               [](const std::string&) { return false; }, [] { return wire::WireStamp{}; },
                               [this](const std::vector<wire::StateRecord>& events) {
                                   for (const auto& one : events)
                                       told_.push_back(one.device + " " + one.kind + " " + one.component);
                               },
                               [this](const char* id, const std::string&) { log_.emplace_back(id); },
                               [](const std::function<void()>& work) {
                                   work();
                                   return std::thread();
                               }});
        configure({kDayMs, 210, "UTC"});
    }
    void configure(const SearchTimes& times) {
        rediscovery_->configure({"10.0.0.0/28", "10.0.0.0/28"}, times);
    }
    void restart() {
        ASSERT_TRUE(rediscovery_->save_now());
        start();
    }
    [[nodiscard]] std::string state() const { return sweep_->status().state; }
    // Of the day, UTC.
    [[nodiscard]] int minute() const {
        return static_cast<int>(sweep_->status().started_ns / kSecond / 60 % 1440);
    }

    char folder_[40] = "/tmp/outstation-known-XXXXXX";
    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    PackShelf shelf_;
    Credentials credentials_;
    std::set<std::string> live_ = {"10.0.0.1", "10.0.0.2"};
    std::vector<std::string> told_;
    std::vector<std::string> log_;
    std::unique_ptr<Sweep> sweep_;
    std::unique_ptr<Rediscovery> rediscovery_;
};

TEST_F(RediscoveryTest, EachDayAtTheQuietHourItSearchesAndTellsWhatIsNewOnce) {
    loop_.advance(36h);
    EXPECT_EQ(state(), "done");
    EXPECT_EQ(minute(), 210);
    EXPECT_TRUE(told_.empty()) << "the first look";
    live_.insert("10.0.0.9");
    loop_.advance(24h);
    EXPECT_EQ(told_, std::vector<std::string>{"10.0.0.9 discovery_new ups"});
    restart();
    loop_.advance(48h);
    EXPECT_EQ(told_.size(), 1U);
    auto found = sweep_->candidates();
    rediscovery_->mark(found);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].difference + found[1].difference + found[2].difference, "new");
    live_.erase("10.0.0.1");
    loop_.advance(24h);
    EXPECT_EQ(told_.back(), "10.0.0.1 discovery_vanished ups");
    EXPECT_TRUE(log_.empty());
}

TEST_F(RediscoveryTest, OffItDoesNotSearchAndWithoutScopesNeither) {
    configure({0, 210, "UTC"});
    EXPECT_EQ(rediscovery_->next_ns(), 0);
    loop_.advance(96h);
    EXPECT_EQ(state(), "never");
    rediscovery_->configure({}, {kDayMs, 210, "UTC"});
    loop_.advance(96h);
    EXPECT_EQ(state(), "never");
}

TEST_F(RediscoveryTest, WhatIsDueWhileItIsOffIsSearchedSoonAfterAStart) {
    ASSERT_TRUE(rediscovery_->save_now());
    rediscovery_.reset();
    loop_.advance(96h);
    start();
    loop_.advance(Rediscovery::kSettle - 2min);
    EXPECT_EQ(state(), "never") << "polling goes first";
    loop_.advance(4min);
    EXPECT_EQ(state(), "done");
}

TEST_F(RediscoveryTest, ASweepThatIsPausedWaitsAndOneThatIsStoppedSaysNothing) {
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(1min);
    live_.clear();
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    sweep_->pause();
    loop_.advance(72h);
    EXPECT_EQ(state(), "paused");
    sweep_->stop();
    EXPECT_TRUE(told_.empty());
    loop_.advance(24h);
    EXPECT_EQ(state(), "done");
    EXPECT_TRUE(told_.empty());
    EXPECT_EQ(sweep_->status().kinds, std::vector<std::string>{"unanswered"});
    EXPECT_NE(sweep_->status().problems.at(0).find("the line may be"), std::string::npos);
}

TEST_F(RediscoveryTest, ASweepThatGoesOnAfterARestartIsComparedToo) {
    loop_.advance(36h);
    live_.insert("10.0.0.9");
    ASSERT_TRUE(sweep_->start({"10.0.0.0/28"}));
    loop_.advance(200ms);
    restart();
    EXPECT_EQ(state(), "running");
    sweep_->configure({{*parse_range("10.0.0.0/28"), {"room"}}}, {});
    loop_.advance(1min);
    EXPECT_EQ(told_, std::vector<std::string>{"10.0.0.9 discovery_new ups"});
}

TEST_F(RediscoveryTest, WhatSomebodyDecidesHoldsOverARestart) {
    loop_.advance(36h);
    live_.insert("10.0.0.9");
    loop_.advance(24h);
    const auto standing = rediscovery_->differences();
    ASSERT_EQ(standing.size(), 1U);
    EXPECT_EQ(rediscovery_->settle(standing[0].id, "ignore").value(), "new: ups");
    EXPECT_FALSE(rediscovery_->settle(standing[0].id + 1, "ignore"));
    restart();
    EXPECT_TRUE(rediscovery_->differences().at(0).ignored);
}

TEST_F(RediscoveryTest, AFileThatIsNoneIsToldAndMadeAgain) {
    rediscovery_.reset();
    std::ofstream(std::string(folder_) + "/known") << "nothing of ours";
    start();
    EXPECT_EQ(log_, std::vector<std::string>{"KNOWN_UNREADABLE"});
    loop_.advance(48h);
    EXPECT_EQ(state(), "done");
}

}  // namespace
}  // namespace outstation::polld
