// SPDX-License-Identifier: GPL-3.0-or-later
// The engine with agents and networks that do not take what is best: GETBULK that is dropped, refused or
// wrong, large answers that are lost, one varbind at a time, version 1 only. What works is remembered.
#include <gtest/gtest.h>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTables = 4;
constexpr std::size_t kRows = 20;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

class FallbackTest : public testing::Test {
  protected:
    FallbackTest() {
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0")};
        network_.mib[plan_->scalars[0]] = {Tag::time_ticks, encode_number(4711)};
        for (std::size_t table = 1; table <= kTables; ++table) {
            const std::string entry = "1.3.6.1.2.1.10." + std::to_string(table) + ".1.";
            plan_->tables.push_back({{oid(entry + "1"), oid(entry + "2")}, 64});
            for (std::size_t row = 1; row <= kRows; ++row) {
                for (const char* column : {"1.", "2."})
                    network_.mib[oid(entry + column + std::to_string(row))] = {Tag::counter32,
                                                                               encode_number(row * 1000)};
            }
        }
    }
    Cycle poll() {
        Cycle out;
        engine_.poll(device_, plan_, 60s, [&](Engine::DeviceId, const Cycle& cycle) { out = cycle; });
        loop_.advance(61s);
        return out;
    }
    // All values, soundly.
    void expect_whole(const Cycle& cycle) {
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        EXPECT_EQ(cycle.scalars[0].number, 4711U);
        for (const TableRows& table : cycle.tables) {
            ASSERT_EQ(table.rows(), kRows);
            for (std::size_t row = 0; row < kRows; ++row) {
                EXPECT_EQ(table.cells[row * 2].number, (row + 1) * 1000);
                EXPECT_EQ(table.cells[row * 2 + 1].number, (row + 1) * 1000);
            }
        }
        EXPECT_EQ(cycle.values, 1 + kTables * kRows * 2);
    }
    // No answer to requests of which it is true.
    void silence(std::function<bool(const FakeRequest&)> if_true) {
        network_.corrupt = [this, if_true](const FakeRequest& request, FakeAnswer&) {
            silent_ = if_true(request);
            return false;
        };
        network_.twist = [this](const Address&, std::string& bytes) {
            if (silent_) bytes.clear();
        };
    }
    void heal() { network_.corrupt = nullptr, network_.twist = nullptr; }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Engine::DeviceId device_ =
        engine_.add({Address::parse("192.0.2.1", 161).value(), {.community = "secret"}});
    bool silent_ = false;
};

bool is_bulk(const FakeRequest& request) {
    return request.pdu == Tag::get_bulk_request;
}

TEST_F(FallbackTest, AnAgentThatDropsGetbulkIsWalkedByGetnextAndRemembered) {
    silence(is_bulk);
    const Cycle first = poll();
    expect_whole(first);
    EXPECT_EQ(first.timeouts, 3 * 2U);  // two tries by GETBULK at each of the first three tables
    const Cycle second = poll();
    expect_whole(second);
    EXPECT_EQ(second.timeouts, 0U);
    EXPECT_EQ(second.requests, 1 + kTables * kRows);
    heal();  // new firmware
    std::uint32_t requests = 1000;
    for (int cycle = 0; cycle < 66; ++cycle) requests = poll().requests;
    EXPECT_EQ(requests, 1 + kTables);
}

TEST_F(FallbackTest, AnAgentThatRefusesGetbulkIsWalkedByGetnextAndRemembered) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        answer.status = kGenErr;
        return is_bulk(request);
    };
    expect_whole(poll());
    const Cycle second = poll();
    expect_whole(second);
    EXPECT_EQ(second.requests, 1 + kTables * kRows);
}

TEST_F(FallbackTest, AnAgentWhoseGetbulkGoesInACircleIsWalkedByGetnextAndRemembered) {
    network_.corrupt = [this](const FakeRequest& request, FakeAnswer& answer) {
        if (!is_bulk(request)) return false;
        for (int repetition = 0; repetition < 5; ++repetition) {
            for (const std::string& name : request.oids)
                answer.varbinds.push_back(*network_.mib.upper_bound(name));
        }
        return true;
    };
    expect_whole(poll());
    const Cycle second = poll();
    expect_whole(second);
    EXPECT_EQ(second.requests, 1 + kTables * kRows);
}

TEST_F(FallbackTest, OneLossIsNoReasonToGiveUpGetbulk) {
    network_.lost = [](int request) { return request == 2 || request == 3; };
    const Cycle first = poll();
    expect_whole(first);
    EXPECT_EQ(first.timeouts, 2U);
    for (int cycle = 0; cycle < 70; ++cycle) {
        const Cycle later = poll();
        expect_whole(later);
        EXPECT_LT(later.requests, 12U);
    }
    EXPECT_EQ(poll().requests, 1 + kTables);  // the window is open again
}

TEST_F(FallbackTest, AnswersThatAreLostForTheirSizeBecomeSmaller) {
    network_.twist = [](const Address&, std::string& bytes) {
        if (bytes.size() > 300) bytes.clear();
    };
    const Cycle first = poll();
    expect_whole(first);
    EXPECT_GT(first.timeouts, 0U);
    unsigned timeouts = 0;
    for (int cycle = 0; cycle < 10; ++cycle) {
        const Cycle later = poll();
        expect_whole(later);
        timeouts += later.timeouts;
    }
    EXPECT_LE(timeouts, 2 * kTables);  // now and then it is tried whether more comes through
}

TEST_F(FallbackTest, AnAgentWithRoomForOneVarbindIsWalkedColumnByColumn) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        answer.status = kTooBig;
        const auto rows = is_bulk(request) ? static_cast<std::size_t>(request.repetitions) : 1;
        return request.oids.size() * rows > 1;
    };
    expect_whole(poll());
    expect_whole(poll());
}

TEST_F(FallbackTest, ADeviceThatSpeaksVersionOneOnlyIsFoundOutAndRemembered) {
    silence([](const FakeRequest& request) { return request.version != Version::v1; });
    for (int cycle = 0; cycle < 3; ++cycle) {
        const Cycle read = poll();
        expect_whole(read);
        EXPECT_EQ(read.version, Version::v1);
        EXPECT_EQ(read.timeouts, 2U);
    }
    const Cycle sure = poll();
    expect_whole(sure);
    EXPECT_EQ(sure.timeouts, 0U);
    heal();
    Version version = Version::v1;
    for (int cycle = 0; cycle < 64; ++cycle) version = poll().version;
    EXPECT_EQ(version, Version::v2c);
}

TEST_F(FallbackTest, ADeviceThatAnsweredVersionTwoIsNeverAskedInVersionOne) {
    expect_whole(poll());
    bool is_asked = false;
    int answers = 0;
    silence([&](const FakeRequest& request) {
        is_asked = is_asked || request.version == Version::v1;
        return ++answers > 2;
    });
    EXPECT_EQ(poll().error, CycleError::timeout);
    EXPECT_FALSE(is_asked);
}

// It is not silent: its answers in version 1 to questions in 2c, and in 2c to questions in 1, say nothing.
TEST_F(FallbackTest, AnAgentThatAnswersInTheOtherVersionIsNotBelieved) {
    network_.twist = [](const Address&, std::string& bytes) { bytes.at(bytes.find("\x02\x01") + 2) ^= 1; };
    bool is_asked_in_v1 = false;
    network_.corrupt = [&](const FakeRequest& request, FakeAnswer&) {
        is_asked_in_v1 = is_asked_in_v1 || request.version == Version::v1;
        return false;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unauthentic);
    EXPECT_EQ(cycle.values, 0U);
    EXPECT_FALSE(is_asked_in_v1);
}

TEST_F(FallbackTest, AFloodOfAnswersKeepsNobodyFromTheClock) {
    network_.twist = [this](const Address& from, std::string& bytes) {
        for (int copy = 0; copy < 5000; ++copy) network_.deliver(from, bytes, 10ms);
    };
    const Cycle read = poll();
    expect_whole(read);
    EXPECT_EQ(read.timeouts, 0U);
}

}  // namespace
}  // namespace outstation::snmp
