// SPDX-License-Identifier: GPL-3.0-or-later
// A real snmpd written to in every version: what may be written is, what may not is refused by its name.
#include <gtest/gtest.h>

#include <random>

#include "drivers/snmp/engine.hpp"
#include "tests/oracle/agent.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;
using namespace std::chrono_literals;

const std::string kContact = "1.3.6.1.2.1.1.4.0";  // of snmpd.conf: not writable
const std::string kName = "1.3.6.1.2.1.1.5.0";

class SnmpSetOracle : public testing::TestWithParam<Version> {
  protected:
    void SetUp() override {
        if (!Agent::is_installed()) GTEST_SKIP() << "snmpd is not installed";
        agent_ = std::make_unique<Agent>("rwcommunity " + secret_ + " 127.0.0.1\ncreateUser writer SHA-256 " +
                                         secret_ + " AES " + secret_ + "\nrwuser writer priv\n");
        device_ = engine_.add({Address::parse("127.0.0.1", agent_->port()).value(), security()});
        for (int i = 0; i < 10 && name().empty(); ++i) continue;
    }
    [[nodiscard]] Security security() const {
        if (GetParam() != Version::v3) return {.version = GetParam(), .community = secret_};
        return {.version = Version::v3,
                .user = UsmUser::make("writer", AuthProtocol::sha256, secret_, PrivProtocol::aes128, secret_)
                            .value()};
    }
    static EngineOptions options() {
        EngineOptions out;
        out.allow_set = [](auto, const auto&) { return true; };
        return out;
    }
    Cycle set(const std::string& oid, const std::string& text) {
        return run([&](const Engine::Done& done) {
            engine_.set(device_, {{encode_oid(oid).value(), Tag::octet_string, text}}, 20s, done);
        });
    }
    std::string name() {
        const auto plan = std::make_shared<Plan>();
        plan->scalars = {encode_oid(kName).value()};
        const Cycle cycle = run([&](const Engine::Done& done) { engine_.poll(device_, plan, 20s, done); });
        return std::string(cycle.bytes(cycle.scalars[0]));
    }
    Cycle run(const std::function<void(const Engine::Done&)>& begin) {
        Cycle out;
        begin([&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            loop_->stop();
        });
        loop_->run();
        return out;
    }

    std::string secret_ = "w" + std::to_string(std::random_device{}()) + "ritten";
    std::unique_ptr<Agent> agent_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<DatagramSocket> socket_ = open_datagram_socket(AF_INET).value();
    Engine engine_{*loop_, socket_.get(), nullptr, options()};
    Engine::DeviceId device_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Versions, SnmpSetOracle, testing::Values(Version::v1, Version::v2c, Version::v3),
                         [](const auto& param) {
                             return param.param == Version::v1    ? "v1"
                                    : param.param == Version::v2c ? "v2c"
                                                                  : "v3";
                         });

TEST_P(SnmpSetOracle, ARealAgentIsWrittenTo) {
    ASSERT_NE(name(), "written");
    Cycle cycle = set(kName, "written");
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(name(), "written");
    cycle = set(kContact, "somebody");
    EXPECT_EQ(cycle.error, CycleError::agent);
    EXPECT_EQ(cycle.detail, (GetParam() == Version::v1 ? "noSuchName for " : "notWritable for ") + kContact);
}

}  // namespace
}  // namespace outstation::oracle
