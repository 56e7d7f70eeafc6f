// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine remembers of a device from cycle to cycle: the size of its tables, what it has room for,
// and that neither outlives its reason.
#include <gtest/gtest.h>

#include <algorithm>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

constexpr const char* kColumns[] = {"1.3.6.1.2.1.2.2.1.10", "1.3.6.1.2.1.2.2.1.16"};

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

class MemoryTest : public testing::Test {
  protected:
    MemoryTest() {
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid(kColumns[0]), oid(kColumns[1])}, 4096});
        set_rows(20);
    }
    void set_rows(std::uint32_t rows) {
        network_.mib.clear();
        for (const std::string& scalar : plan_->scalars)
            network_.mib[scalar] = {Tag::time_ticks, encode_number(rows)};
        for (const std::string column : kColumns)
            for (std::uint32_t row = 1; row <= rows; ++row)
                network_.mib[oid(column + "." + std::to_string(row))] = {Tag::counter32, encode_number(row)};
    }
    Cycle poll(Engine::DeviceId device) {
        Cycle out;
        engine_.poll(device, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            bytes_ = cycle.arena.capacity() + cycle.tables[0].cells.capacity() * sizeof(Cell);
        });
        loop_.advance(31s);
        return out;
    }
    Cycle poll() { return poll(device_); }
    Engine::DeviceId add(const char* address) {
        return engine_.add({Address::parse(address, 161).value(), {.community = "secret"}});
    }
    // That a cycle takes, which gives all rows.
    int requests() {
        const int before = network_.sent;
        EXPECT_EQ(poll().tables[0].rows(), 20U);
        return network_.sent - before;
    }
    static EngineOptions options() {
        EngineOptions out;
        out.verify_every = 4;
        return out;
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, options()};
    std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
    Engine::DeviceId device_ = add("192.0.2.1");
    std::size_t bytes_ = 0;  // of the run of the last cycle
};

// As while an agent restarts: its tables fill one after another.
TEST_F(MemoryTest, ATableThatWasShortForAWhileIsWholeWithTheNextPoll) {
    for (const std::uint32_t few : {0U, 2U}) {
        set_rows(20);
        for (int cycle = 0; cycle < 8; ++cycle) poll();
        set_rows(few);
        for (int cycle = 0; cycle < 4; ++cycle) EXPECT_EQ(poll().tables[0].rows(), few);
        set_rows(20);
        EXPECT_EQ(poll().tables[0].rows(), 20U) << "after " << few;
    }
}

TEST_F(MemoryTest, ATableIsCompleteWhenItsEndWasSeen) {
    EXPECT_TRUE(poll().tables[0].complete);
    EXPECT_FALSE(poll().tables[0].complete);  // asked for exactly the remembered rows
    set_rows(18);
    EXPECT_TRUE(poll().tables[0].complete);
    set_rows(0);
    for (int cycle = 0; cycle < 10; ++cycle) EXPECT_TRUE(poll().tables[0].complete);
    EXPECT_FALSE(poll().tables[0].complete);  // not looked at
}

// One bad moment makes no device slow to read for ever.
TEST_F(MemoryTest, WhatWasLoweredIsRaisedAgain) {
    poll();
    EXPECT_EQ(requests(), 2);
    network_.max_varbinds = 1;
    EXPECT_GE(requests(), 20);
    network_.max_varbinds = 10000;
    EXPECT_GE(requests(), 20);
    for (int cycle = 0; cycle < 24; ++cycle) poll();
    EXPECT_EQ(requests(), 2);
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        answer.status = kTooBig;
        const bool is_bulk = request.pdu == Tag::get_bulk_request;
        return request.oids.size() > 1 || (is_bulk && request.repetitions > 1);
    };
    EXPECT_GE(requests(), 42);
    network_.corrupt = nullptr;
    EXPECT_GE(requests(), 40);
    for (int cycle = 0; cycle < 32; ++cycle) poll();
    EXPECT_EQ(requests(), 2);
}

TEST_F(MemoryTest, WhatOneDeviceNeededIsNotKeptForTheOthers) {
    poll();
    const std::size_t small = bytes_;
    const auto other = add("192.0.2.2");
    set_rows(4096);
    EXPECT_EQ(poll(other).tables[0].rows(), 4096U);
    EXPECT_GT(bytes_, 20 * small);
    set_rows(20);
    poll();
    EXPECT_LE(bytes_, 2 * small);
}

}  // namespace
}  // namespace outstation::snmp
