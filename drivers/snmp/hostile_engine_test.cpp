// SPDX-License-Identifier: GPL-3.0-or-later
// The engine with agents that answer what nobody asked for: exceptions in the middle, other ids, more than
// was asked, answers of 64 KiB, the answers of yesterday, other types, random bytes.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

class HostileTest : public testing::Test {
  protected:
    HostileTest() {
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.1.7.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10"), oid("1.3.6.1.2.1.2.2.1.16")}, 4096});
        for (const std::string& scalar : plan_->scalars)
            network_.mib[scalar] = {Tag::integer, encode_number(7)};
        for (int row = 1; row <= 5; ++row) {
            for (const char* column : {"10.", "16."})
                network_.mib[oid("1.3.6.1.2.1.2.2.1." + std::string(column) + std::to_string(row))] = {
                    Tag::counter32, encode_number(static_cast<std::uint64_t>(row))};
        }
    }
    Cycle poll() {
        Cycle out;
        int calls = 0;
        engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            ++calls;
        });
        loop_.advance(31s);
        EXPECT_EQ(calls, 1);
        return out;
    }
    [[nodiscard]] const Cell& cell(const Cycle& cycle, std::size_t row, std::size_t column) const {
        return cycle.tables.at(0).cells.at(row * 2 + column);
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Engine::DeviceId device_ =
        engine_.add({Address::parse("192.0.2.1", 161).value(), {.community = "secret"}});
};

TEST_F(HostileTest, AnExceptionCostsItsValueAlone) {
    for (const Tag tag : {Tag::no_such_object, Tag::no_such_instance, Tag::null}) {
        network_.mib[plan_->scalars[1]] = {tag, ""};
        network_.mib[oid("1.3.6.1.2.1.2.2.1.10.3")] = {tag, ""};
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        EXPECT_TRUE(cycle.scalars[0].present());
        EXPECT_FALSE(cycle.scalars[1].present());
        EXPECT_TRUE(cycle.scalars[2].present());
        ASSERT_EQ(cycle.tables[0].rows(), 5U);
        for (std::size_t row = 0; row < 5; ++row) {
            EXPECT_EQ(cell(cycle, row, 0).present(), row != 2);
            EXPECT_EQ(cell(cycle, row, 1).number, row + 1);
        }
        EXPECT_EQ(cycle.values, 2U + 9U);
    }
}

TEST_F(HostileTest, TheEndOfTheMibUnderAColumnsOwnNameEndsTheColumn) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (const std::string& name : request.oids)
            answer.varbinds.emplace_back(name + '\1', std::pair{Tag::end_of_mib_view, std::string()});
        return true;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 0U);
}

TEST_F(HostileTest, NumbersKeepTheirBitsAndTheirSign) {
    struct Case {
        Tag tag;
        std::string content;
        std::uint64_t expected;
    };
    const std::vector<Case> cases = {
        {Tag::counter64, std::string(8, '\xff'), UINT64_MAX},
        {Tag::counter64, std::string("\0\xff\xff\xff\xff\xff\xff\xff\xff", 9), UINT64_MAX},
        {Tag::counter32, std::string("\0\xff\xff\xff\xff", 5), UINT32_MAX},
        {Tag::counter32, std::string(4, '\xff'), UINT32_MAX},  // without the leading zero, as some send it
        {Tag::counter32, std::string(1, '\0'), 0},
        {Tag::gauge32, std::string("\x80\0\0\0", 4), 0x80000000U},
        {Tag::integer, std::string(4, '\xff'), static_cast<std::uint64_t>(-1)},
        {Tag::integer, std::string("\x80\0\0\0", 4), static_cast<std::uint64_t>(std::int64_t{INT32_MIN})},
        {Tag::integer, std::string("\0\x80", 2), 128}};
    for (const Case& one : cases) {
        network_.mib[plan_->scalars[2]] = {one.tag, one.content};
        network_.mib[oid("1.3.6.1.2.1.2.2.1.16.5")] = {one.tag, one.content};
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        EXPECT_EQ(cycle.scalars[2].number, one.expected);
        EXPECT_EQ(cell(cycle, 4, 1).number, one.expected);
    }
}

TEST_F(HostileTest, NumbersThatFitNoTypeAreMalformed) {
    const std::vector<std::pair<Tag, std::string>> cases = {
        {Tag::counter32, ""},
        {Tag::counter32, std::string("\1\0\0\0\0", 5)},
        {Tag::counter64, std::string("\1\0\0\0\0\0\0\0\0", 9)},
        {Tag::counter64, std::string(10, '\0')},
        {Tag::integer, ""},
        {Tag::integer, std::string(9, '\0')},
        {static_cast<Tag>(0x47), "x"}};
    for (const auto& value : cases) {
        network_.mib[oid("1.3.6.1.2.1.2.2.1.16.5")] = value;
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::malformed) << int{static_cast<std::uint8_t>(value.first)};
        EXPECT_EQ(cycle.tables[0].rows(), 0U);
        EXPECT_EQ(cycle.values, 3U);
    }
}

TEST_F(HostileTest, AnotherIdIsNoAnswer) {
    network_.twist = [](const Address&, std::string& bytes) {
        const std::size_t pdu = bytes.find('\xa2');  // behind it: lengths, then the tag of the id
        const std::size_t id = bytes.find('\x02', pdu);
        bytes[id + 2] = static_cast<char>(bytes[id + 2] ^ 1);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_FALSE(cycle.answered);
    EXPECT_EQ(engine_.counters().late_or_unknown, 3U);
}

TEST_F(HostileTest, TheAnswersOfTheCycleBeforeAreNoAnswers) {
    std::vector<std::string> before;
    network_.twist = [&](const Address&, std::string& bytes) { before.push_back(bytes); };
    const Cycle good = poll();
    ASSERT_EQ(good.error, CycleError::none);
    network_.twist = [&, at = std::size_t{0}](const Address&, std::string& bytes) mutable {
        bytes = before[at++ % before.size()];
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_EQ(cycle.values, 0U);
}

TEST_F(HostileTest, MoreThanWasAskedIsTakenAsFarAsItIsSound) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (std::uint32_t row = 1; row <= 1400; ++row) {
            for (const char* column : {"10.", "16."})
                answer.varbinds.emplace_back(
                    oid("1.3.6.1.2.1.2.2.1." + std::string(column) + std::to_string(row)),
                    std::pair{Tag::counter32, encode_number(row)});
        }
        for (int column = 0; column < 2; ++column)
            answer.varbinds.emplace_back(oid("1.3.6.1.2.1.3.1"), std::pair{Tag::integer, encode_number(1)});
        return true;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 1400U);
    EXPECT_EQ(cycle.values, 2803U);
}

TEST_F(HostileTest, AScalarOfAnotherNameIsMalformed) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        if (request.pdu != Tag::get_request) return false;
        for (const std::string& name : request.oids)
            answer.varbinds.emplace_back(name + '\1', std::pair{Tag::integer, encode_number(1)});
        return true;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::malformed);
    EXPECT_EQ(cycle.tables[0].rows(), 5U);
    EXPECT_EQ(cycle.values, 10U);
}

TEST_F(HostileTest, AnIndexThatIsNoOidIsMalformed) {
    for (const std::string& index : {std::string("\x80"), std::string("\x81\x81\x81\x81\x81\x81\x01", 7)}) {
        network_.corrupt = [&](const FakeRequest& request, FakeAnswer& answer) {
            if (request.pdu == Tag::get_request) return false;
            for (const std::string& name : request.oids)
                answer.varbinds.emplace_back(name + index, std::pair{Tag::counter32, encode_number(1)});
            return true;
        };
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::malformed);
        EXPECT_EQ(cycle.tables[0].rows(), 0U);
    }
}

// One column has the rows 1 to 5, the other 3, 4, 2: the third of them is a step back, though its row is
// there.
TEST_F(HostileTest, AColumnThatGoesBackBehindAnotherIsStopped) {
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        if (request.pdu == Tag::get_request) return false;
        const std::vector<std::pair<int, int>> rows = {{4, 1}, {5, 2}, {6, 3}, {7, 5}, {8, 4}};
        for (const auto& [first, second] : rows) {
            answer.varbinds.emplace_back(oid("1.3.6.1.2.1.2.2.1.10." + std::to_string(first)),
                                         std::pair{Tag::counter32, encode_number(1)});
            answer.varbinds.emplace_back(oid("1.3.6.1.2.1.2.2.1.16." + std::to_string(second)),
                                         std::pair{Tag::counter32, encode_number(1)});
        }
        return true;
    };
    EXPECT_EQ(poll().error, CycleError::not_increasing);
}

class RunawayTest : public HostileTest {
  protected:
    RunawayTest() {
        plan_->tables.push_back({{oid("1.3.6.1.2.1.3.1.1.1")}, 4096});
        network_.mib[oid("1.3.6.1.2.1.3.1.1.1.1")] = {Tag::integer, encode_number(1)};
    }
    // Rows go on and on, or come again.
    void run_away(bool in_a_circle) {
        network_.corrupt = [this, in_a_circle](const FakeRequest& request, FakeAnswer& answer) {
            const std::string& first = plan_->tables[0].columns[0];
            if (request.pdu == Tag::get_request || !request.oids[0].starts_with(first)) return false;
            ++asked_;
            for (int row = 0; row < 32; ++row) {
                if (!in_a_circle) ++row_;
                for (const std::string& column : plan_->tables[0].columns) {
                    const std::string name =
                        column + oid("1.3." + std::to_string(in_a_circle ? row % 4 : row_)).substr(1);
                    answer.varbinds.emplace_back(name, std::pair{Tag::counter32, encode_number(1)});
                }
            }
            return true;
        };
    }
    // How often the table was asked for in each of so many cycles.
    std::vector<int> ask(int cycles, CycleError expected) {
        std::vector<int> out;
        for (int i = 0; i < cycles; ++i) {
            asked_ = row_ = 0;
            const Cycle cycle = poll();
            EXPECT_EQ(cycle.error, expected) << cycle.detail;
            EXPECT_EQ(cycle.tables[0].error, expected);
            EXPECT_EQ(cycle.tables[0].rows(), 0U);
            EXPECT_EQ(cycle.tables[1].rows(), 1U);
            EXPECT_EQ(cycle.values, 4U);
            out.push_back(asked_);
        }
        return out;
    }

    int asked_ = 0;
    int row_ = 0;
};

TEST_F(RunawayTest, ATableThatDoesNotEndIsReadLessAndLessOften) {
    run_away(false);
    const std::vector<int> asked = ask(1 + 3 + 1 + 15 + 1 + 63 + 1 + 63 + 1, CycleError::endless);
    std::vector<std::size_t> walks;
    for (std::size_t cycle = 0; cycle < asked.size(); ++cycle) {
        if (asked[cycle] > 0) walks.push_back(cycle);
    }
    EXPECT_EQ(walks, (std::vector<std::size_t>{0, 4, 20, 84, 148}));
    EXPECT_NE(poll().detail.find("1.3.6.1.2.1.2.2.1.10 did not end; it is read again in 63 polls"),
              std::string::npos);
    network_.corrupt = nullptr;  // new firmware
    Cycle cycle;
    for (int i = 0; i < 63; ++i) cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 5U);
    run_away(false);
    EXPECT_GT(ask(1, CycleError::endless)[0], 0);
    EXPECT_EQ(ask(4, CycleError::endless)[2], 0);  // it begins anew
}

TEST_F(RunawayTest, OneStepBackIsForgiven) {
    run_away(true);
    const std::vector<int> asked = ask(1 + 1 + 3 + 1, CycleError::not_increasing);
    EXPECT_GT(asked[0], 0);
    EXPECT_GT(asked[1], 0);
    EXPECT_EQ(asked[2] + asked[3] + asked[4], 0);
    EXPECT_GT(asked[5], 0);
}

TEST_F(HostileTest, RandomBytesDoNoHarm) {
    std::mt19937 random(11);
    int answers = 0;
    network_.twist = [&](const Address& from, std::string& bytes) {
        for (int copy = 0; copy < 20; ++copy) {
            std::string spoiled = bytes;
            for (auto n = random() % 4 + 1; n > 0; --n)
                spoiled[random() % spoiled.size()] = static_cast<char>(random());
            if (random() % 4 == 0) spoiled.resize(random() % spoiled.size());
            network_.deliver(from, spoiled, 1ms);
        }
        ++answers;
    };
    for (int cycle = 0; cycle < 200; ++cycle) {
        const Cycle read = poll();
        EXPECT_LE(read.tables[0].rows(), 4097U);
        EXPECT_EQ(read.tables[0].cells.size(), read.tables[0].rows() * 2);
    }
    EXPECT_GT(answers, 200);
    EXPECT_GT(engine_.counters().malformed, 100U);
}

}  // namespace
}  // namespace outstation::snmp
