// SPDX-License-Identifier: GPL-3.0-or-later
// The engine with agents of SNMPv3: every level and cipher, the agent's engine found and found again, and
// every way an answer can be less than it has to be.
#include <gtest/gtest.h>

#include <set>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;
using User = std::shared_ptr<const UsmUser>;

const std::string kEngineId("\x80\x00\x1f\x88\x04one", 8);

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

User make_user(AuthProtocol auth, PrivProtocol priv, const std::string& suffix = "") {
    return UsmUser::make("reader", auth, "authentication" + suffix, priv, "and privacy" + suffix).value();
}

class V3EngineTest : public testing::Test {
  protected:
    explicit V3EngineTest(User user = make_user(AuthProtocol::sha1, PrivProtocol::aes128))
        : user_(std::move(user)) {
        network_.usm = &agent_;
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10")}, 64});
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, encode_number(4711)};
        network_.mib[oid("1.3.6.1.2.1.2.1.0")] = {Tag::integer, encode_number(30)};
        for (std::uint64_t row = 1; row <= 30; ++row)
            network_.mib[oid("1.3.6.1.2.1.2.2.1.10." + std::to_string(row))] = {Tag::counter32,
                                                                                encode_number(row * 1000)};
    }
    Cycle poll() {
        Cycle out;
        engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) { out = cycle; });
        loop_.advance(31s);
        agent_.time += 31;
        return out;
    }
    void expect_whole(const Cycle& cycle) {
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        EXPECT_EQ(cycle.values, 32U);
        EXPECT_EQ(cycle.tables[0].rows(), 30U);
    }
    // The agent is asked as somebody else.
    void ask_as(const User& user, std::string context = "") {
        engine_.remove(device_);
        device_ =
            engine_.add({address_, {.version = Version::v3, .user = user, .context = std::move(context)}});
    }

    User user_;
    SimLoop loop_;
    FakeNetwork network_{loop_};
    FakeUsm agent_{kEngineId, user_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Address address_ = Address::parse("192.0.2.1", 161).value();
    Engine::DeviceId device_ = engine_.add({address_, {.version = Version::v3, .user = user_}});
};

class V3LevelTest : public V3EngineTest,
                    public testing::WithParamInterface<std::pair<AuthProtocol, PrivProtocol>> {
  protected:
    V3LevelTest() : V3EngineTest(make_user(GetParam().first, GetParam().second)) {}
};

TEST_P(V3LevelTest, ADeviceIsReadTwice) {
    expect_whole(poll());
    const int before = network_.sent;
    expect_whole(poll());
    EXPECT_EQ(network_.sent - before, 2);  // nothing is asked of the engine again
    EXPECT_EQ(engine_.counters().unexpected_source, 0U);
    EXPECT_EQ(engine_.counters().retries, 0U);
    EXPECT_LE(network_.largest_request, 1472U);
}

std::vector<std::pair<AuthProtocol, PrivProtocol>> all_levels() {
    std::vector<std::pair<AuthProtocol, PrivProtocol>> out{{AuthProtocol::none, PrivProtocol::none}};
    for (int auth = 1; auth < 7; ++auth) {
        for (int priv = 0; priv < 7; ++priv)
            out.emplace_back(static_cast<AuthProtocol>(auth), static_cast<PrivProtocol>(priv));
    }
    return out;
}

INSTANTIATE_TEST_SUITE_P(All, V3LevelTest, testing::ValuesIn(all_levels()), [](const auto& param) {
    return std::string(auth_protocol_name(param.param.first)) + "_" +
           std::string(priv_protocol_name(param.param.second));
});

TEST_F(V3EngineTest, TheEngineIsFoundWithOneQuestion) {
    expect_whole(poll());
    EXPECT_EQ(network_.sent, 1 + 2);  // the probe, the scalars, the table
    const EngineState state = engine_.engine_state(device_);
    EXPECT_EQ(state.id, kEngineId);
    EXPECT_EQ(state.boots, 7U);
    EXPECT_NEAR(state.time, agent_.time, 1);
}

TEST_F(V3EngineTest, WhatIsKnownFromBeforeSavesTheQuestion) {
    engine_.remove(device_);
    device_ = engine_.add({address_, {.version = Version::v3, .user = user_}, {kEngineId, 7, 1000}});
    expect_whole(poll());
    EXPECT_EQ(network_.sent, 2);
}

TEST_F(V3EngineTest, WhatIsKnownFromBeforeMayBeWrong) {
    engine_.remove(device_);
    device_ = engine_.add({address_, {.version = Version::v3, .user = user_}, {"another engine", 9, 5}});
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_NE(cycle.notice.find("the device's SNMP engine is another"), std::string::npos) << cycle.notice;
    engine_.remove(device_);
    device_ = engine_.add({address_, {.version = Version::v3, .user = user_}, {kEngineId, 900, 5}});
    expect_whole(poll());
}

TEST_F(V3EngineTest, ADeviceThatRestartedIsFollowed) {
    expect_whole(poll());
    agent_.boots = 8;
    agent_.time = 1;
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.notice, "");
    EXPECT_EQ(engine_.engine_state(device_).boots, 8U);
}

TEST_F(V3EngineTest, BootsThatGoBackAreFollowedAndTold) {
    expect_whole(poll());
    agent_.boots = 2;
    agent_.time = 5;
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_NE(cycle.notice.find("went back from boot 7 to boot 2"), std::string::npos) << cycle.notice;
    EXPECT_EQ(poll().notice, "");
}

// It does not answer the engine that was there; then it is looked for, and found.
TEST_F(V3EngineTest, ADeviceThatIsAnotherIsFollowedAndTold) {
    expect_whole(poll());
    FakeUsm other(std::string("\x80\x00\x1f\x88\x04two", 8), user_);
    network_.usm = &other;
    Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unknown_engine);
    EXPECT_EQ(cycle.detail,
              "no answer to 3 requests, but a report that names another engine: 80001f880474776f");
    cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.notice,
              "the device's SNMP engine is another: 80001f880474776f instead of 80001f88046f6e65");
}

// An agent that knows the user at its own engine says that the other's requests are for itself.
TEST_F(V3EngineTest, NobodySpeaksForAnotherEngineWithAReport) {
    expect_whole(poll());
    FakeUsm other(std::string("\x80\x00\x1f\x88\x04two", 8), user_);
    network_.usm = &other;
    network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, encode_number(666)};
    EXPECT_EQ(poll().values, 0U);
    EXPECT_EQ(engine_.engine_state(device_).id, kEngineId);
}

TEST_F(V3EngineTest, TwoDevicesWithOneEngineIdDoNotDisturbEachOther) {
    const auto first = device_;
    const auto second =
        engine_.add({Address::parse("192.0.2.2", 161).value(), {.version = Version::v3, .user = user_}});
    FakeUsm other(kEngineId, user_);
    other.boots = 3;
    for (int i = 0; i < 3; ++i) {
        device_ = first;
        network_.usm = &agent_;
        expect_whole(poll());
        other.time += 31;
        device_ = second;
        network_.usm = &other;
        const Cycle cycle = poll();
        expect_whole(cycle);
        EXPECT_EQ(cycle.notice, "");
        other.time += 31;
    }
    EXPECT_EQ(network_.sent, 2 * (1 + 2 + 2 + 2));
}

// What a person reads who has made a mistake.
TEST_F(V3EngineTest, MistakesAreTold) {
    ask_as(UsmUser::make("nobody", AuthProtocol::sha1, "authentication", PrivProtocol::aes128, "and privacy")
               .value());
    Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unknown_user);
    EXPECT_EQ(cycle.detail, "the device has no user nobody");
    EXPECT_FALSE(cycle.answered);

    ask_as(make_user(AuthProtocol::sha1, PrivProtocol::aes128, " of somebody else"));
    cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::authentication);
    EXPECT_NE(cycle.detail.find("finds our signature wrong"), std::string::npos);

    ask_as(make_user(AuthProtocol::sha1, PrivProtocol::none));
    cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::security_level);
    EXPECT_EQ(cycle.detail, "the device does not allow authNoPriv to user reader");

    ask_as(UsmUser::make("reader", AuthProtocol::sha1, "authentication", PrivProtocol::aes128, "another one")
               .value());
    cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::privacy);
    EXPECT_NE(cycle.detail.find("cannot decrypt"), std::string::npos);
    EXPECT_EQ(cycle.timeouts, 0U);
}

// snmpd says nothing about a message that it decrypts to nonsense.
TEST_F(V3EngineTest, AnAgentThatIsSilentAboutPrivacyIsUnderstood) {
    agent_.is_silent_about_privacy = true;
    ask_as(UsmUser::make("reader", AuthProtocol::sha1, "authentication", PrivProtocol::aes128, "another one")
               .value());
    for (int i = 0; i < 2; ++i) {
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::privacy);
        EXPECT_NE(cycle.detail.find("does not answer what is encrypted"), std::string::npos);
    }
    ask_as(user_);
    expect_whole(poll());
    network_.lost = [](int) { return true; };
    EXPECT_EQ(poll().error, CycleError::timeout);  // it is gone: nothing is wrong with the passphrase
    EXPECT_EQ(poll().error, CycleError::timeout);
    network_.lost = nullptr;
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.notice, "");
}

// An agent that reports forever is left alone after a few questions.
TEST_F(V3EngineTest, ReportsWithoutEndEndTheCycle) {
    agent_.twist = [n = 0](V3Message& head) mutable {
        static std::string id;
        id = "engine " + std::to_string(++n);
        head.engine_id = id;
    };
    Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unknown_engine);
    EXPECT_EQ(cycle.detail, "the device names another engine each time");
    EXPECT_EQ(network_.sent, 3);

    agent_.twist = nullptr;
    expect_whole(poll());
    network_.sent = 0;
    loop_.advance(1000s);  // our clock runs away from the agent's, which stands still
    agent_.twist = [](V3Message& head) { head.time = 1; };
    cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::time_window);
    EXPECT_EQ(network_.sent, 5);
}

class V3LieTest : public V3EngineTest {
  protected:
    // Every answer (reports are sound) is twisted so; nothing of it is taken, and the text names the lie.
    void expect_refused(std::function<void(V3Message&)> lie, CycleError error, const std::string& text) {
        const std::uint64_t before = engine_.counters().unexpected_source;
        agent_.twist = [&, knows = false](V3Message& head) mutable {
            if (std::exchange(knows, true)) lie(head);
        };
        ask_as(user_);
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, error) << cycle.detail;
        EXPECT_NE(cycle.detail.find(text), std::string::npos) << cycle.detail;
        EXPECT_FALSE(cycle.answered);
        EXPECT_EQ(cycle.values, 0U);
        EXPECT_EQ(engine_.counters().unexpected_source, before + 3);
    }
};

TEST_F(V3LieTest, AnswersOfLowerSecurityAreRefused) {
    expect_refused([](V3Message& head) { head.flags = kAuthFlag; }, CycleError::security_level,
                   "an answer as authNoPriv to a question as authPriv");
    expect_refused(
        [](V3Message& head) {
            head.flags = 0;
            head.mac = {};
        },
        CycleError::security_level, "an answer as noAuthNoPriv to a question as authPriv");
}

TEST_F(V3LieTest, CutSignaturesAreRefusedAtEveryLength) {
    for (std::size_t n = 0; n < mac_size(AuthProtocol::sha1); ++n)
        expect_refused([n](V3Message& head) { head.mac = head.mac.substr(0, n); }, CycleError::unauthentic,
                       "signature is wrong or cut");
}

TEST_F(V3LieTest, OtherUsersAndEnginesAreRefused) {
    expect_refused([](V3Message& head) { head.user = "writer"; }, CycleError::unauthentic,
                   "another user or engine");
    expect_refused([](V3Message& head) { head.engine_id = "another engine"; }, CycleError::unauthentic,
                   "another user or engine");
}

TEST_F(V3LieTest, EveryChangedByteIsRefused) {
    expect_whole(poll());
    std::string answer;
    network_.twist = [&](const Address&, std::string& bytes) { answer = bytes; };
    expect_whole(poll());
    for (std::size_t at = 0; at < answer.size(); ++at) {
        bool changed = false;
        network_.twist = [&](const Address&, std::string& bytes) {
            if (!std::exchange(changed, true)) bytes[at % bytes.size()] ^= 1;
        };
        const Cycle cycle = poll();
        expect_whole(cycle);  // the second try is answered soundly
        EXPECT_EQ(cycle.timeouts, 1U) << at;
        network_.twist = nullptr;
    }
}

// An authentic answer of long ago, with the id of the question in flight.
TEST_F(V3EngineTest, AReplayIsNotTaken) {
    expect_whole(poll());
    agent_.twist = [&, first = true](V3Message& head) mutable {
        if (std::exchange(first, false)) head.time -= 160;
    };
    const int before = network_.sent;
    const Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_GT(network_.sent - before, 2);  // what it answered was asked again
}

TEST_F(V3EngineTest, AContextIsAskedForAndHasToBeAnswered) {
    ask_as(user_, "room");
    expect_whole(poll());
    agent_.twist_context = [](std::string& context) { context = "attic"; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unauthentic);
    EXPECT_EQ(cycle.detail, "no answer to 3 requests, but an answer of another user, engine or context");
}

TEST_F(V3EngineTest, AfterTheProbeADeviceMayGoAway) {
    network_.lost = [](int request) { return request != 1; };
    EXPECT_EQ(poll().error, CycleError::privacy);  // as far as one can know
    EXPECT_EQ(poll().error, CycleError::timeout);
    EXPECT_EQ(poll().error, CycleError::timeout);
}

// The ids of tries differ (RFC 3412 section 6.2).
class V3LateTest : public V3EngineTest {
  protected:
    V3LateTest() { expect_whole(poll()); }
    // The answer to the next request comes when the second try is under way, which is lost.
    Cycle poll_late(std::function<void(std::string& late)> change = nullptr) {
        const int first = network_.sent + 1;
        network_.twist = [this, change, first](const Address&, std::string& bytes) {
            if (network_.sent == first) {
                if (change) change(bytes);
                network_.deliver(address_, bytes, 800ms);
            }
            if (network_.sent <= first + 1) bytes.clear();
        };
        agent_.twist = [this](V3Message& head) { ids_.insert(head.id); };
        const Cycle cycle = poll();
        expect_whole(cycle);
        EXPECT_EQ(ids_.size(), cycle.requests);
        return cycle;
    }

    std::set<std::uint32_t> ids_;
};

TEST_F(V3LateTest, AnAnswerToAnEarlierTryWillDo) {
    const Cycle cycle = poll_late();
    EXPECT_EQ(cycle.timeouts, 1U);
    EXPECT_EQ(cycle.requests, 3U);  // the scalars twice, the table
    EXPECT_EQ(engine_.counters().unexpected_source, 0U);
}

TEST_F(V3LateTest, ItHasToBeAuthenticAsWell) {
    const Cycle cycle = poll_late([](std::string& late) { late.back() ^= 1; });
    EXPECT_EQ(cycle.timeouts, 2U);
    EXPECT_EQ(cycle.requests, 4U);
    EXPECT_EQ(engine_.counters().unexpected_source, 1U);
}

TEST_F(V3LateTest, ItTellsHowLongItTook) {
    network_.delay = 800ms;
    Cycle cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.timeouts, 1U);
    EXPECT_EQ(cycle.duration, 2 * 800ms);
    EXPECT_EQ(engine_.counters().late_or_unknown, 1U);  // the answer to the second try
    cycle = poll();
    expect_whole(cycle);
    EXPECT_EQ(cycle.timeouts, 0U);
}

TEST_F(V3EngineTest, DoubledAnswersAreTakenOnce) {
    network_.twist = [&](const Address&, std::string& bytes) {
        for (const auto later : {0ms, 5ms, 700ms}) network_.deliver(address_, bytes, later);
    };
    for (int i = 0; i < 3; ++i) {
        const Cycle cycle = poll();
        expect_whole(cycle);
        EXPECT_EQ(cycle.timeouts, 0U);
    }
    const EngineCounters& counters = engine_.counters();
    EXPECT_EQ(counters.responses, counters.requests);
    EXPECT_EQ(counters.late_or_unknown, 3 * counters.requests);
}

}  // namespace
}  // namespace outstation::snmp
