// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that are read by the clock: as few looks as may be, and nobody is slower or measured wrongly for
// it.
#include <gtest/gtest.h>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "drivers/snmp/look_agenda.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

const MonoTime kStart{1000s};

TEST(LookAgenda, AnAnswerIsExpectedAQuarterAfterItIsDue) {
    LookAgenda agenda(2ms);
    EXPECT_EQ(agenda.next(), MonoTime::max());
    EXPECT_NE(agenda.expect(kStart, 40ms, kStart), 0U);
    EXPECT_EQ(agenda.next(), kStart + 51ms) << "a millisecond that has begun counts";
    EXPECT_NE(agenda.expect(kStart, 100us, kStart), 0U);
    EXPECT_EQ(agenda.next(), kStart + 3ms) << "two looks are a tick apart";
}

TEST(LookAgenda, WhoHasAnsweredIsNotLookedFor) {
    LookAgenda agenda(2ms);
    const auto first = agenda.expect(kStart, 8ms, kStart);
    const auto second = agenda.expect(kStart, 8ms, kStart);
    agenda.forget(first);
    EXPECT_EQ(agenda.next(), kStart + 11ms);
    agenda.forget(second);
    EXPECT_EQ(agenda.next(), MonoTime::max());
    EXPECT_FALSE(agenda.pass(kStart + 1s));
}

TEST(LookAgenda, WhoIsLateIsLookedForAgainLessAndLessOften) {
    LookAgenda agenda(2ms);
    auto slot = agenda.expect(kStart, 8ms, kStart);
    Duration before{0};
    for (int i = 0; i < 8; ++i) {
        const MonoTime now = agenda.next();
        EXPECT_GT(now - kStart, before * 5 / 4);
        EXPECT_TRUE(agenda.pass(now));
        EXPECT_TRUE(agenda.has_passed(slot));
        before = now - kStart;
        slot = agenda.expect(kStart, 8ms, now);
    }
    EXPECT_GT(before, 40ms);
}

TEST(LookAgenda, ARestDoesNotMatter) {
    LookAgenda agenda(2ms);
    agenda.forget(agenda.expect(kStart, 8ms, kStart));
    EXPECT_NE(agenda.expect(kStart + 1h, 8ms, kStart + 1h), 0U);
    EXPECT_EQ(agenda.next(), kStart + 1h + 11ms);
}

// A look each few milliseconds comes anyway.
TEST(LookAgenda, FarAheadAndUnknownNeedNoLookOfTheirOwn) {
    LookAgenda agenda(2ms);
    static_cast<void>(agenda.pass(kStart));
    EXPECT_EQ(agenda.expect(kStart, 1s, kStart), 0U);
    EXPECT_EQ(agenda.expect(kStart, 0ms, kStart), 0U);
    EXPECT_EQ(agenda.next(), MonoTime::max());
}

class Looked : public FakeNetwork {
  public:
    using FakeNetwork::FakeNetwork;
    [[nodiscard]] std::span<const Datagram> receive() override {
        ++looks;
        return FakeNetwork::receive();
    }
    int looks = 0;
};

// A station in the middle of its work: a device begins each 60 ms, and a cycle has ten requests.
class LookTest : public testing::Test {
  protected:
    static constexpr int kDevices = 100;
    static constexpr int kRequests = 10;

    LookTest() {
        for (int i = 0; i < kRequests * 64; ++i) {
            plan_->scalars.push_back(encode_oid("1.3.6.1.4.1.8072.9." + std::to_string(i) + ".0").value());
            network_.mib[plan_->scalars.back()] = {Tag::integer, encode_number(1)};
        }
        EngineOptions options;
        options.receive_tick = 2ms;
        engine_ = std::make_unique<Engine>(loop_, &network_, nullptr, options);
        for (int i = 1; i <= kDevices; ++i)
            devices_.push_back(engine_->add(
                {Address::parse("192.0.2." + std::to_string(i), 161).value(), {.community = "x"}}));
    }
    void poll(Engine::DeviceId device) {
        engine_->poll(device, plan_, 10s, [this](Engine::DeviceId, const Cycle& cycle) {
            ASSERT_EQ(cycle.error, CycleError::none) << cycle.detail;
            ++done_;
            requests_ += cycle.requests;
            took_ += cycle.duration;
            slowest_rtt_ = std::max(slowest_rtt_, cycle.rtt);
        });
    }
    void run_round() {
        done_ = 0;
        requests_ = 0;
        took_ = slowest_rtt_ = Duration{0};
        for (const auto device : devices_) {
            poll(device);
            loop_.advance(60ms);
        }
        loop_.advance(2s);
        ASSERT_EQ(done_, kDevices);
    }

    SimLoop loop_;
    Looked network_{loop_};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    std::unique_ptr<Engine> engine_;
    std::vector<Engine::DeviceId> devices_;
    int done_ = 0;
    std::uint32_t requests_ = 0;
    Duration took_{0};
    Duration slowest_rtt_{0};
};

TEST_F(LookTest, AnswersOfSeveralDevicesAreFoundAtOnce) {
    network_.delay = 47ms;
    run_round();  // what they need is known now
    network_.looks = 0;
    run_round();
    EXPECT_EQ(requests_, static_cast<std::uint32_t>(kDevices * kRequests));
    EXPECT_LT(network_.looks, kDevices * kRequests / 2) << "looks, for " << requests_ << " answers";
}

TEST_F(LookTest, NobodyIsMuchSlowerForIt) {
    for (const Duration needs : {Duration(300us), Duration(7ms), Duration(47ms), Duration(200ms)}) {
        network_.delay = needs;
        run_round();
        run_round();
        const Duration mean = took_ / kDevices / kRequests;
        EXPECT_LT(mean, needs * 5 / 4 + 4ms);
    }
}

TEST_F(LookTest, WhatItWaitedForALookIsNotTheDevicesTime) {
    network_.delay = 47ms;
    run_round();
    EXPECT_EQ(slowest_rtt_, 47ms);
}

// The system has no room for more than some hundreds: they are fetched soon.
TEST_F(LookTest, ManyAnswersAreFetchedWithoutAPause) {
    network_.delay = 100ms;
    for (const auto device : devices_) poll(device);
    loop_.advance(3s);
    ASSERT_EQ(done_, kDevices);
    const Address stranger = Address::parse("192.0.2.200", 161).value();
    for (int i = 0; i < 4000; ++i) network_.deliver(stranger, "nothing", 50ms);
    poll(devices_[0]);
    loop_.advance(100ms);
    EXPECT_EQ(engine_->counters().malformed, 4000U);
}

TEST_F(LookTest, AtRestItIsReadWhenItComes) {
    const Address stranger = Address::parse("192.0.2.200", 161).value();
    network_.deliver(stranger, "nothing", 1ms);
    loop_.advance(1ms);
    EXPECT_EQ(engine_->counters().malformed, 1U);
    network_.looks = 0;
    loop_.advance(1min);
    EXPECT_LE(network_.looks, 1);
}

}  // namespace
}  // namespace outstation::snmp
