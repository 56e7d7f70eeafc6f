// SPDX-License-Identifier: GPL-3.0-or-later
// state.db in the store: it follows the journal over restarts, power cuts and damage, and holds nothing up.
#include "lib/store/states_test.hpp"

namespace outstation::store {
namespace {

TEST_F(StatesTest, AnswersWhatIsSoWhatWasAndWhereWordsStand) {
    append_state(1, "attribute", "sys_location", "三楼机房");
    append_state(2, "device_up");
    loop.advance(10s);
    const std::int64_t before = loop.wall().time_since_epoch().count();
    loop.advance(10s);
    append_state(3, "attribute", "sys_location", "四楼机房");
    append_state(4, "interface_down", "GE0/1", "1");
    loop.advance(1ms);
    EXPECT_EQ(states(), (Lines{"|state=up #2", "|sys_location=四楼机房 #3", "GE0/1|state=down #4"}));
    EXPECT_EQ(states(before), (Lines{"|state=up #2", "|sys_location=三楼机房 #1"}));
    EXPECT_EQ(history("", "sys_location"), (Lines{"|sys_location=四楼机房 #3", "|sys_location=三楼机房 #1"}));
    EXPECT_EQ(history("", "sys_location", 3), Lines{"|sys_location=三楼机房 #1"});
    EXPECT_EQ(search("机房"), Lines{"|sys_location=四楼机房 #3"});
    EXPECT_EQ(search("三楼"), Lines{});
    EXPECT_EQ(lines(ask(&Store::states, wire::StatesRequest{"sw-01", before, "", "state", 1})),
              Lines{"|sys_location=三楼机房 #1"});
    EXPECT_EQ(lines(ask(&Store::states, wire::StatesRequest{"sw-01", 0, "", "", 1})),
              (Lines{"|state=up #2", "more"}));
    EXPECT_EQ(ask(&Store::states, wire::StatesRequest{"", 0, "", "", 0}).error().code, ErrorCode::not_found);
}

TEST_F(StatesTest, FoldsWithoutBeingAskedAndOnceOverRestarts) {
    flap(1, 2500);
    loop.advance(6s);
    const auto before = history("eth3", "state");
    EXPECT_EQ(before.size(), 357U);
    store.reset();
    // Nothing that was folded is needed again.
    spoil_frame("state", 1);
    open();
    loop.advance(1ms);
    EXPECT_EQ(history("eth3", "state"), before);
    EXPECT_EQ(set_aside, Lines{});
}

TEST_F(StatesTest, CatchesUpAfterTheStartInSlices) {
    flap(1, 2500);  // durable, and the time to fold has not come
    EXPECT_FALSE(has(kStateDb) && files.contents(kStateDb).size() > 100'000);
    store.reset();
    open();
    auto first = ask(&Store::search, wire::SearchRequest{"eth3", 0});
    ASSERT_TRUE(first) << first.error().text;
    loop.advance(1ms);
    EXPECT_EQ(history("eth3", "state").size(), 357U);
    EXPECT_EQ(history("eth3", "state", 5), Lines{"eth3|state=up #3"});
}

TEST_F(StatesTest, PowerCutsBetweenJournalAndFoldLoseAndDoubleNothing) {
    std::mt19937_64 random(5);
    std::uint64_t counter = 0;
    for (std::size_t n = 1; n < 60; ++n) {
        files.cut_power_at(n);
        ++counter;
        append_state(counter, "attribute", "n", std::to_string(counter));
        loop.advance(6s);
        store.reset();
        files.restart(random);
        failure.clear();
        open();
        append_state(counter, "attribute", "n", std::to_string(counter));  // a resend, or it was lost
        loop.advance(6s);
        const auto reply = ask(&Store::state_history, wire::StateHistoryRequest{"sw-01", "", "n", 0, 0});
        ASSERT_TRUE(reply) << reply.error().text;
        ASSERT_EQ(reply->facts.size(), counter);
        for (std::size_t i = 0; i < counter; ++i)
            ASSERT_EQ(reply->facts[i].value, std::to_string(counter - i)) << n;
    }
    EXPECT_EQ(set_aside, Lines{});
}

TEST_F(StatesTest, ABitThatTurnedInAnyPageIsFoundAtTheStartAndMended) {
    flap(1, 300);
    loop.advance(6s);
    const auto before = states();
    store.reset();
    const std::string whole = files.contents(kStateDb);
    ASSERT_GT(whole.size(), 10 * kPageOctets);
    for (std::size_t page = 0; page < whole.size() / kPageOctets; ++page) {
        std::string bytes = whole;
        bytes[page * kPageOctets + 150 + page % 3000] ^= 4;
        files.set_contents(kStateDb, bytes);
        set_aside.clear();
        open();
        loop.advance(6s);
        ASSERT_EQ(set_aside.size(), 1U) << page;
        ASSERT_EQ(states(), before) << page;
        ASSERT_EQ(files.contents(kStateDb + ".aside").size(), whole.size());
        store.reset();
    }
    EXPECT_NE(set_aside[0].find("is damaged"), std::string::npos) << set_aside[0];
    EXPECT_EQ(failed, Lines{});
}

TEST_F(StatesTest, DamageThatAQuestionFindsIsMendedWithoutAnotherRecord) {
    flap(1, 2000);
    loop.advance(6s);
    const auto before = states();
    store.reset();
    open();
    loop.advance(6s);
    std::string bytes = files.contents(kStateDb);
    for (std::size_t page = 2; page < bytes.size() / kPageOctets; ++page)
        bytes[page * kPageOctets + 150] ^= 4;
    files.set_contents(kStateDb, bytes);
    EXPECT_NE(states(), before);
    loop.advance(10s);
    EXPECT_EQ(set_aside.size(), 1U);
    EXPECT_EQ(states(), before);
}

TEST_F(StatesTest, AFileThatIsNotOursOrAheadOfTheJournalIsSetAside) {
    flap(1, 20);
    loop.advance(6s);
    const auto before = states();
    store.reset();
    const std::string ours = files.contents(kStateDb);
    files.set_contents(kStateDb, std::string(8192, 'z'));
    open();
    loop.advance(6s);
    EXPECT_EQ(states(), before);
    ASSERT_EQ(set_aside.size(), 1U);
    EXPECT_NE(set_aside[0].find("state/state.db.aside"), std::string::npos) << set_aside[0];
    // The journal of another beginning, of the same station.
    store.reset();
    for (const std::string& path : files.paths()) {
        if (path.find("/state-") == std::string::npos) continue;
        ASSERT_TRUE(files.remove(path));
    }
    open();
    loop.advance(6s);
    ASSERT_EQ(set_aside.size(), 2U);
    EXPECT_NE(set_aside[1].find("does not have yet"), std::string::npos) << set_aside[1];
    ++incarnation;
    append_state(1, "device_up");
    loop.advance(1ms);
    EXPECT_EQ(states(), Lines{"|state=up #1"});
}

TEST_F(StatesTest, AFileThatCannotBeOpenedHoldsNothingUpAndIsTriedAgain) {
    flap(1, 20);
    loop.advance(6s);
    store.reset();
    files.fail_open(kStateDb);
    open();
    append_state(21, "device_up");
    loop.advance(6s);
    EXPECT_TRUE(answers.at(21).has_value());
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_FALSE(ask(&Store::states, wire::StatesRequest{"sw-01", 0, "", "", 0}));
    files.mend_reads();
    loop.advance(61s);
    EXPECT_EQ(states()[0], "|state=up #21");
    EXPECT_EQ(failure, "");
    EXPECT_EQ(set_aside, Lines{});
}

TEST_F(StatesTest, NoRoomForTheFileHoldsNothingUpAndIsTriedAgain) {
    flap(1, 200);
    loop.advance(6s);
    append_state(201, "device_up");
    loop.advance(1ms);
    files.set_capacity(files.octets());
    loop.advance(6s);
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(states().back(), "behind");  // what was folded is answered still
    files.set_capacity(UINT64_MAX);
    loop.advance(61s);
    EXPECT_EQ(states()[0], "|state=up #201");
    EXPECT_EQ(failed.size(), 1U);
    EXPECT_EQ(failure, "");
}

TEST_F(StatesTest, ItsOctetsCount) {
    flap(1, 200);
    loop.advance(6s);
    std::uint64_t sum = 0;
    std::uint64_t others = 0;
    for (const std::string& path : files.paths())
        (path.starts_with("state/") ? sum : others) += files.contents(path).size();
    const auto status = store->status();
    EXPECT_GT(sum, 20'000U);
    EXPECT_EQ(status.state_bytes, sum);
    EXPECT_EQ(status.bytes, others + sum);
}

// What was is kept for as long as there is room for it; what is stays.
TEST_F(StatesTest, ItHasAPartOfTheLimitAndLetsTheOldestPastGo) {
    Settings settings;
    settings.limit_octets = 8U << 20;
    store->configure(settings);
    for (std::uint64_t i = 1; i <= 5000; ++i) {
        append_state(i, "attribute", "a" + std::to_string(i % 5), std::string(500, 'x') + std::to_string(i));
        if (i % 100 == 0) loop.advance(1s);
    }
    loop.advance(10s);
    store.reset();
    open();
    loop.advance(1s);
    EXPECT_LT(files.contents(kStateDb).size(),
              2U << 20);  // its part is 1 MiB, and a slice of the fold half as much
    EXPECT_EQ(states().size(), 5U);
    const auto past = ask(&Store::state_history, wire::StateHistoryRequest{"sw-01", "", "a1", 0, 0}).value();
    EXPECT_GT(past.facts.size(), 50U);
    EXPECT_LT(past.facts.size(), 900U);
    EXPECT_EQ(failed, Lines{});
}

// The journal keeps what is not folded yet, and lets it go once it is.
TEST_F(StatesTest, RecordsLeaveTheJournalOnlyWhenTheyAreFolded) {
    store.reset();
    HeldWorker reader;
    Journal::Options options;
    options.directory = "journal";
    options.urgent_segment_octets = options.bulk_segment_octets = segment_octets;
    reader.held = true;
    store = open_journal_store({loop, files, worker, reader, worker}, options, opened).value();
    store->set_observer(this);
    flap(1, 1500);
    Settings settings;
    settings.limit_octets = 4 * segment_octets;
    store->configure(settings);
    loop.advance(2min);
    EXPECT_EQ(store->status().streams[0].first_sequence, 1U);
    reader.release();
    loop.advance(2min);
    EXPECT_GT(store->status().streams[0].first_sequence, 1U);
    EXPECT_EQ(history("eth3", "state", 5), Lines{"eth3|state=up #3"});
    store.reset();
}

// Where nothing can be folded for long the journal goes on, and what was lost is told.
TEST_F(StatesTest, WhatTheJournalLetGoOfBeforeItWasFoldedIsTold) {
    store.reset();
    Journal::Options options;
    options.directory = "journal";
    options.urgent_segment_octets = options.bulk_segment_octets = segment_octets;
    auto other = files.lock("state/lock").value();
    store = open_journal_store({loop, files, worker, worker, worker}, options, opened).value();
    store->set_observer(this);
    flap(1, 2000);
    Settings settings;
    settings.limit_octets = 4 * segment_octets;
    store->configure(settings);
    loop.advance(2min);
    const std::uint64_t first = store->status().streams[0].first_sequence;
    ASSERT_GT(first, 1U);
    EXPECT_FALSE(failed.empty());
    other.reset();
    loop.advance(2min);
    ASSERT_EQ(set_aside.size(), 1U);
    EXPECT_NE(set_aside[0].find("records 1 to " + std::to_string(first - 1) + " said is gone"),
              std::string::npos)
        << set_aside[0];
    store.reset();
}

}  // namespace
}  // namespace outstation::store
