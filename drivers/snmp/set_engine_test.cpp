// SPDX-License-Identifier: GPL-3.0-or-later
// Writing to devices: only what is allowed, once, in every version, and what devices say about it.
#include <gtest/gtest.h>

#include <array>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

const std::string kContact = "1.3.6.1.2.1.1.4.0";
const std::string kAdminStatus = "1.3.6.1.2.1.2.2.1.7.1";
const std::string kEngineId("\x80\x00\x1f\x88\x04one", 8);
const std::string kNothing = "1.3.6.1.2.1.1.99.0";

class SetTest : public testing::TestWithParam<Version> {
  protected:
    SetTest() {
        network_.usm = &agent_;
        network_.mib[oid(kContact)] = {Tag::octet_string, "nobody"};
        network_.mib[oid(kAdminStatus)] = {Tag::integer, encode_number(1)};
    }
    Cycle set(std::vector<Setting> settings) {
        Cycle out;
        int calls = 0;
        engine_.set(device_, std::move(settings), 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            ++calls;
        });
        EXPECT_EQ(calls, 0);
        loop_.advance(31s);
        EXPECT_EQ(calls, 1);
        return out;
    }
    [[nodiscard]] EngineOptions options() {
        EngineOptions out;
        out.allow_set = [this](std::uint32_t device, const std::vector<Setting>& settings) {
            EXPECT_EQ(device, device_);
            asked_ += settings.size();
            return is_allowed_;
        };
        return out;
    }
    [[nodiscard]] Security security() const {
        return {.version = GetParam(),
                .community = "secret",
                .user = GetParam() == Version::v3 ? user_ : nullptr};
    }

    std::shared_ptr<const UsmUser> user_ =
        UsmUser::make("writer", AuthProtocol::sha256, "authentication", PrivProtocol::aes128, "and privacy")
            .value();
    bool is_allowed_ = true;
    std::size_t asked_ = 0;
    SimLoop loop_;
    FakeNetwork network_{loop_};
    FakeUsm agent_{kEngineId, user_};
    Engine engine_{loop_, &network_, nullptr, options()};
    Engine::DeviceId device_ = engine_.add({Address::parse("192.0.2.1", 161).value(), security()});
    Setting contact_{oid(kContact), Tag::octet_string, "the caretaker"};
    Setting status_{oid(kAdminStatus), Tag::integer, encode_number(2)};
};

INSTANTIATE_TEST_SUITE_P(
    All, SetTest, testing::Values(Version::v1, Version::v2c, Version::v3), [](const auto& param) {
        return "v" + std::to_string(param.param == Version::v3 ? 3 : 1 + static_cast<int>(param.param));
    });

TEST_P(SetTest, AllIsWrittenInOneRequest) {
    const Cycle cycle = set({contact_, status_});
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_TRUE(cycle.answered);
    EXPECT_EQ(cycle.version, GetParam());
    EXPECT_EQ(cycle.requests, GetParam() == Version::v3 ? 2U : 1U);  // the engine is asked for first
    EXPECT_EQ(asked_, 2U);
    EXPECT_EQ(network_.mib[oid(kContact)].second, "the caretaker");
    EXPECT_EQ(network_.mib[oid(kAdminStatus)].second, encode_number(2));
}

TEST_P(SetTest, WhatTheDeviceRefusesIsNamedAndNothingIsWritten) {
    Cycle cycle = set({contact_, {oid(kNothing), Tag::integer, "\1"}});
    EXPECT_EQ(cycle.error, CycleError::agent);
    EXPECT_EQ(cycle.detail, "notWritable for " + kNothing);
    cycle = set({contact_, {oid(kAdminStatus), Tag::octet_string, "up"}});
    EXPECT_EQ(cycle.detail, "wrongType for " + kAdminStatus);
    EXPECT_EQ(network_.mib[oid(kContact)].second, "nobody");
}

TEST_P(SetTest, WithoutPermissionNothingIsSent) {
    is_allowed_ = false;
    const Cycle cycle = set({contact_});
    EXPECT_EQ(cycle.error, CycleError::not_allowed);
    EXPECT_FALSE(cycle.answered);
    EXPECT_EQ(network_.sent, 0);
    Engine engine(loop_, &network_, nullptr, {});  // as polld has it
    CycleError error = CycleError::none;
    engine.set(engine.add({Address::parse("192.0.2.1", 161).value(), security()}), {contact_}, 30s,
               [&](Engine::DeviceId, const Cycle& refused) { error = refused.error; });
    loop_.advance(31s);
    EXPECT_EQ(error, CycleError::not_allowed);
    EXPECT_EQ(network_.sent, 0);
}

TEST_P(SetTest, ItIsSentOnceWhateverBecomesOfIt) {
    EXPECT_EQ(set({contact_}).error, CycleError::none);  // v3 knows the engine now
    int written = 0;
    network_.corrupt = [&](const FakeRequest& request, FakeAnswer&) {
        written += request.pdu == Tag::set_request ? 1 : 0;
        return false;
    };
    network_.twist = [](const Address&, std::string& bytes) { bytes.clear(); };
    const Cycle cycle = set({status_});
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_EQ(cycle.detail, "no answer to 1 requests");
    EXPECT_EQ(written, 1);
}

// usmStatsNotInTimeWindows without a signature: by it a request would be sent again, and be done twice.
std::string unsigned_report(std::uint32_t id) {
    std::array<char, 500> buffer;
    BackWriter out(buffer);
    set_varbind(out, oid("1.3.6.1.6.3.15.1.1.2.0"), {Tag::counter32, "\1"});
    finish_pdu(out, Tag::report, id);
    finish_scoped_pdu(out, kEngineId, {});
    V3Message head;
    head.id = id;
    head.engine_id = kEngineId;
    head.boots = 7;
    head.time = 1000;
    static_cast<void>(finish_v3(out, head));
    return std::string(out.bytes());
}

class SetOnceTest : public SetTest {
  protected:
    SetOnceTest() {
        EXPECT_EQ(set({contact_}).error, CycleError::none);  // the engine is known now
        network_.corrupt = [this](const FakeRequest& request, FakeAnswer&) {
            written_ += request.pdu == Tag::set_request ? 1 : 0;
            return false;
        };
    }
    int written_ = 0;
};
INSTANTIATE_TEST_SUITE_P(V3, SetOnceTest, testing::Values(Version::v3));

TEST_P(SetOnceTest, AReportThatIsNotSignedDoesNotSendItAgain) {
    network_.twist = [](const Address&, std::string& bytes) { bytes = unsigned_report(parse_v3(bytes)->id); };
    const Cycle cycle = set({status_});
    EXPECT_EQ(cycle.error, CycleError::unauthentic) << cycle.detail;
    EXPECT_EQ(written_, 1);
}

TEST_P(SetOnceTest, AnAnswerOfAnEarlierTimeDoesNotSendItAgain) {
    agent_.twist = [](V3Message& head) { head.boots -= 1; };
    const Cycle cycle = set({status_});
    EXPECT_EQ(cycle.error, CycleError::time_window) << cycle.detail;
    EXPECT_EQ(written_, 1);
}

// The device itself says, signed, that it did not take it.
TEST_P(SetOnceTest, WhoseTimeWasWrongIsSentWithTheRightOne) {
    agent_.boots += 1;
    agent_.time = 5;
    EXPECT_EQ(set({status_}).error, CycleError::none);
    EXPECT_EQ(written_, 1);
}

TEST_P(SetTest, PollsGoOnWithWhatTheyRemembered) {
    const auto plan = std::make_shared<Plan>();
    plan->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.7")}, 64});
    const auto poll = [&] {
        Cycle out;
        engine_.poll(device_, plan, 30s, [&](Engine::DeviceId, const Cycle& cycle) { out = cycle; });
        loop_.advance(31s);
        return out;
    };
    EXPECT_EQ(poll().values, 1U);
    EXPECT_EQ(set({status_}).error, CycleError::none);
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.requests, 1U);  // the exact row
    ASSERT_EQ(cycle.values, 1U);
    EXPECT_EQ(cycle.tables[0].cells[0].number, 2U);
}

}  // namespace
}  // namespace outstation::snmp
