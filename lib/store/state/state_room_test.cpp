// SPDX-License-Identifier: GPL-3.0-or-later
// Components by index and name, the room of facts and past, files of before.
#include <algorithm>

#include "lib/store/state/folded_states.hpp"
#include "lib/store/state/shares.hpp"
#include "lib/store/state/state_db_test.hpp"

namespace outstation::store {
namespace {

TEST_F(StateDbTest, TwoComponentsOfOneNameAreTwoAndANewNameIsOfAllTheirFacts) {
    apply(1, {record(1, "sw", "interface_down", "port", "1"), record(2, "sw", "interface_up", "port", "2"),
              record(3, "sw", "interface_up", "uplink", "1")});
    const auto now = db_->now("sw", nullptr, 0);
    EXPECT_EQ(lines(now), (Lines{"sw|interface:1|state=up #3 3", "sw|interface:2|state=up #2 2"}));
    EXPECT_EQ(now->facts[0].name, "uplink");
    EXPECT_EQ(now->facts[1].name, "port");
    apply(4, {record(4, "sw", "interface_up", "core", "1")});  // renamed, and nothing else
    EXPECT_EQ(lines(db_->search("uplink", 0)), Lines{});
    EXPECT_EQ(lines(db_->search("core", 0)), Lines{"sw|interface:1|state=up #3 3"});
    EXPECT_EQ(lines(db_->search("port", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->history("sw", "interface:1", "state", 0, 0)).size(), 2U);
}

TEST_F(StateDbTest, WhatWasKnownByNameAloneIsOfTheComponentThatSaysItsIndex) {
    apply(1, {record(1, "sw", "interface_down", "GE1"), record(2, "sw", "interface_up", "GE1", "7"),
              record(3, "sw", "interface_down", "GE1", "8")});
    EXPECT_EQ(lines(db_->now("sw", nullptr, 0)),
              (Lines{"sw|interface:7|state=up #2 2", "sw|interface:8|state=down #3 3"}));
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "state", 0, 0)).size(), 2U);
}

TEST_F(StateDbTest, InterfacesAreFoundByWhatTheyAreCalled) {
    auto alias = record(2, "sw", "interface_alias", "GE1", "7");
    alias.text = "uplink to 机房";
    auto descr = record(3, "sw", "interface_descr", "GE1", "7");
    descr.text = "GigabitEthernet 1";
    apply(1, {record(1, "sw", "interface_name", "GE1", "7"), alias, descr});
    EXPECT_EQ(lines(db_->search("uplink", 0)), Lines{"sw|interface:7|if_alias=uplink to 机房 #2 2"});
    EXPECT_EQ(lines(db_->search("gigabit", 0)), Lines{"sw|interface:7|if_descr=GigabitEthernet 1 #3 3"});
    apply(4, {record(4, "sw", "interface_name", "Po1", "7")});
    EXPECT_EQ(lines(db_->search("po1", 0)).size(), 3U);
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "if_name", 0, 0)).size(), 2U);
}

TEST_F(StateDbTest, WhatADeviceIsBuiltOfHasAPast) {
    auto part = record(1, "sw", "component_part", "slot 1", "part:slot 1");
    part.text = "kind=module; serial=A1";
    auto other = record(2, "sw", "component_replaced", "slot 1", "part:slot 1");
    other.text = "kind=module; serial=B2";
    apply(1, {part, other});
    EXPECT_EQ(lines(db_->history("sw", "part:slot 1", "part", 0, 0)),
              (Lines{"sw|part:slot 1|part=kind=module; serial=B2 #2 2",
                     "sw|part:slot 1|part=kind=module; serial=A1 #1 1..2"}));
    EXPECT_EQ(lines(db_->search("B2", 9)).size(), 1U) << "a serial number is found";
    apply(3, {record(3, "sw", "component_gone", "slot 1", "part:slot 1")});
    EXPECT_EQ(lines(db_->history("sw", "part:slot 1", "part", 0, 0)).front(), "sw|part:slot 1|part= #3 3");
    EXPECT_EQ(lines(db_->history("sw", "part:slot 1", "part", 0, 0)).size(), 3U);
    EXPECT_TRUE(lines(db_->now("sw", nullptr, 0)).empty());
}

TEST_F(StateDbTest, AStateThatAPackKnowsIsOfItsOidAndFoundByItsNameAndText) {
    auto normal = record(1, "ups", "component_state", "Battery", "1.3.6.1");
    normal.text = "normal";
    auto low = record(2, "ups", "component_changed", "Battery", "1.3.6.1");
    low.text = "low";
    apply(1, {normal, low, record(3, "ups", "component_state", "nameless", "")});
    EXPECT_EQ(lines(db_->now("ups", nullptr, 0)), Lines{"ups|state:1.3.6.1|state=low #2 2"});
    EXPECT_EQ(lines(db_->search("battery low", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->history("ups", "state:1.3.6.1", "state", 0, 0)).size(), 2U);
    apply(4, {record(4, "ups", "component_gone", "Battery", "1.3.6.1")});
    EXPECT_EQ(lines(db_->now("ups", nullptr, 0)), Lines{});
}

TEST_F(StateDbTest, ANeighbourHasAPast) {
    auto seen = record(1, "sw", "neighbour_seen", "GE1", "lldp|GE1|core", "lldp");
    seen.text = "core|XGE1||";
    auto moved = record(2, "sw", "neighbour_seen", "GE1", "lldp|GE1|core", "lldp");
    moved.text = "core|XGE2||";
    apply(1, {seen, moved, record(3, "sw", "neighbour_seen", "GE1", "")});
    EXPECT_EQ(lines(db_->now("sw", nullptr, 0)),
              Lines{"sw|neighbour:lldp|GE1|core|neighbour=core|XGE2||(lldp) #2 2"});
    EXPECT_EQ(lines(db_->search("core ge1", 0)).size(), 1U);
    apply(4, {record(4, "sw", "neighbour_gone", "GE1", "lldp|GE1|core")});
    EXPECT_EQ(lines(db_->now("sw", nullptr, 0)), Lines{});
    EXPECT_EQ(lines(db_->history("sw", "neighbour:lldp|GE1|core", "neighbour", 0, 0)).size(), 3U);
}

TEST_F(StateDbTest, APortThatIsGoneIsFoundNoMoreAndItsPastStays) {
    auto alias = record(2, "sw", "interface_alias", "GE1", "7");
    alias.text = "uplink";
    apply(1, {record(1, "sw", "interface_name", "GE1", "7"), alias,
              record(3, "sw", "interface_down", "GE1", "7"), record(4, "sw", "interface_name", "GE2", "8"),
              record(5, "sw", "interface_gone", "GE1", "7"), record(6, "sw", "interface_gone", "GE9", "9")});
    EXPECT_EQ(lines(db_->search("uplink", 0)), Lines{});
    EXPECT_EQ(lines(db_->search("ge1", 0)), Lines{});
    EXPECT_EQ(lines(db_->now("sw", nullptr, 0)), Lines{"sw|interface:8|if_name=GE2 #4 4"});
    EXPECT_EQ(lines(db_->at("sw", 4, nullptr, 0)).size(), 4U);
    EXPECT_EQ(lines(db_->at("sw", 5, nullptr, 0)).size(), 1U);
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "if_alias", 0, 0)),
              (Lines{"sw|interface:7|if_alias= #5 5", "sw|interface:7|if_alias=uplink #2 2..5"}));
    alias.text = "";  // known no more, and that is nothing new
    apply(7, {record(7, "sw", "interface_name", "Po1", "7"), alias});
    EXPECT_EQ(lines(db_->search("po1", 0)), Lines{"sw|interface:7|if_name=Po1 #7 7"});
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "if_name", 0, 0)).size(), 3U);
}

// A host that makes a new port for each container.
TEST_F(StateDbTest, OfPortsThatAreGoneTheNewestAreKept) {
    std::vector<StateRecord> records;
    for (int i = 0; i < 3000; ++i) {
        const std::string index = std::to_string(i);
        records.push_back(record(i, "host", "interface_name", "veth" + index, index));
        records.push_back(record(i, "host", "interface_gone", "veth" + index, index));
    }
    apply(1, records);
    EXPECT_EQ(lines(db_->now("host", nullptr, 0)), Lines{});
    EXPECT_EQ(lines(db_->history("host", "interface:1000", "if_name", 0, 0)), Lines{});
    EXPECT_EQ(lines(db_->history("host", "interface:2500", "if_name", 0, 0)).size(), 2U);
    std::size_t kept = 0;
    for (int i = 0; i < 3000; ++i)
        kept +=
            lines(db_->history("host", "interface:" + std::to_string(i), "if_name", 0, 1)).empty() ? 0 : 1;
    EXPECT_LE(kept, static_cast<std::size_t>(StateDb::kMaxEnded));
    EXPECT_GT(kept, static_cast<std::size_t>(StateDb::kMaxEnded) - 50);
}

TEST_F(StateDbTest, AFileOfFormat1IsGoneOnWith) {
    apply(1, {record(1, "sw", "interface_down", "GE1", "7"), record(2, "sw", "interface_up", "GE1", "7"),
              record(3, "sw", "attribute", "sys_location", "三楼机房")});
    db_.reset();
    make_format_1(*vfs_, "/d/state.db");
    reopen();
    EXPECT_EQ(db_->applied_sequence(), 3U);
    EXPECT_EQ(lines(db_->search("ge1", 0)), Lines{"sw|GE1|state=up #2 2"});
    EXPECT_EQ(lines(db_->search("机房", 0)).size(), 1U);
    apply(4, {record(4, "sw", "interface_down", "GE1", "7")});
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "state", 0, 0)).size(), 3U);
    reopen();
    EXPECT_EQ(lines(db_->search("ge1", 0)).size(), 1U);
}

TEST_F(StateDbTest, FactsHaveHalfOfTheRoomAndThePastAQuarterWhateverTheyTake) {
    std::uint64_t sequence = 1;
    std::vector<StateRecord> records;
    for (int i = 0; i < 2000; ++i)
        records.push_back(record(i, "sw", "attribute", "a" + std::to_string(i % 4), "v" + std::to_string(i)));
    apply(sequence, records);
    sequence += records.size();
    constexpr std::uint64_t kMost = 256U << 10;
    db_->set_most_octets(kMost);
    for (int device = 0; device < 20; ++device) {
        records.clear();
        for (int i = 0; i < 200; ++i)
            records.push_back(record(i, "x" + std::to_string(device), "attribute", "b" + std::to_string(i),
                                     std::string(300, 'y')));
        apply(sequence, records);
        sequence += records.size();
    }
    const auto left_out = db_->take_left_out();
    EXPECT_GT(left_out.size(), 10U);
    EXPECT_EQ(std::set<std::string>(left_out.begin(), left_out.end()).size(), left_out.size());
    EXPECT_TRUE(db_->take_left_out().empty());
    for (bool more = true; more;) {
        const auto trimmed = db_->trim_past();
        ASSERT_TRUE(trimmed) << trimmed.error().text;
        more = *trimmed;
    }
    const auto past = db_->history("sw", "", "a1", 0, 0);
    ASSERT_TRUE(past);
    EXPECT_GT(past->facts.size(), 200U);
    EXPECT_LE(files_.contents("/d/state.db").size(), 3 * kMost);
    // What is known goes on to change.
    apply(sequence, {record(9, "x0", "attribute", "b0", "z")});
    EXPECT_EQ(lines(db_->search("z", 0)).size(), 1U);
}

std::int64_t octets_of(const Result<StateDb::Page>& page) {
    std::int64_t octets = 0;
    for (const Fact& fact : page->facts) octets += Shares::octets_of(fact);
    return octets;
}

// What was short when it was added is not longer afterwards than there is room for.
TEST_F(StateDbTest, AValueForWhichThereIsNoRoomIsKnownNoMore) {
    constexpr std::int64_t kMost = 1 << 20;
    db_->set_most_octets(kMost);
    std::vector<StateRecord> records;
    for (const std::size_t octets : {1U, 2000U}) {
        for (int i = 0; i < 500; ++i)
            records.push_back(record(static_cast<std::int64_t>(octets), "sw", "attribute",
                                     "a" + std::to_string(i), std::string(octets, 'x')));
    }
    apply(1, records);
    const auto now = db_->now("sw", nullptr, 0);
    EXPECT_LE(octets_of(now), kMost / 2);
    EXPECT_GT(octets_of(now), kMost / 4);
    EXPECT_EQ(db_->take_left_out(), Lines{"sw"});
    EXPECT_EQ(lines(db_->history("sw", "", "a499", 0, 0)),
              (Lines{"sw||a499= #1000 2000", "sw||a499=x #500 1..2000"}));
    apply(1001, {record(3000, "sw", "attribute", "a499", "y")});
    EXPECT_EQ(lines(db_->search("y", 0)), Lines{"sw||a499=y #1001 3000"});
}

TEST_F(StateDbTest, ThereIsAlwaysRoomForAStateToChange) {
    db_->set_most_octets(256U << 10);
    std::vector<StateRecord> records;
    for (int i = 0; i < 2000; ++i)
        records.push_back(record(1, "sw", "interface_up", "e" + std::to_string(i), std::to_string(i)));
    apply(1, records);
    const std::size_t facts = db_->now("sw", nullptr, 0)->facts.size();
    ASSERT_EQ(db_->take_left_out(), Lines{"sw"});
    for (StateRecord& each : records) {
        each.kind = "interface_down";
        each.reason = "unreachable";
    }
    apply(2001, records);
    const auto now = db_->now("sw", nullptr, 0);
    EXPECT_EQ(now->facts.size(), facts);
    for (const Fact& fact : now->facts) EXPECT_EQ(fact.value, "down") << fact.component;
}

TEST_F(StateDbTest, ANameForWhichThereIsNoRoomIsLeftOut) {
    constexpr std::int64_t kMost = 512 << 10;
    db_->set_most_octets(kMost);
    std::vector<StateRecord> records;
    for (const std::size_t octets : {2U, 300U}) {
        for (int i = 0; i < 600; ++i)
            records.push_back(record(static_cast<std::int64_t>(octets), "sw", "interface_up",
                                     std::string(octets, 'n'), std::to_string(i)));
    }
    apply(1, records);
    const auto now = db_->now("sw", nullptr, 0);
    EXPECT_EQ(now->facts.size(), 600U);
    EXPECT_LE(octets_of(now), kMost / 2);
    EXPECT_EQ(db_->take_left_out(), Lines{"sw"});
    const std::size_t longer = db_->search("nnn", 0)->facts.size();
    EXPECT_GT(longer, 100U);
    EXPECT_LT(longer, 400U);
    EXPECT_EQ(db_->search("nn", 0)->facts.size(), longer) << "none has the old one";
    apply(1201, {record(5000, "sw", "interface_down", "short", "599")});
    EXPECT_EQ(lines(db_->search("short", 0)), Lines{"sw|interface:599|state=down #1201 5000"});
    apply(1202, {record(6000, "sw", "interface_up", "short", "599")});
    EXPECT_EQ(lines(db_->search("short", 0)), Lines{"sw|interface:599|state=up #1202 6000"});
}

TEST_F(StateDbTest, AFileThatIsSetAsideNeverGetsTheLogOfAnother) {
    for (std::size_t operation = 1; operation <= 4; ++operation) {
        db_.reset();
        files_.set_contents("/d/state.db", std::string(8192, 'z'));
        files_.set_contents("/d/state.db-wal", "of it");
        files_.set_contents("/d/state.db.aside", std::string(4096, 'y'));
        files_.set_contents("/d/state.db.aside-wal", "of the other");
        StateFile file(files_, "/d");
        ASSERT_FALSE(file.open(identity(), [] { return false; }));
        files_.set_contents("/d/state.db-wal", "of it");
        files_.fail_operation(operation, FakeFileSystem::Fault::nothing_written);
        (void)file.set_aside();
        const auto paths = files_.paths();
        const bool has_log = std::find(paths.begin(), paths.end(), "/d/state.db.aside-wal") != paths.end();
        const bool is_new = files_.contents("/d/state.db.aside").front() == 'z';
        if (has_log) {
            EXPECT_EQ(files_.contents("/d/state.db.aside-wal"), is_new ? "of it" : "of the other")
                << operation;
        }
    }
}

// What the store keeps free for it (room.hpp).
TEST_F(StateDbTest, TheLogHasABoundWhateverChanges) {
    std::mt19937_64 random(3);
    std::uint64_t sequence = 1;
    for (int round = 0; round < 12; ++round) {
        std::vector<StateRecord> records;
        for (int i = 0; i < 1000; ++i) {
            const std::string port = std::to_string(random() % 8);
            records.push_back(record(round, "device-" + std::to_string(random() % 500), "interface_alias",
                                     "GE" + port, port));
            for (int word = 0; word < 25; ++word)
                records.back().text += std::to_string(random() % 1'000'000) + " ";
        }
        apply(sequence, records);
        sequence += records.size();
    }
    EXPECT_GT(files_.contents("/d/state.db").size(), 4U << 20);
    EXPECT_LE(files_.contents("/d/state.db-wal").size(), FoldedStates::kLogOctets);
}

TEST_F(StateDbTest, ADeviceThatIsGoneIsForgottenWithItsPast) {
    std::vector<StateRecord> records;
    for (int i = 0; i < 100; ++i) {
        const std::string component = "e" + std::to_string(i % 50);
        records.push_back(
            record(i, "gone", i < 50 ? "interface_up" : "interface_down", component, component));
    }
    records.push_back(record(1, "sw", "device_up"));
    apply(1, records);
    for (bool more = true; more;) more = db_->forget_others({"sw"}, 1000).value();
    EXPECT_EQ(lines(db_->now("", nullptr, 0)), Lines{"sw||state=up #101 1"});
    EXPECT_EQ(lines(db_->search("e7", 0)), Lines{});
    apply(102, {record(5, "gone", "interface_up", "e7", "e7")});
    EXPECT_EQ(lines(db_->history("gone", "interface:e7", "state", 0, 0)),
              Lines{"gone|interface:e7|state=up #102 5"});
}

// Frames that a checkpoint brought into the file are no log any more: a damaged one would end it early, and
// what stands before that is older than the file.
TEST_F(StateDbTest, DamageInALogThatWasBroughtInChangesNothing) {
    const auto flap = [](int round) {
        std::vector<StateRecord> records;
        for (int i = 0; i < 200; ++i)
            records.push_back(record(round, "sw", round % 2 == 0 ? "interface_up" : "interface_down",
                                     "e" + std::to_string(i), std::to_string(i)));
        return records;
    };
    apply(1, flap(0));
    apply(201, flap(1));
    ASSERT_TRUE(db_->checkpoint());
    const Lines before = lines(db_->now("sw", nullptr, 0));
    const std::string database = files_.contents("/d/state.db");
    std::string log = files_.contents("/d/state.db-wal");
    db_.reset();
    constexpr std::size_t kFrame = 24 + kPageOctets;
    ASSERT_GT(log.size(), 32 + 40 * kFrame);
    for (std::size_t frame = 2; frame < log.size() / kFrame; frame += 3) {
        std::string damaged = log;
        damaged[32 + (frame - 1) * kFrame + 500] ^= 4;
        files_.set_contents("/d/state.db", database);
        ASSERT_TRUE(files_.open("/d/state.db-wal", FileSystem::Mode::create).value()->write(0, damaged));
        reopen();
        ASSERT_EQ(db_->applied_sequence(), 400U) << frame;
        ASSERT_EQ(lines(db_->now("sw", nullptr, 0)), before) << frame;
        db_.reset();
    }
}

}  // namespace
}  // namespace outstation::store
