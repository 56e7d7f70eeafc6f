// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a device goes along when its plan changes, as it does some times an hour.
#include "drivers/snmp/device_memory.hpp"

#include <gtest/gtest.h>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "drivers/snmp/learned.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

Plan::Table table(const std::string& entry, std::initializer_list<const char*> columns) {
    Plan::Table made;
    for (const char* column : columns) made.columns.push_back(oid(entry + "." + column));
    return made;
}

constexpr const char* kPorts = "1.3.6.1.2.1.2.2.1";
constexpr const char* kVendor = "1.3.6.1.4.1.99999.1.1";  // an arc of three octets

TEST(DeviceMemory, ATableOfTheSameColumnsKeepsEverything) {
    Plan first;
    first.tables = {table(kPorts, {"10", "16"}), table(kVendor, {"300"})};
    Plan second;
    second.tables = {table("1.3.6.1.2.1.31.1.1.1", {"6"}), table(kVendor, {"300"}),
                     table(kPorts, {"10", "16"})};
    DeviceMemory memory;
    memory.change_plan(nullptr, first);
    memory.cycles = 57;
    memory.scalars_per_request = 8;
    memory.tables[0].rows = 48;
    memory.tables[0].known = true;
    memory.tables[0].cost.requests = 3;
    memory.tables[1].rest = 63;
    memory.absent_scalars = {true};
    memory.change_plan(&first, second);
    ASSERT_EQ(memory.tables.size(), 3U);
    EXPECT_FALSE(memory.tables[0].known);
    EXPECT_EQ(memory.tables[1].rest, 63);
    EXPECT_EQ(memory.tables[2].rows, 48U);
    EXPECT_TRUE(memory.tables[2].known);
    EXPECT_EQ(memory.tables[2].cost.requests, 3U);
    EXPECT_EQ(memory.cycles, 57U);
    EXPECT_EQ(memory.scalars_per_request, 8U);
    EXPECT_TRUE(memory.absent_scalars.empty());  // they are others
}

TEST(DeviceMemory, OtherColumnsOfATableKeepItsSizeAndItsEndIsLookedFor) {
    Plan first;
    first.tables = {table(kVendor, {"300", "2"})};
    Plan second;
    second.tables = {table(kVendor, {"2"})};
    DeviceMemory memory;
    memory.change_plan(nullptr, first);
    memory.tables[0].rows = 48;
    memory.tables[0].known = true;
    memory.tables[0].max_repetitions = 4;
    memory.change_plan(&first, second);
    EXPECT_EQ(memory.tables[0].rows, 48U);
    EXPECT_EQ(memory.tables[0].max_repetitions, 4U);
    EXPECT_FALSE(memory.tables[0].known);
}

TEST(DeviceMemory, WhatATableBearsIsKeptWhileItIsNotReadAndThatOfFewOnly) {
    Plan first;
    for (int n = 1; n <= 40; ++n)
        first.tables.push_back(table("1.3.6.1.4.1.9." + std::to_string(n) + ".1", {"1"}));
    Plan second;
    second.tables = {table(kPorts, {"10"})};
    DeviceMemory memory;
    memory.change_plan(nullptr, first);
    for (TableMemory& one : memory.tables) one.runaways = one.rest = 3;
    memory.tables[1] = TableMemory{};
    memory.tables[1].rows = 9;  // found out again at no cost
    memory.change_plan(&first, second);
    EXPECT_EQ(memory.aside.size(), DeviceMemory::kMostAside);
    memory.change_plan(&second, first);
    std::size_t kept = 0;
    for (const TableMemory& one : memory.tables) kept += one.rest == 3 ? 1 : 0;
    EXPECT_EQ(kept, DeviceMemory::kMostAside);
    EXPECT_TRUE(memory.aside.empty());
    EXPECT_EQ(memory.tables[1].rows, 0U);
}

TEST(DeviceMemory, APieceKnowsNothingOfTheOneBefore) {
    Plan first;
    first.tables = {table(kVendor, {"300"})};
    first.tables[0].is_piece = true;
    Plan second = first;
    second.tables[0].after = oid("1.3.7").substr(1);
    DeviceMemory memory;
    memory.change_plan(nullptr, first);
    memory.tables[0].rows = memory.tables[0].rest = 63;
    memory.change_plan(&first, second);
    EXPECT_EQ(memory.tables[0].rows, 0U);
    EXPECT_EQ(memory.tables[0].rest, 0);
    EXPECT_TRUE(memory.aside.empty());
}

// Two plans that take turns, as those of a device with packs do: what is measured, and once an hour
// everything.
class TurnsTest : public testing::Test {
  protected:
    TurnsTest() {
        for (const auto& plan : {measured_, everything_}) {
            plan->scalars = {oid("1.3.6.1.2.1.1.3.0")};
            plan->tables.push_back(table(kPorts, {"10", "16"}));
        }
        everything_->tables.push_back(table(kVendor, {"2"}));
        network_.mib[measured_->scalars[0]] = {Tag::time_ticks, encode_number(4711)};
        for (int row = 1; row <= 20; ++row) {
            for (const std::string& column : everything_->tables[0].columns)
                network_.mib[column + oid("1.3." + std::to_string(row)).substr(1)] = {Tag::counter32,
                                                                                      encode_number(1)};
        }
    }
    // So many hours of 60 cycles; how many of the requests in the last were a GETBULK.
    int hours(int count) {
        int bulk = 0;
        for (int cycle = 0; cycle < 60 * count; ++cycle) {
            if (cycle >= 60 * (count - 1) && cycle % 60 == 0) bulk_ = 0;
            engine_.poll(device_, cycle % 60 == 0 ? everything_ : measured_, 50s, [](auto, const Cycle&) {});
            loop_.advance(60s);
            bulk = bulk_;
        }
        return bulk;
    }

    std::shared_ptr<Plan> measured_ = std::make_shared<Plan>();
    std::shared_ptr<Plan> everything_ = std::make_shared<Plan>();
    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, {}};
    Engine::DeviceId device_ = engine_.add({Address::parse("192.0.2.1", 161).value(), {.community = "c"}});
    int bulk_ = 0;
};

TEST_F(TurnsTest, GetbulkIsTriedAgainByADeviceThatFellBack) {
    bool is_broken = true;
    network_.corrupt = [&](const FakeRequest& request, FakeAnswer& answer) {
        const bool is_bulk = request.pdu == Tag::get_bulk_request;
        bulk_ += is_bulk ? 1 : 0;
        if (is_broken) answer.status = 5;  // genErr
        return is_bulk && is_broken;
    };
    hours(3);
    EXPECT_FALSE(engine_.learned(device_).memory.has_bulk());
    is_broken = false;  // new firmware
    EXPECT_GT(hours(3), 50);
    EXPECT_TRUE(engine_.learned(device_).memory.has_bulk());
}

TEST_F(TurnsTest, ATableWithoutEndIsWalkedAboutOnceInSixtyFourTurns) {
    int row = 0;
    int walks = 0;
    const std::string endless = everything_->tables[0].columns[0];
    network_.corrupt = [&](const FakeRequest& request, FakeAnswer& answer) {
        if (request.pdu == Tag::get_request || !request.oids[0].starts_with(endless)) return false;
        walks += request.oids[0] == endless ? 1 : 0;
        for (int n = 0; n < 32; ++n) {
            ++row;
            for (const std::string& column : everything_->tables[0].columns)
                answer.varbinds.emplace_back(column + oid("1.3." + std::to_string(row)).substr(1),
                                             std::pair{Tag::counter32, encode_number(1)});
        }
        return true;
    };
    hours(10);
    EXPECT_GE(walks, 3 + 600 / 64);
    EXPECT_LE(walks, 4 + 600 / 64);
}

}  // namespace
}  // namespace outstation::snmp
