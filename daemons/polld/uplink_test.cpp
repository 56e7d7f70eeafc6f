// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing is lost and nothing leaves its order while stored comes and goes.
#include "daemons/polld/uplink.hpp"

#include <gtest/gtest.h>

#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

// A stored that acknowledges when told to.
class FakeStore : public StoreLink {
  public:
    [[nodiscard]] bool connected() const override { return up; }
    void define(const wire::DefineSeries& series) override {
        for (const auto& def : series.series) defined.push_back(def.id);
    }
    void append(const wire::AppendSamples& batch, Answer answer) override {
        take(batch.counter, std::move(answer));
    }
    void append(const wire::AppendStates& batch, Answer answer) override {
        take(batch.counter, std::move(answer));
    }
    void acknowledge_all() {
        auto answers = std::move(waiting);
        waiting.clear();
        for (auto& [counter, answer] : answers) answer(wire::Appended{counter, 1, 1, false});
    }
    void refuse_first() {
        const auto answer = waiting.front().second;
        waiting.erase(waiting.begin());
        answer(fail(ErrorCode::malformed, "too many values"));
    }
    void fail_all() {
        auto answers = std::move(waiting);
        waiting.clear();
        for (auto& [counter, answer] : answers) answer(fail(ErrorCode::timeout, "no answer"));
    }

    bool up = true;
    std::vector<std::uint64_t> received;
    std::vector<std::uint32_t> defined;
    std::vector<std::pair<std::uint64_t, Answer>> waiting;

  private:
    void take(std::uint64_t counter, Answer answer) {
        received.push_back(counter);
        waiting.emplace_back(counter, std::move(answer));
    }
};

wire::SampleRecord sample(std::size_t values = 1) {
    wire::SampleRecord record;
    record.device = "sw";
    record.gauge_series.assign(values, 1);
    record.gauges.assign(values, 1.0);
    return record;
}

wire::StateRecord state() {
    return {"sw", {}, "device_up", "", "", ""};
}

class UplinkTest : public testing::Test {
  protected:
    static Uplink::Options options() {
        Uplink::Options out;
        out.max_bytes = 10'000;
        return out;
    }
    SimLoop loop_;
    FakeStore store_;
    SeriesBook book_;
    Uplink uplink_{loop_, store_, book_, options()};
};

TEST_F(UplinkTest, SamplesAreGatheredAndStatesGoAtOnce) {
    uplink_.add(sample());
    uplink_.add(sample());
    EXPECT_TRUE(store_.received.empty());
    uplink_.add(std::vector<wire::StateRecord>{state()});
    EXPECT_EQ(store_.received.size(), 1U);
    loop_.advance(300ms);
    EXPECT_EQ(store_.received.size(), 2U);
    EXPECT_EQ(uplink_.kept_records(), 3U);
    store_.acknowledge_all();
    EXPECT_EQ(uplink_.kept_records(), 0U);
}

TEST_F(UplinkTest, SeriesAreDefinedBeforeTheFirstBatchOfEachConnection) {
    book_.number_of(SeriesInfo{{"sw", "up", {}}, SeriesKind::gauge, "", 1});
    uplink_.add(sample());
    loop_.advance(300ms);
    EXPECT_EQ(store_.defined, (std::vector<std::uint32_t>{1}));
    book_.number_of(SeriesInfo{{"sw", "if_number", {}}, SeriesKind::gauge, "", 1});
    uplink_.add(sample());
    loop_.advance(300ms);
    EXPECT_EQ(store_.defined, (std::vector<std::uint32_t>{1, 2}));
    store_.up = false;
    uplink_.on_disconnected();
    store_.up = true;
    store_.defined.clear();
    uplink_.on_connected();
    EXPECT_EQ(store_.defined, (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(UplinkTest, AfterAReconnectWhatIsNotAcknowledgedGoesAgainInOrderWithItsNumbers) {
    for (int i = 0; i < 3; ++i) {
        uplink_.add(sample());
        loop_.advance(300ms);
    }
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{1, 2, 3}));
    store_.waiting[0].second(wire::Appended{1, 1, 1, false});
    auto old = std::move(store_.waiting);
    store_.up = false;
    uplink_.on_disconnected();
    uplink_.add(sample());
    loop_.advance(300ms);
    old[1].second(wire::Appended{2, 2, 2, false});  // an answer of a lost connection proves nothing here
    store_.received.clear();
    store_.waiting.clear();
    store_.up = true;
    uplink_.on_connected();
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{2, 3, 4}));
    store_.acknowledge_all();
    EXPECT_EQ(uplink_.kept_records(), 0U);
    EXPECT_EQ(uplink_.dropped_records(), 0U);
}

TEST_F(UplinkTest, ARefusedBatchIsSentAgainWithAllAfterIt) {
    for (int i = 0; i < 2; ++i) {
        uplink_.add(sample());
        loop_.advance(300ms);
    }
    store_.received.clear();
    store_.fail_all();
    EXPECT_TRUE(store_.received.empty());
    loop_.advance(2s);
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(UplinkTest, AfterARefusalNothingIsSentForASecondWhateverComes) {
    uplink_.add(sample());
    loop_.advance(300ms);
    store_.fail_all();
    store_.received.clear();
    for (int i = 0; i < 5; ++i) {
        uplink_.add(std::vector<wire::StateRecord>{state()});
        loop_.advance(100ms);
    }
    uplink_.hold(false);
    EXPECT_TRUE(store_.received.empty());
    loop_.advance(600ms);
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    loop_.advance(10s);
    EXPECT_EQ(store_.received.size(), 6U);  // once
    store_.acknowledge_all();
    uplink_.add(std::vector<wire::StateRecord>{state()});
    EXPECT_EQ(store_.received.size(), 7U);  // at once again
}

TEST_F(UplinkTest, ANewConnectionDoesNotWaitForTheSecond) {
    uplink_.add(std::vector<wire::StateRecord>{state()});
    store_.fail_all();
    store_.received.clear();
    uplink_.on_connected();
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{1}));
    loop_.advance(2s);
    EXPECT_EQ(store_.received.size(), 1U);
}

TEST_F(UplinkTest, ABatchThatStoredCannotTakeDoesNotHoldUpTheOthers) {
    Uplink uplink(loop_, store_, book_);
    uplink.add(sample(20000));
    uplink.add(sample(20000));  // the first is closed: together they would be too many
    loop_.advance(300ms);
    EXPECT_EQ(store_.received.size(), 2U);
    store_.refuse_first();
    store_.acknowledge_all();
    EXPECT_EQ(uplink.kept_records(), 0U);
    EXPECT_EQ(uplink.refused_records(), 1U);
}

TEST_F(UplinkTest, WhatStoredNeverTakesIsDroppedWithAWordAndNotSentAgain) {
    std::vector<std::string> told;
    uplink_.on_trouble(
        [&](const char* id, const std::string& text) { told.push_back(std::string(id) + " " + text); });
    uplink_.add(std::vector<wire::StateRecord>{state()});
    store_.refuse_first();
    store_.received.clear();
    loop_.advance(10min);
    EXPECT_TRUE(store_.received.empty());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0], "BATCH_REFUSED batch 1, 1 records from sw on, is dropped: too many values");
    store_.up = false;
    for (int i = 0; i < 100; ++i) {
        uplink_.add(sample(20));
        loop_.advance(300ms);
    }
    ASSERT_EQ(told.size(), 2U);  // once, not for each
    EXPECT_EQ(told[1].substr(0, 15), "RECORDS_DROPPED");
}

TEST_F(UplinkTest, WhileHeldNothingIsSent) {
    uplink_.hold(true);
    uplink_.add(std::vector<wire::StateRecord>{state()});
    uplink_.on_connected();
    loop_.advance(1s);
    EXPECT_TRUE(store_.received.empty());
    EXPECT_TRUE(store_.defined.empty());
    uplink_.hold(false);
    EXPECT_EQ(store_.received, (std::vector<std::uint64_t>{1}));
}

TEST_F(UplinkTest, TheBufferIsBoundedAndStatesOutliveSamples) {
    store_.up = false;
    uplink_.add(std::vector<wire::StateRecord>{state()});
    for (int i = 0; i < 100; ++i) {
        uplink_.add(sample(20));
        loop_.advance(300ms);
    }
    EXPECT_LT(uplink_.kept_records(), 40U);
    EXPECT_EQ(uplink_.kept_records() + uplink_.dropped_records(), 101U);
    store_.up = true;
    uplink_.on_connected();
    EXPECT_EQ(store_.received.front(), 1U);   // the state
    EXPECT_EQ(store_.received.back(), 101U);  // the newest sample
}

TEST_F(UplinkTest, WhoMadeAStateHearsThatStoredWillNeverHaveIt) {
    std::size_t lost = 0;
    uplink_.on_lost([&](const std::vector<wire::StateRecord>& states) { lost += states.size(); });
    uplink_.add({state(), state()});
    uplink_.add(sample());
    loop_.advance(300ms);
    store_.refuse_first();
    EXPECT_EQ(lost, 2U);
    store_.refuse_first();  // of samples nobody does
    EXPECT_EQ(lost, 2U);
    store_.up = false;
    while (uplink_.dropped_records() == 0) uplink_.add({state()});
    EXPECT_EQ(lost, 2U + uplink_.dropped_records());
    const std::size_t before = lost;
    store_.up = true;
    uplink_.on_connected();
    store_.acknowledge_all();
    EXPECT_EQ(uplink_.kept_records(), 0U);
    EXPECT_EQ(lost, before);
}

TEST_F(UplinkTest, DrainWaitsForTheLastAcknowledgement) {
    bool drained = false;
    uplink_.add(sample());
    uplink_.drain([&] { drained = true; });
    EXPECT_EQ(store_.received.size(), 1U);
    EXPECT_FALSE(drained);
    store_.acknowledge_all();
    EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace outstation::polld
