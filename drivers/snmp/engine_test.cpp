// SPDX-License-Identifier: GPL-3.0-or-later
// The engine on virtual time against a small agent: sound answers, loss, and every way an agent can
// misbehave.
#include "drivers/snmp/engine.hpp"

#include <gtest/gtest.h>

#include <map>

#include "drivers/snmp/fake_network.hpp"
#include "drivers/snmp/learned.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;
using Request = FakeRequest;
using Answer = FakeAnswer;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

std::string number(std::uint64_t value) {
    return encode_number(value);
}

class EngineTest : public testing::Test {
  protected:
    EngineTest() {
        plan_ = std::make_shared<Plan>();
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10"), oid("1.3.6.1.2.1.2.2.1.16")}, 4096});
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, number(4711)};
        set_rows(20);
        network_.mib[oid("1.3.6.1.2.1.99.1.0")] = {Tag::integer, number(1)};  // something after the table
    }
    void set_rows(std::uint32_t n) {
        std::erase_if(network_.mib, [](const auto& entry) {
            return entry.first.substr(0, 7) == oid("1.3.6.1.2.1.2.2").substr(0, 7);
        });
        for (std::uint32_t i = 1; i <= n; ++i) {
            network_.mib[oid("1.3.6.1.2.1.2.2.1.10." + std::to_string(i))] = {Tag::counter32,
                                                                              number(i * 1000)};
            network_.mib[oid("1.3.6.1.2.1.2.2.1.16." + std::to_string(i))] = {Tag::counter32,
                                                                              number(i * 2000)};
        }
        network_.mib[oid("1.3.6.1.2.1.2.1.0")] = {Tag::integer, number(n)};
    }
    // One cycle; the result is copied out.
    Cycle poll(Duration deadline = 30s) {
        Cycle out;
        int calls = 0;
        engine_.poll(device_, plan_, deadline, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            ++calls;
        });
        EXPECT_EQ(calls, 0);
        loop_.advance(deadline + 1s);
        EXPECT_EQ(calls, 1);
        return out;
    }
    static EngineOptions options() {
        EngineOptions out;
        out.verify_every = 4;
        return out;
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, options()};
    std::shared_ptr<Plan> plan_;
    Engine::DeviceId device_ =
        engine_.add({Address::parse("192.0.2.1", 161).value(), {.community = "secret"}});
};

TEST_F(EngineTest, ARowThatOneColumnLacksIsThereOnce) {
    set_rows(0);
    for (const char* name : {"10.5", "16.3", "16.5", "16.7"})
        network_.mib[oid("1.3.6.1.2.1.2.2.1." + std::string(name))] = {Tag::counter32, number(1)};
    const Cycle cycle = poll();
    ASSERT_EQ(cycle.error, CycleError::none) << cycle.detail;
    std::map<std::string, int> seen;
    for (std::size_t row = 0; row < cycle.tables[0].rows(); ++row)
        ++seen[format_index(cycle.index(cycle.tables[0], row))];
    EXPECT_EQ(seen, (std::map<std::string, int>{{"3", 1}, {"5", 1}, {"7", 1}}));
}

TEST_F(EngineTest, ReadsScalarsAndAWholeTable) {
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.scalars[0].number, 4711U);
    ASSERT_EQ(cycle.tables[0].rows(), 20U);
    for (std::size_t row = 0; row < 20; ++row) {
        EXPECT_EQ(format_index(cycle.index(cycle.tables[0], row)), std::to_string(row + 1));
        EXPECT_EQ(cycle.tables[0].cells[row * 2].number, (row + 1) * 1000);
        EXPECT_EQ(cycle.tables[0].cells[row * 2 + 1].number, (row + 1) * 2000);
    }
    EXPECT_EQ(cycle.values, 42U);
    EXPECT_EQ(cycle.rtt, 5ms);
    EXPECT_LE(network_.largest_request, 1472U);
}

TEST_F(EngineTest, WhatWasLearnedAndWhatItCostCanBeSeen) {
    EXPECT_EQ(engine_.learned(device_).memory.last.sent, MonoTime{});
    poll();
    network_.delay = 7ms;
    poll();
    const Learned learned = engine_.learned(device_);
    const Exchange& last = learned.memory.last;
    EXPECT_EQ(last.pdu, Tag::get_bulk_request);
    EXPECT_EQ(decode_oid(last.oid).value(), "1.3.6.1.2.1.2.2.1.10");
    EXPECT_EQ(last.varbinds, 2U);
    EXPECT_EQ(last.repetitions, 20U);
    EXPECT_EQ(last.tries, 0U);
    EXPECT_EQ(last.reply_us, 7000U);
    EXPECT_GT(last.reply_bytes, 20U * 2 * 10);
    EXPECT_EQ(learned.version, Version::v2c);
    EXPECT_GE(learned.rtt, 5ms);
    EXPECT_EQ(learned.timeout, 500ms);
    EXPECT_EQ(learned.memory.scalars_cost.requests, 1U);
    const PartCost& cost = learned.memory.tables.at(0).cost;
    EXPECT_EQ(cost.requests, 1U);
    EXPECT_EQ(cost.bytes, last.request_bytes + last.reply_bytes);
    EXPECT_EQ(cost.time_us, 7000U);
    EXPECT_EQ(learned.memory.tables.at(0).rows, 20U);
}

TEST_F(EngineTest, OfADeviceThatWentSilentTheLastRequestIsKnownAndWhatFailed) {
    poll();
    network_.twist = [](const Address&, std::string& bytes) { bytes.clear(); };
    poll();
    const Learned learned = engine_.learned(device_);
    EXPECT_EQ(learned.memory.last.pdu, Tag::get_request);
    EXPECT_EQ(learned.memory.last.tries, 2U);
    EXPECT_EQ(learned.memory.last.reply_bytes, 0U);
    EXPECT_EQ(learned.memory.scalars_cost.requests, 3U);
    EXPECT_EQ(learned.memory.scalars_cost.error, CycleError::timeout);
    EXPECT_EQ(learned.memory.tables.at(0).cost.error, CycleError::timeout);
    EXPECT_EQ(learned.memory.tables.at(0).rows, 20U);
}

TEST_F(EngineTest, RemembersTheRowsAndAsksForExactlyThem) {
    poll();
    const int first = network_.sent;
    poll();
    EXPECT_EQ(network_.sent - first, 2);  // one GET, one GETBULK with the exact tail
}

TEST_F(EngineTest, NewRowsAreFoundAtOnceWhenBetweenAndAtTheNextCheckWhenAfter) {
    poll();
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.10.5"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.5"));
    EXPECT_EQ(poll().tables[0].rows(), 19U);
    set_rows(20);  // row 5 is back, in the middle
    EXPECT_EQ(poll().tables[0].rows(), 20U);
    set_rows(25);
    std::size_t rows = 0;
    for (int cycle = 0; cycle < 4; ++cycle) rows = poll().tables[0].rows();
    EXPECT_EQ(rows, 25U);
}

TEST_F(EngineTest, SparseColumnsKeepTheirRows) {
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.10.3"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.7"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.20"));
    for (int i = 0; i < 2; ++i) {
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        ASSERT_EQ(cycle.tables[0].rows(), 20U);
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> by_index;
        for (std::size_t row = 0; row < 20; ++row) {
            by_index[format_index(cycle.index(cycle.tables[0], row))] = {
                cycle.tables[0].cells[row * 2].number, cycle.tables[0].cells[row * 2 + 1].number};
        }
        EXPECT_EQ(by_index["3"], (std::pair<std::uint64_t, std::uint64_t>{0, 6000}));
        EXPECT_EQ(by_index["7"], (std::pair<std::uint64_t, std::uint64_t>{7000, 0}));
        EXPECT_EQ(by_index["8"], (std::pair<std::uint64_t, std::uint64_t>{8000, 16000}));
        EXPECT_EQ(by_index["20"], (std::pair<std::uint64_t, std::uint64_t>{20000, 0}));
    }
}

TEST_F(EngineTest, WhatTheDeviceDoesNotHaveIsAbsentNotZero) {
    network_.mib.erase(oid("1.3.6.1.2.1.1.3.0"));
    set_rows(0);
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_FALSE(cycle.scalars[0].present());
    EXPECT_EQ(cycle.tables[0].rows(), 0U);
}

TEST_F(EngineTest, ALostRequestIsAskedAgain) {
    network_.lost = [](int request) { return request == 1 || request == 3; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(cycle.timeouts, 2U);
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
}

TEST_F(EngineTest, ADeadDeviceIsATimeoutAfterThreeRequests) {
    network_.lost = [](int) { return true; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_FALSE(cycle.answered);
    EXPECT_EQ(network_.sent, 3);
    EXPECT_LT(cycle.duration, 10s);
    EXPECT_FALSE(engine_.busy(device_));
}

TEST_F(EngineTest, ASlowDeviceIsStoppedByItsDeadline) {
    network_.delay = 900ms;
    network_.max_varbinds = 2;
    const Cycle cycle = poll(3s);
    EXPECT_EQ(cycle.error, CycleError::deadline);
    EXPECT_LT(cycle.duration, 3100ms);
}

TEST_F(EngineTest, ASilentDeviceIsSilentHoweverShortTheDeadlineIs) {
    network_.lost = [](int) { return true; };
    for (int i = 0; i < 3; ++i) {
        const Cycle cycle = poll(4800ms);
        EXPECT_EQ(cycle.error, CycleError::timeout);
        EXPECT_EQ(cycle.detail, "no answer to 3 requests") << "in the first cycle as in later ones";
        EXPECT_LT(cycle.duration, 4900ms);
    }
}

TEST_F(EngineTest, AnAgentThatCutsItsAnswersIsWalkedInSmallerSteps) {
    network_.max_varbinds = 7;
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
}

TEST_F(EngineTest, TooBigIsAskedForLess) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        answer.status = kTooBig;
        return request.repetitions > 3 || (request.pdu == Tag::get_request && request.oids.size() > 1);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
    EXPECT_EQ(cycle.scalars[0].number, 4711U);
}

TEST_F(EngineTest, AWalkThatGoesBackwardsIsStopped) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (const char* row : {"5", "4"}) {
            for (const char* column : {"10", "16"}) {
                answer.varbinds.emplace_back(oid(std::string("1.3.6.1.2.1.2.2.1.") + column + "." + row),
                                             std::pair{Tag::counter32, number(1)});
            }
        }
        return true;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::not_increasing);
    EXPECT_EQ(cycle.detail, "at 1.3.6.1.2.1.2.2.1.10.4");
}

TEST_F(EngineTest, AnEndlessTableIsStopped) {
    std::uint32_t next = 1;
    network_.delay = 0ms;
    network_.corrupt = [&](const Request& request, Answer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (int row = 0; row < 20; ++row, ++next) {
            for (const char* column : {"10", "16"}) {
                answer.varbinds.emplace_back(
                    oid(std::string("1.3.6.1.2.1.2.2.1.") + column + "." + std::to_string(next)),
                    std::pair{Tag::counter32, number(1)});
            }
        }
        return true;
    };
    EXPECT_EQ(poll().error, CycleError::endless);
    EXPECT_LT(network_.sent, 300);
}

TEST_F(EngineTest, AnswersFromElsewhereAreCountedAndIgnored) {
    const Address other = Address::parse("192.0.2.66", 161).value();
    const Address other_port = Address::parse("192.0.2.1", 162).value();
    network_.twist = [&](const Address&, std::string& bytes) {
        network_.deliver(other, bytes, 1ms);
        network_.deliver(other_port, bytes, 2ms);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(engine_.counters().unexpected_source, 2 * engine_.counters().responses);
}

TEST_F(EngineTest, DoubledAndLateAnswersAreCountedAndIgnored) {
    network_.twist = [&](const Address& from, std::string& bytes) {
        network_.deliver(from, bytes, 50ms);
        network_.deliver(from, bytes, 5s);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(cycle.values, 42U);
    EXPECT_EQ(engine_.counters().late_or_unknown, 2 * engine_.counters().responses);
}

TEST_F(EngineTest, AWrongCommunityIsIgnored) {
    network_.twist = [&](const Address&, std::string& bytes) { bytes[bytes.find("secret")] = 'S'; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::unauthentic);
    EXPECT_EQ(cycle.detail, "no answer to 3 requests, but an answer with another community");
    EXPECT_EQ(engine_.counters().unexpected_source, 3U);
}

TEST_F(EngineTest, BrokenAnswersAreCountedAndTheDeviceIsAskedAgain) {
    int answers = 0;
    network_.twist = [&](const Address&, std::string& bytes) {
        if (++answers == 1) bytes.resize(bytes.size() - 3);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(engine_.counters().malformed, 1U);
}

TEST_F(EngineTest, AValueThatDoesNotFitItsTypeIsMalformed) {
    network_.mib[oid("1.3.6.1.2.1.2.2.1.10.3")] = {Tag::counter32, std::string(6, '\x01')};
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::malformed);
    EXPECT_EQ(cycle.detail, "value of 1.3.6.1.2.1.2.2.1.10.3");
    EXPECT_EQ(cycle.tables[0].rows(), 0U);
    EXPECT_EQ(cycle.values, 2U);
}

// Three tables, of which the one in the middle is spoiled in every way there is.
class SpoiledTableTest : public EngineTest {
  protected:
    SpoiledTableTest() {
        plan_->tables.insert(plan_->tables.begin(), {Plan::Table{{oid("1.3.6.1.2.1.4.20.1.2")}, 4096},
                                                     Plan::Table{{oid("1.3.6.1.2.1.25.2.3.1.5")}, 8}});
        network_.mib[oid("1.3.6.1.2.1.4.20.1.2.1")] = {Tag::integer, number(1)};
        network_.mib[oid("1.3.6.1.2.1.25.2.3.1.5.1")] = {Tag::integer, number(1)};
    }
    [[nodiscard]] static bool asks_spoiled(const Request& request) {
        return request.pdu != Tag::get_request &&
               request.oids.front().substr(0, 8) == oid("1.3.6.1.2.1.25.2.3").substr(0, 8);
    }
    // The cycle has the error, and everything but the table's rows.
    void expect_rest(const Cycle& cycle, CycleError error) {
        EXPECT_EQ(cycle.error, error) << cycle.detail;
        EXPECT_TRUE(cycle.answered);
        EXPECT_EQ(cycle.scalars[0].number, 4711U);
        EXPECT_EQ(cycle.tables[0].rows(), 1U);
        EXPECT_EQ(cycle.tables[0].error, CycleError::none);
        EXPECT_EQ(cycle.tables[1].rows(), 0U);
        EXPECT_EQ(cycle.tables[1].error, error);
        EXPECT_EQ(cycle.tables[2].rows(), 20U);
        EXPECT_EQ(cycle.values, 43U);
    }
};

TEST_F(SpoiledTableTest, AValueThatDoesNotFitItsTypeCostsItsTable) {
    network_.mib[oid("1.3.6.1.2.1.25.2.3.1.5.2")] = {Tag::counter32, std::string(6, '\x01')};
    for (int i = 0; i < 3; ++i) expect_rest(poll(), CycleError::malformed);
}

TEST_F(SpoiledTableTest, MoreRowsThanThePlanAllowsCostTheirTable) {
    for (std::uint32_t row = 1; row < 30; ++row)
        network_.mib[oid("1.3.6.1.2.1.25.2.3.1.5." + std::to_string(row))] = {Tag::integer, number(row)};
    expect_rest(poll(), CycleError::endless);
}

TEST_F(SpoiledTableTest, AnErrorStatusCostsItsTable) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        answer.status = 5;  // genErr
        return asks_spoiled(request);
    };
    expect_rest(poll(), CycleError::agent);
}

TEST_F(SpoiledTableTest, AWalkInACircleCostsItsTable) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        for (int i = 0; i < 2; ++i)
            answer.varbinds.emplace_back(oid("1.3.6.1.2.1.25.2.3.1.5.1"), std::pair{Tag::integer, number(1)});
        return asks_spoiled(request);
    };
    expect_rest(poll(), CycleError::not_increasing);
}

TEST_F(SpoiledTableTest, ATableThatIsNeverAnsweredCostsItsTimeoutsAndNoOther) {
    bool silent = false;
    network_.corrupt = [&](const Request& request, Answer&) {
        silent = asks_spoiled(request);
        return false;
    };
    network_.twist = [&](const Address&, std::string& bytes) {
        if (silent) bytes.clear();
    };
    expect_rest(poll(), CycleError::timeout);
}

TEST_F(SpoiledTableTest, ADeviceThatDiesInTheMiddleEndsItsCycleAfterTwoTables) {
    network_.lost = [](int request) { return request > 2; };  // scalars and the first table
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_TRUE(cycle.answered);
    EXPECT_EQ(cycle.tables[0].rows(), 1U);
    EXPECT_EQ(cycle.tables[1].error, CycleError::timeout);
    EXPECT_EQ(cycle.tables[2].error, CycleError::timeout);
    EXPECT_EQ(network_.sent, 2 + 3 + 3);
}

TEST_F(SpoiledTableTest, BadScalarsCostNoTable) {
    network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, std::string(6, '\x01')};
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::malformed);
    EXPECT_FALSE(cycle.scalars[0].present());
    EXPECT_EQ(cycle.tables[2].rows(), 20U);
}

TEST_F(EngineTest, RemovingADeviceInTheMiddleIsQuiet) {
    bool called = false;
    engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle&) { called = true; });
    engine_.remove(device_);
    loop_.advance(60s);
    EXPECT_FALSE(called);
    device_ = engine_.add({Address::parse("192.0.2.2", 161).value(), {.community = "secret"}});
    EXPECT_EQ(poll().error, CycleError::none);
}

TEST_F(EngineTest, NoSocketForTheFamilyIsRefused) {
    device_ = engine_.add({Address::parse("2001:db8::1", 161).value(), {.community = "secret"}});
    EXPECT_EQ(poll().error, CycleError::refused);
}

TEST_F(EngineTest, ThousandDevicesOfWhichATenthIsDeadDoNotWaitForEachOther) {
    network_.lost = nullptr;
    std::map<std::string, bool> dead;
    std::vector<Engine::DeviceId> devices;
    for (int i = 0; i < 1000; ++i) {
        devices.push_back(engine_.add(
            {Address::parse("198.51." + std::to_string(100 + i / 200) + "." + std::to_string(1 + i % 200),
                            161)
                 .value(),
             {.community = "secret"}}));
    }
    network_.twist = [&](const Address& to, std::string& bytes) {
        if (to.text().find("7:") != std::string::npos) bytes.clear();
    };
    int done = 0;
    int timeouts = 0;
    Duration slowest{0};
    for (const auto device : devices) {
        engine_.poll(device, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            ++done;
            if (cycle.error == CycleError::none) {
                slowest = std::max(slowest, cycle.duration);
            } else {
                ++timeouts;
            }
        });
    }
    loop_.advance(40s);
    EXPECT_EQ(done, 1000);
    EXPECT_EQ(timeouts, 100);
    EXPECT_LT(slowest, 100ms);
}

TEST(EngineReceiveTick, WaitsBetweenLooksButLosesNothing) {
    SimLoop loop;
    FakeNetwork network(loop);
    network.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, number(1)};
    EngineOptions options;
    options.receive_tick = 10ms;
    Engine engine(loop, &network, nullptr, options);
    auto plan = std::make_shared<Plan>();
    plan->scalars = {oid("1.3.6.1.2.1.1.3.0")};
    int done = 0;
    for (int i = 1; i <= 100; ++i) {
        const auto device =
            engine.add({Address::parse("192.0.2." + std::to_string(i), 161).value(), {.community = "x"}});
        engine.poll(device, plan, 10s, [&](Engine::DeviceId, const Cycle& cycle) {
            done += cycle.error == CycleError::none ? 1 : 0;
        });
    }
    loop.advance(1s);
    EXPECT_EQ(done, 100);
    EXPECT_EQ(engine.counters().retries, 0U);
}

}  // namespace
}  // namespace outstation::snmp
