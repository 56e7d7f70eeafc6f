// SPDX-License-Identifier: GPL-3.0-or-later
// The way to the journal: in order, once, whatever breaks between.
#include "daemons/alertd/outbox.hpp"

#include <gtest/gtest.h>

#include "lib/event/sim_loop.hpp"

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;

class FakeStore : public StoreLink {
  public:
    bool connected() const override { return connected_; }
    void append(const wire::AppendStates& batch, Answer answer) override {
        sent.push_back(batch);
        answers.push_back(std::move(answer));
    }
    void answer(std::size_t i, std::uint64_t first) {
        answers[i](wire::Appended{sent[i].counter, first, first + sent[i].records.size() - 1, false});
    }
    bool connected_ = true;
    std::vector<wire::AppendStates> sent;
    std::vector<Answer> answers;
};

class OutboxTest : public testing::Test {
  protected:
    void add(std::uint64_t revision) {
        wire::StateRecord record{"d", {}, wire::kAlarmKind, "", "", ""};
        record.alarm.emplace().revision = revision;
        outbox_.add(std::move(record));
    }
    SimLoop loop_;
    FakeStore store_;
    std::vector<std::uint64_t> done_;
    std::vector<std::uint64_t> refused_;
    Outbox outbox_{loop_, store_,
                   [this](const std::vector<wire::StateRecord>& records, const Result<void>& result) {
                       for (const auto& record : records)
                           (result ? done_ : refused_).push_back(record.alarm->revision);
                   }};
};

TEST_F(OutboxTest, StepsOfOneTurnAreOneBatch) {
    add(1);
    add(2);
    loop_.advance(1ms);
    ASSERT_EQ(store_.sent.size(), 1U);
    EXPECT_EQ(store_.sent[0].records.size(), 2U);
    EXPECT_EQ(outbox_.waiting(), 2U);
    store_.answer(0, 7);
    EXPECT_EQ(done_, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(outbox_.waiting(), 0U);
}

TEST_F(OutboxTest, TheTroubleOfAConnectionEndsWithTheNext) {
    outbox_.on_connected();
    outbox_.on_disconnected();
    EXPECT_EQ(outbox_.trouble(), "stored is not connected");
    outbox_.on_connected();
    EXPECT_EQ(outbox_.trouble(), "");
}

TEST_F(OutboxTest, WhatIsNotAnsweredGoesAgainUnderItsNumber) {
    add(1);
    loop_.advance(1ms);
    add(2);
    loop_.advance(1ms);
    outbox_.on_disconnected();
    store_.connected_ = false;
    add(3);
    loop_.advance(20s);
    EXPECT_EQ(store_.sent.size(), 2U);
    EXPECT_GE(outbox_.oldest_age(), 20s);
    EXPECT_FALSE(outbox_.trouble().empty());
    store_.connected_ = true;
    outbox_.on_connected();
    ASSERT_EQ(store_.sent.size(), 5U);
    for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(store_.sent[i].counter, i - 1);
    store_.answer(0, 1);  // of the connection that was lost: not believed
    EXPECT_TRUE(done_.empty());
    for (std::size_t i = 2; i < 5; ++i) store_.answer(i, i);
    EXPECT_EQ(done_, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_TRUE(outbox_.trouble().empty());
}

TEST_F(OutboxTest, AStoreThatIsFullIsAskedAgainInOrder) {
    add(1);
    loop_.advance(1ms);
    add(2);
    loop_.advance(1ms);
    store_.answers[0](fail(ErrorCode::exhausted, "no room"));
    EXPECT_EQ(outbox_.trouble(), "no room");
    loop_.advance(1s);
    ASSERT_EQ(store_.sent.size(), 4U);
    EXPECT_EQ(store_.sent[2].counter, 1U);
    EXPECT_EQ(store_.sent[3].counter, 2U);
}

TEST_F(OutboxTest, WhatStoredCanNeverTakeIsToldAndDropped) {
    add(1);
    loop_.advance(1ms);
    store_.answers[0](fail(ErrorCode::malformed, "too long"));
    EXPECT_EQ(refused_, (std::vector<std::uint64_t>{1}));
    bool drained = false;
    outbox_.drain([&] { drained = true; });
    EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace outstation::alertd
