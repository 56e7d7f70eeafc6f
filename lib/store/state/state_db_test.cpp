// SPDX-License-Identifier: GPL-3.0-or-later
// Folding of state records: now, then, before, search; exactly once over restarts, faults and power cuts.
#include "lib/store/state/state_db_test.hpp"

namespace outstation::store {
namespace {

TEST_F(StateDbTest, KnowsWhatIsSoNow) {
    apply(1, {record(10, "sw", "device_down", "", "", "timeout"), record(20, "sw", "device_up"),
              record(20, "sw", "interface_down", "eth1"),
              record(21, "sw", "attribute", "sys_name", "核心交换机"), record(22, "sw", "device_restarted"),
              record(23, "ap", "device_up")});
    EXPECT_EQ(lines(db_->now("sw", nullptr, 0)),
              (Lines{"sw||state=up #2 20", "sw||sys_name=核心交换机 #4 21", "sw|eth1|state=down #3 20"}));
    EXPECT_EQ(lines(db_->now("", nullptr, 0)),
              (Lines{"ap||state=up #6 23", "sw||state=up #2 20", "sw||sys_name=核心交换机 #4 21",
                     "sw|eth1|state=down #3 20"}));
    EXPECT_EQ(db_->applied_sequence(), 6U);
}

TEST_F(StateDbTest, PagesWithoutLeavingOutOrRepeating) {
    std::vector<StateRecord> records;
    for (int i = 0; i < 25; ++i)
        records.push_back(record(i, "d" + std::to_string(i % 3), "interface_up", "e" + std::to_string(i)));
    apply(1, records);
    Lines all;
    StateDb::Page page;
    do {
        auto next = db_->now("", page.facts.empty() ? nullptr : &page.facts.back(), 4);
        ASSERT_TRUE(next);
        page = *next;
        EXPECT_LE(page.facts.size(), 4U);
        for (const Fact& fact : page.facts) all.push_back(fact.device + fact.component);
    } while (page.more);
    EXPECT_EQ(all.size(), 25U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(StateDbTest, KeepsWhatWasSoBefore) {
    apply(1, {record(10, "sw", "device_up"), record(20, "sw", "device_down", "", "", "timeout"),
              record(25, "sw", "device_down", "", "", "timeout"), record(30, "sw", "device_up")});
    EXPECT_EQ(lines(db_->history("sw", "", "state", 0, 0)),
              (Lines{"sw||state=up #4 30", "sw||state=down(timeout) #2 20..30", "sw||state=up #1 10..20"}));
    EXPECT_EQ(lines(db_->history("sw", "", "state", 0, 1)), (Lines{"sw||state=up #4 30", "more"}));
    EXPECT_EQ(lines(db_->at("sw", 9, nullptr, 0)), Lines{});
    EXPECT_EQ(lines(db_->at("sw", 19, nullptr, 0)), Lines{"sw||state=up #1 10..20"});
    EXPECT_EQ(lines(db_->at("sw", 20, nullptr, 0)), Lines{"sw||state=down(timeout) #2 20..30"});
    EXPECT_EQ(lines(db_->at("sw", 99, nullptr, 0)), Lines{"sw||state=up #4 30"});
}

// While the clock was wrong for a while spans overlap: what was told last counts.
TEST_F(StateDbTest, AMomentHasOneValueOfEachAlsoAfterTheClockWentBack) {
    apply(1, {record(100, "sw", "device_up"), record(900, "sw", "device_down"),
              record(200, "sw", "device_up"), record(300, "sw", "device_down")});
    EXPECT_EQ(lines(db_->at("sw", 150, nullptr, 0)), Lines{"sw||state=up #1 100..900"});
    EXPECT_EQ(lines(db_->at("sw", 250, nullptr, 0)), Lines{"sw||state=up #3 200..300"});
    EXPECT_EQ(lines(db_->at("sw", 950, nullptr, 0)), Lines{"sw||state=down #4 300"});
}

TEST_F(StateDbTest, BoundsWhatItKeepsOfAFlappingDeviceAndOfOneWithEndlessParts) {
    std::vector<StateRecord> flaps;
    for (int i = 0; i < 1200; ++i) flaps.push_back(record(i, "sw", i % 2 == 0 ? "device_up" : "device_down"));
    apply(1, flaps);
    auto past = db_->history("sw", "", "state", 0, 0);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->facts.size(), StateDb::kMaxPast);
    EXPECT_EQ(past->facts.front().sequence, 1200U);
    std::vector<StateRecord> parts;
    for (int i = 0; i < StateDb::kMaxFacts + 50; ++i)
        parts.push_back(record(i, "x", "interface_up", "e" + std::to_string(i)));
    apply(1201, parts);
    std::size_t count = 0;
    const Fact* after = nullptr;
    StateDb::Page page;
    do {
        auto next = db_->now("x", after, 0);
        ASSERT_TRUE(next);
        page = std::move(*next);
        count += page.facts.size();
        after = &page.facts.back();
    } while (page.more);
    EXPECT_EQ(count, static_cast<std::size_t>(StateDb::kMaxFacts));
}

TEST_F(StateDbTest, FindsTwoCharacterWordsAndOneCharacterAndBeginnings) {
    apply(1, {record(1, "sw-01", "attribute", "sys_location", "三楼数据机房A列"),
              record(2, "ups-02", "attribute", "sys_descr", "Huawei UPS5000 输入电压"),
              record(3, "sw-01", "interface_up", "GigabitEthernet1/0/24")});
    EXPECT_EQ(lines(db_->search("机房", 0)), Lines{"sw-01||sys_location=三楼数据机房A列 #1 1"});
    EXPECT_EQ(lines(db_->search("数据机房", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->search("房", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->search("压", 0)), Lines{"ups-02||sys_descr=Huawei UPS5000 输入电压 #2 2"});
    EXPECT_EQ(lines(db_->search("据数", 0)), Lines{});  // both characters are there, not in this order
    EXPECT_EQ(lines(db_->search("HUAWEI 电压", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->search("giga", 0)).size(), 1U);
    EXPECT_EQ(lines(db_->search("huawei 机房", 0)), Lines{});
    EXPECT_EQ(lines(db_->search("\" OR * (", 0)), Lines{});  // OR is a word here, not a command
    EXPECT_EQ(lines(db_->search("", 0)), Lines{});
    EXPECT_EQ(lines(db_->search(std::string(100000, '"'), 0)), Lines{});
}

TEST_F(StateDbTest, SearchKnowsOnlyWhatIsSoNow) {
    apply(1, {record(1, "sw", "attribute", "sys_location", "旧机房"),
              record(2, "sw", "attribute", "sys_location", "新楼层")});
    EXPECT_EQ(lines(db_->search("机房", 0)), Lines{});
    EXPECT_EQ(lines(db_->search("楼层", 0)).size(), 1U);
}

TEST_F(StateDbTest, AppliesEachRecordOnce) {
    const std::vector<StateRecord> records{record(10, "sw", "device_up"), record(20, "sw", "device_down"),
                                           record(30, "sw", "device_up")};
    apply(1, {records[0], records[1]});
    reopen();
    EXPECT_EQ(db_->applied_sequence(), 2U);
    apply(1, records);
    apply(1, records);
    EXPECT_EQ(lines(db_->history("sw", "", "state", 0, 0)).size(), 3U);
    EXPECT_EQ(db_->applied_sequence(), 3U);
}

TEST_F(StateDbTest, RefusesAFileOfAnotherStationOrEpochOrFormat) {
    db_.reset();
    for (const Identity& other : {identity('b'), identity('a', 8)}) {
        const auto db = StateDb::open(*vfs_, "/d/state.db", other);
        ASSERT_FALSE(db);
        EXPECT_EQ(db.error().code, ErrorCode::refused);
        EXPECT_NE(db.error().text.find("/d/state.db"), std::string::npos);
    }
    {
        DatabaseOptions options{Access::write, Durability::wal};
        options.page_checksums = true;
        auto raw = Database::open(*vfs_, "/d/state.db", options);
        ASSERT_TRUE(raw);
        ASSERT_TRUE(raw->execute("UPDATE meta SET value = 99 WHERE name = 'format'"));
    }
    const auto db = StateDb::open(*vfs_, "/d/state.db", identity());
    ASSERT_FALSE(db);
    EXPECT_EQ(db.error().code, ErrorCode::refused);
}

// A restored station goes on with what it has folded.
TEST_F(StateDbTest, TakesOverAFileOfAFormerEpoch) {
    apply(1, {record(1, "sw", "device_up")});
    db_.reset();
    Epochs epochs(identity());
    epochs.begin();
    auto db = StateDb::open(*vfs_, "/d/state.db", epochs);
    ASSERT_TRUE(db) << db.error().text;
    EXPECT_EQ((*db)->applied_sequence(), 1U);
    db->reset();
    EXPECT_TRUE(StateDb::open(*vfs_, "/d/state.db", epochs.identity));
    EXPECT_EQ(StateDb::open(*vfs_, "/d/state.db", identity()).error().code, ErrorCode::refused);
}

// What was applied before each cut is there behind it; what was under way is there whole or not at all.
TEST_F(StateDbTest, KeepsWhatWasAppliedOverPowerCuts) {
    std::mt19937_64 random(11);
    std::uint64_t sequence = 0;
    for (int round = 0; round < 200; ++round) {
        const std::uint64_t before = sequence;
        files_.cut_power_at(1 + static_cast<std::size_t>(round % 90));
        const auto ok =
            db_->apply(sequence + 1, {record(round, "a", round % 2 == 0 ? "device_up" : "device_down"),
                                      record(round, "b", "attribute", "x", std::to_string(round))});
        if (ok) sequence += 2;
        db_.reset();
        files_.restart(random);
        reopen();
        ASSERT_TRUE(db_->applied_sequence() == sequence || (!ok && db_->applied_sequence() == before + 2))
            << round;
        sequence = db_->applied_sequence();
        const auto facts = db_->now("b", nullptr, 0);
        ASSERT_TRUE(facts) << facts.error().text;
        if (sequence > 0) {
            ASSERT_EQ(facts->facts.size(), 1U);
            EXPECT_EQ(facts->facts[0].sequence, sequence);
        }
    }
    EXPECT_GT(sequence, 0U);
}

}  // namespace
}  // namespace outstation::store
