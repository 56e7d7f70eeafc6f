// SPDX-License-Identifier: GPL-3.0-or-later
// The agent's side of SNMPv3 against the manager's side of the driver: every pair of algorithms, every
// report, restarts, and the tricks of hostile engines. tests/oracle has Net-SNMP's tools against it.
#include "tests/sim/usm_engine.hpp"

#include <gtest/gtest.h>

#include "drivers/snmp/usm_session.hpp"
#include "tests/sim/agent.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

using namespace snmp;
using Step = Taken::Step;

constexpr char kAuthPhrase[] = "of the user's signature";
constexpr char kPrivPhrase[] = "of the user's secrets";

std::shared_ptr<const UsmUser> make_user(const std::string& name, AuthProtocol auth, PrivProtocol priv,
                                         const char* auth_phrase = kAuthPhrase) {
    return UsmUser::make(name, auth, auth_phrase, priv, kPrivPhrase).value();
}

class Kept : public Outbox {
  public:
    void send(std::string_view bytes, const Departure&) override { all.emplace_back(bytes); }
    std::vector<std::string> all;
};

class UsmEngineTest : public testing::Test {
  protected:
    UsmEngineTest() {
        device_.mib = std::make_shared<const Mib>(parse_snmprec("1.3.6.1.2.1.1.5.0|4|sw\n").mib);
    }
    void behave(const std::string& text) {
        device_.behaviours = std::make_shared<const std::vector<Scheduled>>(1, parse_behaviour(text).value());
    }
    [[nodiscard]] MonoTime now() const {
        return MonoTime{} + std::chrono::seconds(1000) +
               std::chrono::duration_cast<Duration>(std::chrono::duration<double>(elapsed_s_));
    }
    UsmSession session_of(std::shared_ptr<const UsmUser> user, EngineState known = {}) {
        return {std::move(user), "", known, now()};
    }
    // Asks for sysName until that has come to an end; gives what became of the last datagram.
    Taken ask(UsmSession& session) {
        Taken taken;
        for (int tries = 0; tries < 4; ++tries) {
            BackWriter out(request_);
            ++id_;
            if (session.has_to_probe()) {
                UsmSession::probe(out, id_);
            } else {
                request_varbind(out, encode_oid("1.3.6.1.2.1.1.5.0").value(), {});
                finish_pdu(out, Tag::get_request, id_);
                EXPECT_TRUE(session.seal(out, id_, now()));
            }
            kept_.all.clear();
            agent_.receive(device_, state_, out.bytes(), {1.7e9, elapsed_s_}, kept_);
            if (kept_.all.empty()) return {};
            const auto message = parse_v3(kept_.all.back());
            if (!message || message->id != id_) return {Step::ignored, {}, CycleError::malformed, {}};
            taken = session.take(*message, now(), scratch_);
            if (taken.step != Step::again) break;
        }
        return taken;
    }
    Taken ask_once(const std::shared_ptr<const UsmUser>& user) {
        auto session = session_of(user);
        return ask(session);
    }

    const Users users_ = {make_user("none", AuthProtocol::none, PrivProtocol::none),
                          make_user("auth", AuthProtocol::sha1, PrivProtocol::none),
                          make_user("priv", AuthProtocol::sha256, PrivProtocol::aes128)};
    Device device_{"agent", "127.0.0.1", 161};
    DeviceState state_{device_};
    Agent agent_{AgentOptions{"public", users_}};
    Kept kept_;
    double elapsed_s_ = 0;
    std::uint32_t id_ = 0;
    std::array<char, 2048> request_;
    std::vector<char> scratch_ = std::vector<char>(65536);
};

TEST_F(UsmEngineTest, EveryPairOfAlgorithmsIsUnderstood) {
    for (int auth = 0; auth <= static_cast<int>(AuthProtocol::sha512); ++auth) {
        for (int priv = 0; priv <= (auth == 0 ? 0 : static_cast<int>(PrivProtocol::aes256c)); ++priv) {
            const auto user =
                make_user("u", static_cast<AuthProtocol>(auth), static_cast<PrivProtocol>(priv));
            agent_ = Agent(AgentOptions{"public", {user}});
            DeviceState fresh(device_);
            state_ = std::move(fresh);
            const Taken taken = ask_once(user);
            ASSERT_EQ(taken.step, Step::answer) << auth << " " << priv << ": " << taken.detail;
            EXPECT_EQ(taken.response.error_status, kNoError);
        }
    }
}

TEST_F(UsmEngineTest, WhatIsWrongIsReported) {
    EXPECT_EQ(ask_once(make_user("nobody", AuthProtocol::sha1, PrivProtocol::none)).error,
              CycleError::unknown_user);
    EXPECT_EQ(ask_once(make_user("auth", AuthProtocol::sha1, PrivProtocol::none, "another passphrase")).error,
              CycleError::authentication);
    EXPECT_EQ(ask_once(make_user("auth", AuthProtocol::sha1, PrivProtocol::aes128)).error,
              CycleError::security_level);
    EXPECT_EQ(ask_once(make_user("priv", AuthProtocol::sha256, PrivProtocol::none)).response.error_status,
              kAuthorizationError);
}

TEST_F(UsmEngineTest, AWrongTimeIsReportedWithTheRightOne) {
    elapsed_s_ = 500;
    auto session = session_of(users_[2], {engine_id_of("agent"), 100, 340});
    EXPECT_EQ(ask(session).step, Step::answer);
    EXPECT_EQ(session.state(now()).time, 500U);
    EXPECT_EQ(session.state(now()).boots, 100U);
}

TEST_F(UsmEngineTest, ARestartedEngineHasOneMoreBoot) {
    behave("restart 5 s every 60 s");
    auto session = session_of(users_[2]);
    elapsed_s_ = 50;
    EXPECT_EQ(ask(session).step, Step::answer);
    elapsed_s_ = 70;
    EXPECT_EQ(ask(session).step, Step::answer);
    EXPECT_EQ(session.state(now()).boots, 101U);
    EXPECT_EQ(session.state(now()).time, 5U);
}

TEST_F(UsmEngineTest, HostileEngines) {
    for (const char* text : {"wrong-user", "short-mac 0", "short-mac 4", "downgrade", "wrong-id"}) {
        behave(text);
        EXPECT_EQ(ask_once(users_[2]).step, Step::ignored) << text;
    }
    behave("time-window");
    EXPECT_EQ(ask_once(users_[2]).error, CycleError::time_window);
    behave("boots-backwards every 10 s");
    auto session = session_of(users_[2]);
    EXPECT_EQ(ask(session).step, Step::answer);
    elapsed_s_ = 35;
    EXPECT_EQ(ask(session).step, Step::answer);
    EXPECT_EQ(session.state(now()).boots, 97U);
    behave("report-storm 2");
    (void)ask_once(users_[2]);
    EXPECT_GT(kept_.all.size(), 10U);
}

TEST_F(UsmEngineTest, EnginesAreSharedOrTwoWhereTold) {
    const auto id_of = [this](const char* device, const char* behaviour, double elapsed_s) {
        device_.id = device;
        elapsed_s_ = elapsed_s;
        behave(behaviour);
        DeviceState fresh(device_);
        state_ = std::move(fresh);
        auto session = session_of(users_[2]);
        EXPECT_EQ(ask(session).step, Step::answer) << behaviour;
        return session.state(now()).id;
    };
    EXPECT_EQ(id_of("a", "same-engine", 0), id_of("b", "same-engine", 0));
    EXPECT_NE(id_of("a", "latency", 0), id_of("b", "latency", 0));
    EXPECT_NE(id_of("a", "two-engines every 60 s", 0), id_of("a", "two-engines every 60 s", 70));
    EXPECT_EQ(id_of("a", "two-engines every 60 s", 0), id_of("a", "two-engines every 60 s", 130));
}

}  // namespace
}  // namespace outstation::sim
