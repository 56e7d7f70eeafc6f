// SPDX-License-Identifier: GPL-3.0-or-later
// The engine with agents of SNMPv1: GETNEXT instead of GETBULK, all or nothing, no 64 bits.
#include <gtest/gtest.h>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

class V1EngineTest : public testing::Test {
  protected:
    V1EngineTest() {
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.1.4.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10"), oid("1.3.6.1.2.1.2.2.1.16")}, 64});
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, encode_number(4711)};
        network_.mib[oid("1.3.6.1.2.1.2.1.0")] = {Tag::integer, encode_number(3)};
        for (int row = 1; row <= 3; ++row) {
            for (const char* column : {"10.", "16."})
                network_.mib[oid("1.3.6.1.2.1.2.2.1." + std::string(column) + std::to_string(row))] = {
                    Tag::counter32, encode_number(static_cast<std::uint64_t>(row) * 1000)};
        }
    }
    Cycle poll() {
        Cycle out;
        engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) { out = cycle; });
        loop_.advance(31s);
        return out;
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Engine::DeviceId device_ = engine_.add(
        {Address::parse("192.0.2.1", 161).value(), {.version = Version::v1, .community = "secret"}});
};

TEST_F(V1EngineTest, ReadsWhatIsThereAndAsksNoMoreForWhatIsNot) {
    for (int cycle = 0; cycle < 2; ++cycle) {
        const int before = network_.sent;
        const Cycle read = poll();
        ASSERT_EQ(read.error, CycleError::none) << read.detail;
        EXPECT_EQ(read.scalars[0].number, 4711U);
        EXPECT_FALSE(read.scalars[1].present());
        EXPECT_EQ(read.scalars[2].number, 3U);
        ASSERT_EQ(read.tables[0].rows(), 3U);
        EXPECT_EQ(read.tables[0].cells[5].number, 3000U);
        EXPECT_EQ(read.values, 8U);
        // First the scalars twice, three rows, and two questions until both columns have ended. Then what is
        // known.
        EXPECT_EQ(network_.sent - before, cycle == 0 ? 7 : 4);
    }
}

TEST_F(V1EngineTest, AScalarThatComesIsFoundWhenLookedForAgain) {
    static_cast<void>(poll());
    network_.mib[oid("1.3.6.1.2.1.1.4.0")] = {Tag::octet_string, "somebody"};
    bool found = false;
    for (unsigned cycle = 0; cycle < EngineOptions{}.verify_every; ++cycle)
        found = poll().scalars[1].present();
    EXPECT_TRUE(found);
}

TEST_F(V1EngineTest, AnAgentWithNothingAtAllHasNoErrors) {
    network_.mib.clear();
    const Cycle read = poll();
    EXPECT_EQ(read.error, CycleError::none) << read.detail;
    EXPECT_TRUE(read.answered);
    EXPECT_EQ(read.values, 0U);
}

TEST_F(V1EngineTest, NoSuchNameWithoutAPlaceCostsItsPartAlone) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        answer = {{}, kNoSuchName, 9};
        return request.pdu == Tag::get_request;
    };
    const Cycle read = poll();
    EXPECT_EQ(read.error, CycleError::agent);
    EXPECT_EQ(read.tables[0].rows(), 3U);
}

TEST_F(V1EngineTest, AnAnswerOfAnotherVersionIsIgnored) {
    network_.twist = [](const Address&, std::string& bytes) { bytes[4] = 1; };
    const Cycle read = poll();
    EXPECT_EQ(read.error, CycleError::unauthentic);
    EXPECT_EQ(read.detail, "no answer to 3 requests, but an answer of another version of SNMP");
    EXPECT_EQ(engine_.counters().unexpected_source, 3U);
}

}  // namespace
}  // namespace outstation::snmp
