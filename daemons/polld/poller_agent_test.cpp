// SPDX-License-Identifier: GPL-3.0-or-later
// What is remembered of agents over a restart of polld, and what is told of SNMPv3 engines that are not as
// they should be.
#include <algorithm>

#include "daemons/polld/engine_watch.hpp"
#include "daemons/polld/poller_test.hpp"
#include "drivers/snmp/fake_usm.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

const wire::Credential kUser{"room",   "snmp-v3",        "",       "reader",
                             "sha256", "authentication", "aes128", "and privacy"};

std::shared_ptr<const snmp::UsmUser> user() {
    return snmp::UsmUser::make("reader", snmp::AuthProtocol::sha256, "authentication",
                               snmp::PrivProtocol::aes128, "and privacy")
        .value();
}

class PollerAgentTest : public PollerTest {
  protected:
    ~PollerAgentTest() override { network_.usm = nullptr; }
    // The next cycle's requests.
    std::uint32_t requests_of_next_poll() {
        const auto polls = poller_->counters().polls;
        while (poller_->counters().polls == polls) loop_.advance(100ms);
        loop_.advance(1s);
        return poller_->status("a").at(0).requests;
    }
    void restart() {
        start();
        configure({device("a", "192.0.2.1")}, credential_);
        recall_attributes();
    }
    [[nodiscard]] std::vector<std::string> engine_events() const {
        std::vector<std::string> out;
        for (const std::string& state : store_.states) {
            if (state.find(" engine_") != std::string::npos) out.push_back(state);
        }
        return out;
    }
    void run(snmp::FakeUsm& agent, Duration time) {
        loop_.advance(time);
        agent.time +=
            static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
    }

    wire::Credential credential_ = kUser;
    snmp::FakeUsm agent_{"engine one", user()};
};

TEST_F(PollerAgentTest, AfterARestartAnEngineIsNotAskedForAgain) {
    network_.usm = &agent_;
    restart();
    const std::uint32_t with_discovery = requests_of_next_poll();
    run(agent_, 1min);
    EXPECT_EQ(store_.attributes["a"][kEngineAttribute].substr(0, 28), "656e67696e65206f6e65 boots 7");
    restart();
    agent_.time += 2;
    EXPECT_EQ(requests_of_next_poll(), with_discovery - 1);
    EXPECT_EQ(poller_->status("a").at(0).error, "");
    EXPECT_EQ(engine_events(), std::vector<std::string>{});
}

TEST_F(PollerAgentTest, AnEngineThatIsAnotherAfterARestartIsFoundAndTold) {
    network_.usm = &agent_;
    restart();
    run(agent_, 1min);
    snmp::FakeUsm other("engine two", user());
    network_.usm = &other;
    restart();
    run(other, 1min);
    EXPECT_EQ(poller_->status("a").at(0).error, "");
    EXPECT_EQ(engine_events(), std::vector<std::string>{"a engine_changed 656e67696e65206f6e65"});
    EXPECT_EQ(poller_->why("a", "").value().engine_id, "656e67696e652074776f");
}

TEST_F(PollerAgentTest, AFallBackIsRememberedOverARestart) {
    credential_ = {"room", "snmp-v2c", "public"};
    network_.twist = [](const snmp::Address&, std::string& bytes) {
        if (snmp::parse_version(bytes).value() == snmp::Version::v2c) bytes.clear();  // it knows 1 alone
    };
    restart();
    loop_.advance(1min);
    EXPECT_EQ(poller_->status("a").at(0).protocol, "SNMPv1");
    EXPECT_EQ(store_.attributes["a"][kFallbackAttribute], kFallbackV1);
    const auto retries = engine_.counters().retries;
    restart();
    loop_.advance(1min);
    EXPECT_EQ(engine_.counters().retries, retries);
    EXPECT_EQ(poller_->status("a").at(0).protocol, "SNMPv1");
}

TEST_F(PollerAgentTest, TwoEnginesBehindOneAddressArePolledAndTold) {
    snmp::FakeUsm other("engine two", user());
    network_.usm = &agent_;
    restart();
    const auto flip = [&](int turns) {
        for (int turn = 0; turn < turns; ++turn) {
            run(agent_, 1min);
            other.time = agent_.time;
            network_.usm = turn % 2 == 0 ? &other : &agent_;
        }
    };
    flip(100);
    const std::vector<std::string> told = {"a engine_changed 656e67696e65206f6e65",
                                           "a engine_alternates 656e67696e652074776f"};
    EXPECT_EQ(engine_events(), told);
    EXPECT_EQ(poller_->status("a").at(0).error, "");
    restart();
    flip(10);
    EXPECT_EQ(engine_events(), told);
    restart();
    for (int minute = 0; minute < 180; ++minute) run(agent_, 1min);
    ASSERT_EQ(engine_events().size(), 3U);
    EXPECT_EQ(engine_events().back(), "a engine_settled");
    EXPECT_EQ(poller_->status("a").at(0).error, "");
}

TEST_F(PollerAgentTest, BootsThatGoBackAreToldAndPollingGoesOn) {
    network_.usm = &agent_;
    restart();
    run(agent_, 1min);
    agent_.boots = 2;
    agent_.time = 5;
    run(agent_, 1min);
    EXPECT_EQ(engine_events(), std::vector<std::string>{"a engine_clock_back"});
    EXPECT_EQ(poller_->status("a").at(0).error, "");
}

TEST_F(PollerAgentTest, ARestartIsSeenByBootsWhereTheUptimeTellsNothing) {
    const std::string uptime = oid("1.3.6.1.2.1.1.3.0");
    const auto runs_since = [&](std::uint64_t ticks) {
        network_.mib[uptime] = {snmp::Tag::time_ticks, snmp::encode_number(ticks)};
    };
    const auto restarts = [&] {
        return std::count(store_.states.begin(), store_.states.end(), "a device_restarted");
    };
    network_.usm = &agent_;
    runs_since(6'000);
    restart();
    run(agent_, 1min);
    agent_.boots = 8;  // it was away for longer than it had run
    agent_.time = 300;
    runs_since(30'000);
    run(agent_, 1min);
    EXPECT_EQ(restarts(), 1);
    agent_.boots = 9;  // both say it
    agent_.time = 5;
    runs_since(500);
    run(agent_, 2min);
    EXPECT_EQ(restarts(), 2);
    for (unsigned turn = 0; turn < 10; ++turn) {  // two agents with one id
        agent_.boots = turn % 2 == 0 ? 3 : 9;
        run(agent_, 1min);
    }
    EXPECT_EQ(restarts(), 2);
    EXPECT_EQ(poller_->status("a").at(0).error, "");
}

TEST_F(PollerAgentTest, AnEngineWhoseClockStandsIsNotToldOfAtEachPoll) {
    network_.usm = &agent_;
    restart();
    loop_.advance(30min);
    EXPECT_LE(std::count(store_.names.begin(), store_.names.end(), "a attribute snmp_engine"), 2);
    EXPECT_EQ(engine_events(), std::vector<std::string>{});
}

TEST_F(PollerAgentTest, DevicesWithOneEngineAreToldOnceAlsoAfterARestart) {
    network_.usm = &agent_;
    const std::vector<wire::DeviceConfig> all = {device("a", "192.0.2.1"), device("b", "192.0.2.2"),
                                                 device("c", "192.0.2.3"), device("d", "192.0.2.3")};
    configure(all, kUser);
    recall_attributes();
    run(agent_, 1min);
    EXPECT_EQ(engine_events().size(), 4U);  // each once
    EXPECT_EQ(store_.attributes.at("a").count(kSharedAttribute), 1U);
    start();
    configure(all, kUser);
    recall_attributes();
    run(agent_, 1min);
    EXPECT_EQ(engine_events().size(), 4U);
    EXPECT_EQ(poller_->devices_up(), 4U);
}

TEST_F(PollerAgentTest, AnEngineIsItsOwnAgainOnceTheOtherDeviceHasAnotherOrIsGone) {
    snmp::FakeUsm other("engine two", user());
    const auto both = [this] { configure({device("a", "192.0.2.1"), device("b", "192.0.2.2")}, kUser); };
    network_.usm = &agent_;
    both();
    recall_attributes();
    run(agent_, 1min);
    EXPECT_EQ(engine_events().size(), 2U);
    network_.usm_of = [&](const snmp::Address& address) {
        return address == snmp::Address::parse("192.0.2.2", 161).value() ? &other : &agent_;
    };
    start();
    both();
    recall_attributes();
    run(other, 1min);
    auto events = engine_events();
    std::sort(events.begin(), events.end());
    EXPECT_EQ(events, (std::vector<std::string>{"a engine_settled", "a engine_shared b",
                                                "b engine_changed 656e67696e65206f6e65", "b engine_settled",
                                                "b engine_shared a"}));
    network_.usm_of = nullptr;
    network_.usm = &agent_;
    run(agent_, 1min);
    EXPECT_EQ(poller_->why("b", "").value().engine_id, "656e67696e65206f6e65");
    const auto before = engine_events().size();
    configure({device("a", "192.0.2.1")}, kUser);
    run(agent_, 1min);
    EXPECT_EQ(engine_events().size(), before + 1);
    EXPECT_EQ(engine_events().back(), "a engine_settled");
}

TEST_F(PollerAgentTest, OneAgentUnderTwoIdsIsNoSharedEngine) {
    network_.usm = &agent_;
    configure({device("a", "192.0.2.1"), device("b", "192.0.2.1")}, kUser);
    recall_attributes();
    run(agent_, 1min);
    EXPECT_EQ(engine_events(), std::vector<std::string>{});
}

TEST(EngineFacts, AreTextAndBack) {
    const EngineFacts facts = EngineFacts::of({"\x80\x01\xff", 7, 100}, 1'763'626'420'000'000'000);
    EXPECT_EQ(facts.text(), "8001ff boots 7 since 1763626320");
    const EngineFacts back = EngineFacts::parse(facts.text());
    EXPECT_TRUE(back.is_like(facts));
    const snmp::EngineState engine = back.engine(1'763'626'425'000'000'000);
    EXPECT_EQ(engine.id, "\x80\x01\xff");
    EXPECT_EQ(engine.boots, 7U);
    EXPECT_EQ(engine.time, 105U);
    EXPECT_EQ(back.engine(0).time, 0U);  // the box's clock is not set
    for (const char* text : {"", "8001ff", "8001FF boots 7 since 1", "zz boots 1 since 2"})
        EXPECT_EQ(EngineFacts::parse(text).id, "") << text;
    EXPECT_EQ(EngineFacts::parse("123 boots 1 since 2").engine(0).id, "");
}

TEST(EngineFacts, ASmallDriftIsNoNews) {
    const EngineFacts facts{"8001ff", 7, 1000};
    EXPECT_TRUE((EngineFacts{"8001ff", 7, 1060}).is_like(facts));
    EXPECT_FALSE((EngineFacts{"8001ff", 7, 1061}).is_like(facts));
    EXPECT_FALSE((EngineFacts{"8001ff", 8, 1000}).is_like(facts));
}

}  // namespace
}  // namespace outstation::polld
