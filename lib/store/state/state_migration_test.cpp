// SPDX-License-Identifier: GPL-3.0-or-later
// A file of format 1 as the last version that knew no other wrote it (tests/faults/golden/state-1.db: facts,
// past values, words; what the journal had was 14 records) is brought to the present format in place.
#include <fstream>
#include <iterator>

#include "lib/store/state/state_db_test.hpp"

namespace outstation::store {
namespace {

class StateMigrationTest : public StateDbTest {
  protected:
    void SetUp() override {
        StateDbTest::SetUp();
        std::ifstream file("tests/faults/golden/state-1.db", std::ios::binary);
        golden_.assign(std::istreambuf_iterator<char>(file), {});
        ASSERT_FALSE(golden_.empty());
        take_golden();
    }
    void take_golden() {
        db_.reset();
        files_.set_contents("/d/state.db", golden_);
        if (files_.open("/d/state.db-wal", FileSystem::Mode::read)) {
            ASSERT_TRUE(files_.remove("/d/state.db-wal"));
        }
        ASSERT_TRUE(files_.sync_directory("/d"));
    }
    void open() {
        db_.reset();
        auto db = StateDb::open(*vfs_, "/d/state.db", identity('g'));
        ASSERT_TRUE(db) << db.error().text;
        db_ = std::move(*db);
    }
    void expect_all() {
        EXPECT_EQ(db_->applied_sequence(), 14U);
        EXPECT_EQ(lines(db_->now("", nullptr, 0)),
                  (Lines{"sw||state=up #9 18", "sw||sys_location=二楼配电间 #11 20",
                         "sw||sys_name=核心交换机 #3 12", "sw|GE1|state=up #14 30", "sw|GE2|state=up #5 14",
                         "sw|port|state=up #7 16", "ups||state=down(refused) #13 22",
                         "ups||sys_descr=Huawei UPS5000 #12 21"}));
        EXPECT_EQ(
            lines(db_->history("sw", "", "state", 0, 0)),
            (Lines{"sw||state=up #9 18", "sw||state=down(timeout) #8 17..18", "sw||state=up #1 10..17"}));
        EXPECT_EQ(lines(db_->at("sw", 19, nullptr, 0)).size(), 6U);
        EXPECT_EQ(lines(db_->search("配电", 0)), Lines{"sw||sys_location=二楼配电间 #11 20"});
        EXPECT_EQ(lines(db_->search("机房", 0)), Lines{});  // it is so no more
        EXPECT_EQ(lines(db_->search("ge1", 0)), Lines{"sw|GE1|state=up #14 30"});
        EXPECT_EQ(lines(db_->search("sw ge2", 0)), Lines{"sw|GE2|state=up #5 14"});
    }

    std::string golden_;
};

TEST_F(StateMigrationTest, NothingIsLostAndItGoesOn) {
    open();
    expect_all();
    open();
    expect_all();
    apply(15,
          {record(40, "sw", "interface_down", "GE1", "7"), record(41, "sw", "interface_up", "GE-2", "8")});
    EXPECT_EQ(lines(db_->history("sw", "interface:7", "state", 0, 0)),
              (Lines{"sw|interface:7|state=down #15 40", "sw|interface:7|state=up #14 30..40",
                     "sw|interface:7|state=down #4 13..30"}));
    EXPECT_EQ(lines(db_->search("ge1", 0)), Lines{"sw|interface:7|state=down #15 40"});
    for (bool more = true; more;) more = db_->forget_others({"ups"}, 1000).value();
    EXPECT_EQ(lines(db_->search("交换", 0)), Lines{});
    EXPECT_EQ(lines(db_->now("", nullptr, 0)).size(), 2U);
}

TEST_F(StateMigrationTest, PowerLostAtAnyOperationOfItLosesNothing) {
    open();
    const std::size_t before = files_.operations();
    take_golden();
    open();
    const std::size_t operations = files_.operations() - before;
    std::mt19937_64 random(5);
    for (std::size_t n = 1; n <= operations; ++n) {
        take_golden();
        files_.cut_power_at(n);
        (void)StateDb::open(*vfs_, "/d/state.db", identity('g'));
        files_.restart(random);
        open();
        expect_all();
        ASSERT_FALSE(HasFailure()) << "operation " << n << " of " << operations;
    }
    EXPECT_GT(operations, 10U);
}

}  // namespace
}  // namespace outstation::store
