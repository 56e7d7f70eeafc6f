// SPDX-License-Identifier: GPL-3.0-or-later
// A real snmpd polled with SNMPv1 and with SNMPv3 as a user of every pair of authentication and privacy that
// it has, and as users who have made a mistake.
#include <gtest/gtest.h>

#include <random>

#include "drivers/snmp/engine.hpp"
#include "tests/oracle/agent.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;
using namespace std::chrono_literals;

// Names of snmpd's createUser, in the order of our enumerations.
constexpr std::array<const char*, 7> kAuthNames = {"",        "MD5",     "SHA",    "SHA-224",
                                                   "SHA-256", "SHA-384", "SHA-512"};
constexpr std::array<const char*, 7> kPrivNames = {"",        "DES",       "AES",      "AES-192",
                                                   "AES-256", "AES-192-C", "AES-256-C"};

std::string random_passphrase() {
    static std::random_device random;
    return "p" + std::to_string(random()) + "q" + std::to_string(random());
}

struct Account {
    std::string name;
    AuthProtocol auth = AuthProtocol::none;
    PrivProtocol priv = PrivProtocol::none;
    std::string auth_passphrase = random_passphrase();
    std::string priv_passphrase = random_passphrase();

    [[nodiscard]] Security security() const {
        return {.version = Version::v3,
                .user = UsmUser::make(name, auth, auth_passphrase, priv, priv_passphrase).value()};
    }
    [[nodiscard]] std::string lines() const {
        std::string text = "createUser " + name;
        if (auth != AuthProtocol::none)
            text += std::string(" ") + kAuthNames[static_cast<std::size_t>(auth)] + " " + auth_passphrase;
        if (priv != PrivProtocol::none)
            text += std::string(" ") + kPrivNames[static_cast<std::size_t>(priv)] + " " + priv_passphrase;
        const char* level = auth == AuthProtocol::none   ? " noauth"
                            : priv == PrivProtocol::none ? " auth"
                                                         : " priv";
        return text + "\nrouser " + name + level + "\n";
    }
};

std::vector<Account> make_accounts() {
    std::vector<Account> out{{"nobody"}};
    for (std::size_t auth = 1; auth < kAuthNames.size(); ++auth) {
        for (std::size_t priv = 0; priv < kPrivNames.size(); ++priv)
            out.push_back({"user" + std::to_string(auth) + std::to_string(priv),
                           static_cast<AuthProtocol>(auth), static_cast<PrivProtocol>(priv)});
    }
    return out;
}

std::string lines_of(const std::vector<Account>& accounts) {
    std::string text;
    for (const Account& account : accounts) text += account.lines();
    return text;
}

// Polls the agent as whom it is told.
class Station {
  public:
    explicit Station(const Agent& agent, const std::string& host = "127.0.0.1")
        : address_(Address::parse(host, agent.port()).value()) {
        const auto encode = [](const std::string& tail) { return encode_oid("1.3.6.1.2.1." + tail).value(); };
        plan_->scalars = {encode("1.3.0"), encode("1.6.0"), encode("1.99.0")};
        plan_->tables.push_back({{encode("2.2.1.1"), encode("2.2.1.2"), encode("2.2.1.10")}, 1000});
    }
    [[nodiscard]] Engine::DeviceId add(Security security, Transport transport = Transport::udp) {
        return engine_.add({address_, std::move(security), {}, transport});
    }
    [[nodiscard]] Cycle poll(Engine::DeviceId device) {
        Cycle out;
        engine_.poll(device, plan_, 20s, [&](auto, const Cycle& cycle) {
            out = cycle;
            loop_->stop();
        });
        loop_->run();
        return out;
    }
    [[nodiscard]] Cycle poll_as(const Account& account) { return poll(add(account.security())); }
    [[nodiscard]] EngineState engine_state(Engine::DeviceId device) const {
        return engine_.engine_state(device);
    }
    [[nodiscard]] const EngineCounters& counters() const { return engine_.counters(); }

  private:
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<DatagramSocket> socket_ = open_datagram_socket(AF_INET).value();
    Result<std::unique_ptr<DatagramSocket>> socket6_ = open_datagram_socket(AF_INET6);
    Engine engine_{*loop_, socket_.get(), socket6_ ? socket6_->get() : nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Address address_;
};

void expect_whole(const Cycle& cycle) {
    EXPECT_EQ(cycle_error_name(cycle.error), "none") << cycle.detail;
    ASSERT_EQ(cycle.scalars.size(), 3U);
    EXPECT_TRUE(cycle.scalars[0].present());
    EXPECT_EQ(cycle.bytes(cycle.scalars[1]), "oracle");
    EXPECT_FALSE(cycle.scalars[2].present());
    EXPECT_GT(cycle.tables[0].rows(), 0U);
}

class V3Agent : public testing::Test {
  protected:
    void SetUp() override {
        if (!Agent::is_installed()) GTEST_SKIP() << "snmpd is not installed";
        agent_ = std::make_unique<Agent>(lines_of(accounts_));
        station_ = std::make_unique<Station>(*agent_);
        wait();
    }
    // Until it answers: it needs its time to hash all passphrases.
    void wait() {
        const auto device = station_->add({.community = agent_->community()});
        for (int i = 0; i < 10 && !station_->poll(device).answered; ++i) continue;
    }
    [[nodiscard]] const Account& account(AuthProtocol auth, PrivProtocol priv) const {
        for (const Account& one : accounts_) {
            if (one.auth == auth && one.priv == priv) return one;
        }
        std::abort();
    }

    std::vector<Account> accounts_ = make_accounts();
    std::unique_ptr<Agent> agent_;
    std::unique_ptr<Station> station_;
};

TEST_F(V3Agent, EveryPairOfProtocolsIsReadTwice) {
    for (const Account& account : accounts_) {
        SCOPED_TRACE(std::string(auth_protocol_name(account.auth)) + " " +
                     std::string(priv_protocol_name(account.priv)));
        const auto device = station_->add(account.security());
        expect_whole(station_->poll(device));
        expect_whole(station_->poll(device));
    }
    EXPECT_EQ(station_->counters().unexpected_source, 0U);
    EXPECT_EQ(station_->counters().malformed, 0U);
}

TEST_F(V3Agent, AUserIsReadOverTcp) {
    const auto device =
        station_->add(account(AuthProtocol::sha256, PrivProtocol::aes256).security(), Transport::tcp);
    for (int i = 0; i < 2; ++i) {
        const Cycle cycle = station_->poll(device);
        expect_whole(cycle);
        EXPECT_EQ(cycle.version, Version::v3);
    }
}

TEST_F(V3Agent, AUserIsReadOverIpv6ByUdpAndTcp) {
    if (!Agent::has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
    Station station(*agent_, "::1");
    const Security security = account(AuthProtocol::sha512, PrivProtocol::aes256).security();
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
        const auto device = station.add(security, transport);
        expect_whole(station.poll(device));
        expect_whole(station.poll(device));
    }
    EXPECT_EQ(station.counters().unexpected_source, 0U);
}

TEST_F(V3Agent, VersionOneReadsAsVersionTwo) {
    const auto first = station_->add({.version = Version::v1, .community = agent_->community()});
    const auto second = station_->add({.community = agent_->community()});
    for (int i = 0; i < 2; ++i) {
        const Cycle old = station_->poll(first);
        const Cycle now = station_->poll(second);
        expect_whole(old);
        EXPECT_EQ(old.tables[0].rows(), now.tables[0].rows());
        EXPECT_EQ(old.values, now.values);
    }
}

TEST_F(V3Agent, ARestartIsFollowed) {
    const auto device = station_->add(account(AuthProtocol::sha256, PrivProtocol::aes128).security());
    expect_whole(station_->poll(device));
    const EngineState before = station_->engine_state(device);
    agent_->restart();
    wait();
    const Cycle cycle = station_->poll(device);
    expect_whole(cycle);
    EXPECT_EQ(cycle.notice, "");
    EXPECT_EQ(station_->engine_state(device).id, before.id);
    EXPECT_GT(station_->engine_state(device).boots, before.boots);
}

TEST_F(V3Agent, MistakesAreTold) {
    const Account& right = account(AuthProtocol::sha1, PrivProtocol::aes128);
    Account wrong = right;
    wrong.name = "somebody";
    EXPECT_EQ(cycle_error_name(station_->poll_as(wrong).error), "unknown_user");
    wrong = right;
    wrong.auth_passphrase = "not the right one";
    EXPECT_EQ(cycle_error_name(station_->poll_as(wrong).error), "authentication");
    wrong = right;
    wrong.auth = AuthProtocol::sha512;
    EXPECT_EQ(cycle_error_name(station_->poll_as(wrong).error), "authentication");
    wrong = account(AuthProtocol::sha1, PrivProtocol::none);
    wrong.priv = PrivProtocol::aes128;
    EXPECT_EQ(cycle_error_name(station_->poll_as(wrong).error), "security_level");
    wrong = right;
    wrong.priv_passphrase = "not the right one";
    const Cycle cycle = station_->poll_as(wrong);
    EXPECT_EQ(cycle_error_name(cycle.error), "privacy") << cycle.detail;
    EXPECT_FALSE(cycle.answered);
    expect_whole(station_->poll_as(right));
}

}  // namespace
}  // namespace outstation::oracle
