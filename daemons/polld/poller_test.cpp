// SPDX-License-Identifier: GPL-3.0-or-later
// Hours of polling on virtual time: schedule, back-off, configuration that changes under way, stored that
// comes and goes.
#include "daemons/polld/poller.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

std::string oid(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

// A stored that acknowledges in the next turn and remembers all.
class FakeStore : public StoreLink {
  public:
    explicit FakeStore(Loop& loop) : loop_(loop) {}
    [[nodiscard]] bool connected() const override { return up; }
    void define(const wire::DefineSeries& series) override { defined += series.series.size(); }
    void append(const wire::AppendSamples& batch, Answer answer) override {
        samples.insert(samples.end(), batch.records.begin(), batch.records.end());
        acknowledge(batch.counter, std::move(answer));
    }
    void append(const wire::AppendStates& batch, Answer answer) override {
        if (refuses) {
            loop_.post([answer] { answer(fail(ErrorCode::malformed, "not so")); });
            return;
        }
        for (const auto& record : batch.records)
            (record.is_event() ? states : names)
                .push_back(record.device + " " + record.kind +
                           (record.component.empty() ? "" : " " + record.component));
        acknowledge(batch.counter, std::move(answer));
    }
    bool up = true;
    bool refuses = false;  // states
    std::size_t defined = 0;
    std::vector<wire::SampleRecord> samples;
    std::vector<std::string> states;
    std::vector<std::string> names;  // and other attributes

  private:
    void acknowledge(std::uint64_t counter, Answer answer) {
        loop_.post([counter, answer = std::move(answer)] { answer(wire::Appended{counter, 1, 1, false}); });
    }
    Loop& loop_;
};

// Answers when told to.
class FakeStates : public StateSource {
  public:
    explicit FakeStates(const FakeStore& store) : store_(store) {}
    [[nodiscard]] bool connected() const override { return store_.up; }
    void ask(Answer answer) override { waiting.push_back(std::move(answer)); }
    void answer(const Result<States>& states) {
        const auto asked = std::move(waiting);
        waiting.clear();
        for (const auto& one : asked) one(states);
    }
    std::vector<Answer> waiting;

  private:
    const FakeStore& store_;
};

wire::DeviceConfig device(const std::string& id, const std::string& address,
                          std::uint64_t interval_ms = 10'000) {
    wire::DeviceConfig out;
    out.id = id;
    out.address = address;
    out.port = 161;
    out.interval_ms = interval_ms;
    out.credential = "room";
    return out;
}

class PollerTest : public testing::Test {
  protected:
    PollerTest() {
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, snmp::encode_number(100'000)};
        network_.mib[oid("1.3.6.1.2.1.2.2.1.8.1")] = {Tag::integer, snmp::encode_number(1)};
        network_.mib[oid("1.3.6.1.2.1.31.1.1.1.1.1")] = {Tag::octet_string, "GE1"};
        network_.twist = [this](const snmp::Address& from, std::string& bytes) {
            asked_.insert(from.text());
            if (dead_.contains(from.text())) bytes.clear();
        };
        start();
    }
    void start() {
        poller_.reset();
        uplink_ = std::make_unique<Uplink>(loop_, store_, book_);
        poller_ = std::make_unique<Poller>(
            Poller::Parts{loop_, engine_, book_, *uplink_, states_,
                          [this] {
                              Stamp stamp;
                              stamp.wall_ns = loop_.wall().time_since_epoch().count();
                              return stamp;
                          },
                          [this](const char* id, const std::string&) { told_.emplace_back(id); }});
    }
    void configure(std::vector<wire::DeviceConfig> devices,
                   const wire::Credential& credential = {"room", "snmp-v2c", "public"}) {
        wire::ConfigReply config;
        config.devices = std::move(devices);
        config.credentials = {credential};
        poller_->configure(config);
    }
    void connect() {
        store_.up = true;
        poller_->on_store_connected();
        uplink_->on_connected();
    }
    void disconnect() {
        store_.up = false;
        uplink_->on_disconnected();
        states_.answer(fail(ErrorCode::io, "connection lost"));
    }
    // Seconds between the records of the device.
    [[nodiscard]] std::vector<long> distances(const std::string& id) const {
        std::vector<long> out;
        std::int64_t before = 0;
        for (const auto& record : store_.samples) {
            if (record.device != id) continue;
            if (before != 0) out.push_back((record.stamp.wall_ns - before + 500'000'000) / 1'000'000'000);
            before = record.stamp.wall_ns;
        }
        return out;
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    SeriesBook book_{SeriesBook::Limits{60, 1000}};
    FakeStore store_{loop_};
    FakeStates states_{store_};
    std::unique_ptr<Uplink> uplink_;
    std::unique_ptr<Poller> poller_;
    std::set<std::string> asked_;
    std::set<std::string> dead_;
    std::vector<std::string> told_;
};

TEST_F(PollerTest, EachDeviceIsPolledOnItsRasterWithoutDrift) {
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2", 60'000)});
    states_.answer(StateSource::States{});
    loop_.advance(1h);
    const auto a = distances("a");
    ASSERT_GT(a.size(), 350U);
    for (std::size_t i = 1; i < a.size(); ++i) ASSERT_EQ(a[i], 10) << i;  // the first begins the raster
    const auto b = distances("b");
    ASSERT_GT(b.size(), 55U);
    for (std::size_t i = 1; i < b.size(); ++i) ASSERT_EQ(b[i], 60) << i;
    EXPECT_EQ(poller_->counters().skipped, 0U);
    EXPECT_EQ(poller_->counters().worst_lateness, 0s);
    EXPECT_EQ(poller_->devices_up(), 2U);
    EXPECT_EQ(poller_->status("b").at(0).interval_ms, 60'000U);
}

TEST_F(PollerTest, ADeadDeviceIsAskedLessOftenAndAtItsNextTurnWhenItIsBack) {
    dead_ = {"192.0.2.1:161"};
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(10min);
    const auto apart = distances("a");
    ASSERT_GT(apart.size(), 10U);
    EXPECT_EQ((std::vector<long>(apart.begin() + 1, apart.begin() + 8)),
              (std::vector<long>{10, 20, 20, 20, 40, 40, 40}));
    dead_.clear();
    store_.samples.clear();
    loop_.advance(100s);
    const auto back = distances("a");
    ASSERT_GE(back.size(), 5U);
    for (const long seconds : back) EXPECT_NEAR(static_cast<double>(seconds), 10, 3);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_down", "a device_up"}));
}

TEST_F(PollerTest, ACycleThatTakesLongerThanTheIntervalIsNotOvertaken) {
    network_.delay = 900ms;
    network_.max_varbinds = 1;
    for (int i = 2; i < 30; ++i)
        network_.mib[oid("1.3.6.1.2.1.2.2.1.8." + std::to_string(i))] = {Tag::integer,
                                                                         snmp::encode_number(1)};
    configure({device("a", "192.0.2.1", 5000)});
    loop_.advance(1min);
    EXPECT_GE(poller_->counters().polls, 5U);
    EXPECT_EQ(poller_->status("a").at(0).error.substr(0, 8), "deadline");
}

TEST_F(PollerTest, DevicesComeGoAndMoveInTheMiddleOfTheirCycles) {
    network_.delay = 700ms;
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2"), device("c", "192.0.2.3")});
    states_.answer(StateSource::States{});
    loop_.advance(30s);
    EXPECT_EQ(asked_, (std::set<std::string>{"192.0.2.1:161", "192.0.2.2:161", "192.0.2.3:161"}));
    while (!(engine_.busy(0) && engine_.busy(1))) loop_.advance(100ms);
    auto slower = device("c", "192.0.2.3", 60'000);
    configure({device("a", "192.0.2.9"), slower, device("d", "192.0.2.4")});
    states_.answer(StateSource::States{});
    asked_.clear();
    store_.samples.clear();
    loop_.advance(5min);
    EXPECT_EQ(asked_, (std::set<std::string>{"192.0.2.9:161", "192.0.2.3:161", "192.0.2.4:161"}));
    EXPECT_TRUE(distances("b").empty());
    EXPECT_GT(distances("a").size(), 25U);
    EXPECT_LE(distances("c").size(), 5U);
    EXPECT_GT(distances("d").size(), 25U);
    EXPECT_EQ(poller_->devices(), 3U);
    // Who moved or changed its interval is up as before: nothing is told of it.
    std::sort(store_.states.begin(), store_.states.end());
    EXPECT_EQ(store_.states,
              (std::vector<std::string>{"a device_up", "b device_up", "c device_up", "d device_up"}));
    configure({});
    store_.samples.clear();
    loop_.advance(1min);
    EXPECT_TRUE(store_.samples.empty());
}

TEST_F(PollerTest, WhatCannotBePolledSaysWhyAndIsPolledOnceItCan) {
    auto wrong = device("a", "not-an-address");
    auto secret = device("b", "192.0.2.2");
    secret.credential = "other";
    configure({wrong, secret});
    loop_.advance(1min);
    EXPECT_EQ(poller_->counters().polls, 0U);
    EXPECT_FALSE(poller_->status("a").at(0).error.empty());
    EXPECT_EQ(poller_->status("b").at(0).error, "credential other cannot be had");
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")});
    loop_.advance(1min);
    EXPECT_EQ(poller_->devices_up(), 2U);
    EXPECT_TRUE(poller_->status("a").at(0).error.empty());
    EXPECT_EQ(poller_->status("b").at(0).protocol, "SNMPv2c");
    configure({secret});
    EXPECT_EQ(poller_->status("b").at(0).protocol, "") << "with no credential it is polled by none";
}

TEST_F(PollerTest, AStartWithoutStoredPollsAndTellsWhatIsNewsWhenItComes) {
    store_.up = false;
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")});
    loop_.advance(2min);
    dead_ = {"192.0.2.2:161"};
    loop_.advance(2min);
    EXPECT_GT(poller_->counters().polls, 20U);
    connect();
    EXPECT_EQ(store_.defined, 0U);  // stored is asked first what it had
    ASSERT_EQ(states_.waiting.size(), 1U);
    loop_.advance(1s);
    EXPECT_TRUE(store_.samples.empty());
    Recalled a;
    a.up = true;
    a.interfaces["1"] = {false, true};
    states_.answer(StateSource::States{{"a", a}});
    loop_.advance(1s);
    EXPECT_EQ(store_.states,
              (std::vector<std::string>{"a interface_up GE1", "b device_up", "b device_down"}));
    EXPECT_GT(store_.samples.size(), 20U);  // kept until now
    EXPECT_GT(store_.defined, 0U);
    // Later losses of stored ask nothing: what was told is known.
    store_.states.clear();
    disconnect();
    loop_.advance(1min);
    dead_.clear();
    loop_.advance(1min);
    connect();
    EXPECT_TRUE(states_.waiting.empty());
    loop_.advance(1s);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"b device_up"}));
}

TEST_F(PollerTest, ARestartOfPolldNeitherRepeatsNorMisses) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up"}));
    Recalled a;
    a.up = true;
    a.uptime = 100'000;
    a.interfaces["1"] = {true, false};
    a.interfaces["1"].name = "GE1";
    start();
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{{"a", a}});
    loop_.advance(1min);
    EXPECT_EQ(store_.states.size(), 1U);
    network_.mib[oid("1.3.6.1.2.1.2.2.1.8.1")] = {Tag::integer, snmp::encode_number(2)};
    start();
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{{"a", a}});
    loop_.advance(1min);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up", "a interface_down GE1"}));
    EXPECT_EQ(store_.names, (std::vector<std::string>{"a interface_name GE1"}));
}

TEST_F(PollerTest, AQuestionThatFailsIsAskedAgainAndHoldsValuesUpForAWhileOnly) {
    configure({device("a", "192.0.2.1")});
    loop_.advance(5s);
    EXPECT_TRUE(store_.samples.empty());
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")});  // comes while the question is under way
    EXPECT_EQ(states_.waiting.size(), 1U);
    for (int times = 1; times <= 3; ++times) {
        EXPECT_TRUE(store_.samples.empty());
        states_.answer(fail(ErrorCode::timeout, "no answer in time"));
        EXPECT_EQ(told_.size(), static_cast<std::size_t>(times));
        if (times < 3) loop_.advance(3s);
    }
    EXPECT_EQ(told_.front(), "STATES_UNKNOWN");
    EXPECT_FALSE(store_.samples.empty());
    EXPECT_TRUE(store_.states.empty());
    loop_.advance(3s);
    ASSERT_EQ(states_.waiting.size(), 1U);
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2"), device("c", "192.0.2.3")});
    states_.answer(StateSource::States{});
    EXPECT_EQ(states_.waiting.size(), 1U);  // for the one that came
    states_.answer(StateSource::States{});
    loop_.advance(10s);
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up", "b device_up", "c device_up"}));
}

TEST_F(PollerTest, TooManySeriesAreToldOnceAndTheDeviceGoesOn) {
    int n = 0;
    network_.corrupt = [&](const snmp::FakeRequest&, snmp::FakeAnswer&) {
        network_.mib[oid("1.3.6.1.2.1.31.1.1.1.1.1")] = {Tag::octet_string, "port" + std::to_string(++n)};
        return false;
    };
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1h);
    EXPECT_LE(book_.size(), 60U);
    EXPECT_EQ(told_, (std::vector<std::string>{"TOO_MANY_SERIES"}));
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "a too_many_series"), 1);
    EXPECT_GT(store_.samples.size(), 350U);
    EXPECT_GE(store_.samples.back().gauges.size(), 5U);
}

TEST_F(PollerTest, AStateThatStoredTurnedAwayIsToldAgain) {
    store_.refuses = true;
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")});
    states_.answer(StateSource::States{});
    loop_.advance(5s);
    EXPECT_GT(uplink_->refused_records(), 1U);
    EXPECT_TRUE(store_.states.empty());
    store_.refuses = false;
    loop_.advance(1min);
    std::sort(store_.states.begin(), store_.states.end());
    EXPECT_EQ(store_.states, (std::vector<std::string>{"a device_up", "b device_up"}));
}

TEST_F(PollerTest, ADeviceThatTakesTooLongIsPolledLessOftenAndThatIsTold) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    network_.delay = 2s;  // three requests a cycle, all of the tables in each eighth
    loop_.advance(2min);
    std::vector<std::string> expected = {"a device_up", "a under_strain"};
    EXPECT_EQ(store_.states, expected);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 20'000U);
    const auto polls = poller_->counters().polls;
    loop_.advance(10min);
    EXPECT_EQ(poller_->counters().polls - polls, 30U);
    network_.delay = 5ms;
    loop_.advance(5min);
    expected.emplace_back("a strain_over");
    EXPECT_EQ(store_.states, expected);
    EXPECT_EQ(poller_->status("a").at(0).interval_ms, 10'000U);
}

TEST_F(PollerTest, ADeviceOfSnmpV3IsPolledAndItsMistakesAndMendsAreTold) {
    wire::Credential credential{"room",   "snmp-v3",        "",       "reader",
                                "sha256", "authentication", "aes128", "wrongly"};
    configure({device("a", "192.0.2.1")}, credential);
    states_.answer(StateSource::States{});
    EXPECT_EQ(poller_->status("a").at(0).error,
              "credential room: privacy: a passphrase has less than 8 characters");
    const auto user = snmp::UsmUser::make("reader", snmp::AuthProtocol::sha256, "authentication",
                                          snmp::PrivProtocol::aes128, "and privacy")
                          .value();
    snmp::FakeUsm agent("engine one", user);
    network_.usm = &agent;
    credential.priv_passphrase = "wrong one";
    configure({device("a", "192.0.2.1")}, credential);
    loop_.advance(15s);
    EXPECT_EQ(poller_->status("a").at(0).error.substr(0, 8), "privacy:");
    EXPECT_EQ(poller_->devices_up(), 0U);
    credential.priv_passphrase = "and privacy";
    configure({device("a", "192.0.2.1")}, credential);
    loop_.advance(15s);
    agent.time += 15;
    const auto status = poller_->status("a").at(0);
    EXPECT_EQ(status.error, "");
    EXPECT_EQ(status.protocol, "SNMPv3");
    EXPECT_TRUE(status.authenticated);
    EXPECT_EQ(poller_->devices_up(), 1U);
    EXPECT_EQ(told_, std::vector<std::string>{});
    agent.boots = 2;
    loop_.advance(15s);
    EXPECT_EQ(told_, std::vector<std::string>{"SNMP_ENGINE_CHANGED"});
    network_.usm = nullptr;
}

TEST_F(PollerTest, AfterStopNothingIsPolledAndWhatIsUnderWayIsTaken) {
    network_.delay = 300ms;
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    while (!engine_.busy(0)) loop_.advance(10ms);
    poller_->stop();
    const auto polls = poller_->counters().polls;
    loop_.advance(2min);
    EXPECT_EQ(poller_->counters().polls, polls);
    EXPECT_EQ(store_.samples.size(), 1U);
}

}  // namespace
}  // namespace outstation::polld
