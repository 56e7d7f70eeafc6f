// SPDX-License-Identifier: GPL-3.0-or-later
// Hours of polling on virtual time: schedule, back-off, configuration that changes under way, stored that
// comes and goes.
#include "daemons/polld/poller_test.hpp"

#include <algorithm>

#include "drivers/snmp/fake_usm.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

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

TEST_F(PollerTest, ADeviceOfTcpIsSentNoDatagram) {
    wire::DeviceConfig one = device("one", "127.0.0.1");
    one.port = 1;
    configure({one});
    states_.answer(StateSource::States{});
    loop_.advance(60s);
    const int before = network_.sent;
    EXPECT_GT(before, 0);
    one.transport = "tcp";
    configure({one});
    const std::uint64_t polls = poller_->counters().polls;
    loop_.advance(60s);
    EXPECT_EQ(network_.sent, before);
    EXPECT_GT(poller_->counters().polls, polls);
    // The loop never tells of the connection: it is refused at once, or waits for an answer.
    const wire::PollStatus status = poller_->status("one").at(0);
    EXPECT_TRUE(status.requests > 0 || status.error.find("send") != std::string::npos) << status.error;
    one.transport = "udp";
    configure({one});
    loop_.advance(60s);
    EXPECT_GT(network_.sent, before);
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

TEST_F(PollerTest, WhatAllPollsAskedForIsCounted) {
    configure({device("a", "192.0.2.1")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    const wire::PollStatus before = poller_->status("a").at(0);
    loop_.advance(2min);
    const wire::PollStatus after = poller_->status("a").at(0);
    EXPECT_EQ(after.first_ns, before.first_ns);
    EXPECT_LT(after.first_ns, after.last_ns);
    const auto polls =
        (after.last_ns - before.last_ns) / (static_cast<std::int64_t>(after.interval_ms) * 1'000'000);
    EXPECT_GE(polls, 1);
    const std::uint64_t requests = after.all_requests - before.all_requests;
    EXPECT_GE(requests, static_cast<std::uint64_t>(polls) * after.requests);
    EXPECT_LE(requests, static_cast<std::uint64_t>(polls) * 2 * after.requests);  // some look for new rows
    EXPECT_GE(after.all_bytes - before.all_bytes, 40 * requests);
}

TEST_F(PollerTest, ThatStoredTakesNotAllSeriesOfADeviceIsToldOnce) {
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")});
    states_.answer(StateSource::States{});
    loop_.advance(1min);
    for (int connections = 0; connections < 3; ++connections) {
        poller_->on_series_refused("b");
        loop_.advance(1min);
    }
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "b too_many_series"), 1);
    EXPECT_EQ(std::count(store_.states.begin(), store_.states.end(), "a too_many_series"), 0);
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
