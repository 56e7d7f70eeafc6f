// SPDX-License-Identifier: GPL-3.0-or-later
// Limits of size and age: in which order files go, by which clock, and what a merge may take.
#include <gtest/gtest.h>

#include <algorithm>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/watched_files.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t k2100Ns = 4'102'444'800'000'000'000;

class Cuts : public testing::Test {
  protected:
    void SetUp() override {
        HistoryStore::Opened opened;
        store_ = HistoryStore::open(files_, FakeRoom::options(), opened).value();
    }
    // The next window, by a clock that shows this.
    void seal(std::int64_t time_ns) {
        room_.measure_window();
        ASSERT_TRUE(room_.seal(*store_, time_ns));
    }
    std::vector<HistoryCut> plan(const HistoryLimits& limits) {
        return store_->plan_cuts(limits, room_.now_ns()).value();
    }
    std::vector<std::uint64_t> firsts(const HistoryLimits& limits) {
        std::vector<std::uint64_t> out;
        for (const HistoryCut& cut : plan(limits)) out.push_back(cut.file.head.sequences.first);
        return out;
    }

    WatchedFiles files_;
    FakeRoom room_{2, 10'000'000'000};
    std::unique_ptr<HistoryStore> store_;
};

TEST_F(Cuts, OnePlanKeepsTheRollUpsOfWhatItThins) {
    ASSERT_TRUE(room_.seal_windows(*store_, 6));
    HistoryLimits limits;
    limits.octets = 1;
    const auto cuts = plan(limits);
    ASSERT_EQ(cuts.size(), 5U) << "all but the newest";
    for (const HistoryCut& cut : cuts) {
        EXPECT_EQ(cut.rolled_up_to, Level::m1);
        EXPECT_EQ(cut.file.head.level, Level::raw);
        EXPECT_FALSE(cut.gone);
    }
    // By age of the roll-ups, too.
    limits = HistoryLimits{2 * kHourNs, 0, 2 * kHourNs, 2 * kHourNs, 0};
    for (const HistoryCut& cut : plan(limits)) EXPECT_EQ(cut.file.head.level, Level::raw);
}

TEST_F(Cuts, ItIsRolledUpAsFarAsThereIsRoomBesideIt) {
    room_ = FakeRoom(12, 10'000'000'000);
    ASSERT_TRUE(room_.seal_windows(*store_, 6));
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    std::vector<Level> left;
    for (limits.room_octets = store_->octets_to_thin();; --limits.room_octets) {
        const auto cuts = plan(limits);
        ASSERT_EQ(cuts.size(), 4U);
        for (const HistoryCut& cut : cuts) EXPECT_EQ(cut.rolled_up_to.has_value(), !cut.gone);
        if (cuts[0].gone) break;
        EXPECT_EQ(cuts[0].rolled_up_to, cuts[0].left);
        if (left.empty() || left.back() != cuts[0].left) left.push_back(cuts[0].left);
    }
    EXPECT_EQ(left, (std::vector<Level>{Level::m1, Level::m15, Level::h1}));
    EXPECT_GT(limits.room_octets, 0U) << "a file is never nothing";
}

// Where minutes or quarters are not there yet, what is coarser than they is not made beside what is there.
TEST_F(Cuts, WhatIsThereAlreadyNeedsNoRoom) {
    ASSERT_TRUE(room_.seal_windows(*store_, 6));
    store_.reset();
    ASSERT_TRUE(FakeRoom::add_roll_ups(files_));
    SetUp();
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    limits.room_octets = 1;
    const auto cuts = plan(limits);
    ASSERT_EQ(cuts.size(), 4U);
    for (const HistoryCut& cut : cuts) {
        EXPECT_FALSE(cut.rolled_up_to);
        EXPECT_FALSE(cut.gone);
        EXPECT_EQ(cut.left, Level::m15);
    }
}

// Somebody asks by the hour up to a time of his own.
TEST_F(Cuts, AQuestionThatEndsInABucketHasItsLastStep) {
    room_ = FakeRoom(2, kMinuteNs);
    ASSERT_TRUE(room_.seal_windows(*store_, 14));
    ASSERT_EQ(store_->merge(room_.now_ns(), 100).value_or(0), 2U) << "a day and its hours";
    HistoryRange question;
    question.series = {FakeRoom::series(0, 1)};
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = FakeRoom::kStartNs + 14 * kHourNs + 37 * kMinuteNs;
    question.step_ns = kHourNs;
    const auto answer = HistoryReader(*store_).range(question).value();
    EXPECT_TRUE(answer.levels[static_cast<std::size_t>(Level::h1)]);
    EXPECT_EQ(answer.columns[0].count, std::vector<std::uint64_t>(15, 60));
    question.step_ns = 30 * kMinuteNs;  // no roll-up fits: samples
    const auto fine = HistoryReader(*store_).range(question).value();
    EXPECT_EQ(fine.columns[0].count.back(), 7U);
}

// Nor does a file that cannot be read count as there.
TEST_F(Cuts, HoursThatCannotBeReadAreMadeAgain) {
    room_ = FakeRoom(2, 60'000'000'000);
    ASSERT_TRUE(room_.seal_windows(*store_, 26));
    ASSERT_EQ(store_->merge(room_.now_ns(), 100).value_or(0), 4U) << "two days, with hours";
    HistoryLimits limits;
    limits.raw_ns = limits.m1_ns = kHourNs;
    ASSERT_TRUE(FakeRoom::cut_all(*store_, limits, room_.now_ns()));
    const auto first_of = [&](Level level) {
        for (const HistoryFileInfo& info : store_->files()) {
            if (info.head.level == level) return info;
        }
        return HistoryFileInfo();
    };
    const HistoryFileInfo quarters = first_of(Level::m15);
    const std::string bad = "history/" + first_of(Level::h1).name;
    store_.reset();
    files_.set_contents(bad, std::string(files_.contents(bad).size(), 'x'));
    SetUp();
    limits.m15_ns = 2 * kHourNs;
    const auto cuts = plan(limits);
    ASSERT_GE(cuts.size(), 2U);
    EXPECT_EQ(cuts[0].file.name, quarters.name);
    EXPECT_EQ(cuts[0].rolled_up_to, Level::h1);
    EXPECT_FALSE(cuts[1].rolled_up_to) << "they can be read";
    for (const HistoryCut& cut : {cuts[0], cuts[1]}) {
        EXPECT_EQ(cut.left, Level::h1);
        EXPECT_FALSE(cut.gone);
        ASSERT_TRUE(store_->cut(cut));
    }
    HistoryRange question;
    question.series = {FakeRoom::series(0, 1)};
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = FakeRoom::kStartNs + 2 * kDayNs;
    question.step_ns = kHourNs;
    const auto answer = HistoryReader(*store_).range(question).value();
    for (const std::uint64_t count : answer.columns[0].count) EXPECT_EQ(count, 60U);
}

// stored is to stop while a long merge is under way.
TEST_F(Cuts, WhatIsInterruptedLeavesNothingHalfMade) {
    ASSERT_TRUE(room_.seal_windows(*store_, 14));
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    const HistoryCut cut = plan(limits).at(0);
    ASSERT_EQ(cut.rolled_up_to, Level::m1);
    const auto paths = files_.paths();
    store_->interrupt();
    EXPECT_EQ(store_->merge(room_.now_ns(), 1).error().code, ErrorCode::refused);
    EXPECT_EQ(store_->cut(cut).error().code, ErrorCode::refused);
    room_.measure_window();
    EXPECT_EQ(room_.seal(*store_).error().code, ErrorCode::refused);
    EXPECT_EQ(files_.paths(), paths);
}

// A day that is larger than any file may be becomes several, and nothing is said to be held back.
TEST_F(Cuts, WhatWouldBeTooLargeIsMergedInParts) {
    ASSERT_TRUE(room_.seal_windows(*store_, 14));
    const auto count = [&](Span span) {
        const auto files = store_->files();
        return std::count_if(files.begin(), files.end(), [&](const HistoryFileInfo& info) {
            return info.head.level == Level::raw && info.head.span == span;
        });
    };
    const auto windows = count(Span::window);
    std::uint64_t largest = 0;
    for (const auto& info : store_->files()) largest = std::max(largest, info.octets);
    const MergeRoom room{HistoryStore::kAnyRoom, 4 * largest};
    ASSERT_TRUE(store_->merge(room_.now_ns(), 100, room));
    EXPECT_EQ(store_->held_back(), "");
    EXPECT_GE(count(Span::day), 2);
    EXPECT_LT(count(Span::window), windows / 2);
    EXPECT_EQ(store_->merge(room_.now_ns(), 100, room).value_or(9), 0U);
    HistoryReader reader(*store_);
    std::uint64_t next = 1;
    for (bool more = true; more;) {
        const auto page = reader.records({next, next + 99}, 100).value();
        for (const auto& record : page.records) ASSERT_EQ(record.sequence, next++);
        more = !page.records.empty();
    }
    EXPECT_EQ(next - 1, room_.last());
}

// Of a file of a day a page of a replay is in one block of each device.
TEST_F(Cuts, RecordsOfALargeFileAreFoundWithoutReadingAllOfIt) {
    ASSERT_TRUE(room_.seal_windows(*store_, 14));
    ASSERT_EQ(store_->merge(room_.now_ns(), 1).value(), 1U);
    const HistoryFileInfo day = store_->files().front();
    ASSERT_EQ(day.head.span, Span::day);
    HistoryReader reader(*store_);
    const std::uint64_t before = files_.octets_read();
    const SequenceRange wanted{day.head.sequences.last / 2, day.head.sequences.last / 2 + 99};
    const auto found = reader.records(wanted, 100).value();
    ASSERT_EQ(found.records.size(), 100U);
    EXPECT_EQ(found.records.front().sequence, wanted.first);
    EXPECT_TRUE(found.damage.empty());
    EXPECT_LT(files_.octets_read() - before, day.octets / 2);  // opening it reads its list of devices
}

TEST_F(Cuts, TheBudgetTakesLevelByLevelTheOldestFirst) {
    ASSERT_TRUE(room_.seal_windows(*store_, 4));
    HistoryLimits limits;
    limits.octets = 1;
    std::vector<std::pair<Level, std::uint64_t>> order;
    for (int round = 0; round < 10; ++round) {
        for (const HistoryCut& cut : plan(limits)) {
            order.emplace_back(cut.file.head.level, cut.file.head.sequences.first);
            ASSERT_TRUE(store_->cut(cut));
        }
    }
    std::vector<std::pair<Level, std::uint64_t>> expected;
    for (const Level level : kLevels) {
        for (std::uint64_t window = 0; window < 3; ++window) expected.emplace_back(level, 1 + window * 1440);
    }
    EXPECT_EQ(order, expected);
}

TEST_F(Cuts, AWindowOfAWrongClockIsAsOldAsItsNeighbours) {
    ASSERT_TRUE(room_.seal_windows(*store_, 2));
    seal(k2100Ns);
    seal(5'000'000'000);  // 1970
    ASSERT_TRUE(room_.seal_windows(*store_, 2));
    HistoryLimits limits;
    limits.raw_ns = kDayNs;
    EXPECT_TRUE(plan(limits).empty());
    limits.raw_ns = 9 * kHourNs;
    EXPECT_EQ(firsts(limits), (std::vector<std::uint64_t>{1}));
    limits.raw_ns = 7 * kHourNs;
    EXPECT_EQ(firsts(limits), (std::vector<std::uint64_t>{1, 1441}));
    limits.raw_ns = kHourNs;
    EXPECT_EQ(firsts(limits), (std::vector<std::uint64_t>{1, 1441, 2881, 4321, 5761}));
}

TEST_F(Cuts, TheFirstWindowOfABoxWithoutAClockIsAsOldAsTheNext) {
    seal(5'000'000'000);
    ASSERT_TRUE(room_.seal_windows(*store_, 2));
    HistoryLimits limits;
    limits.raw_ns = 3 * kHourNs;
    EXPECT_TRUE(plan(limits).empty());
    limits.raw_ns = kHourNs;
    EXPECT_EQ(firsts(limits), (std::vector<std::uint64_t>{1, 1441}));
}

TEST_F(Cuts, TheNewestIsTheOneWithTheHighestSequences) {
    seal(k2100Ns);
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    seal(5'000'000'000);
    HistoryLimits limits;
    limits.octets = 1;
    EXPECT_EQ(firsts(limits), (std::vector<std::uint64_t>{1, 1441}));
}

TEST_F(Cuts, AClockFarAheadAgesNothingThatIsYoung) {
    ASSERT_TRUE(room_.seal_windows(*store_, 3));
    HistoryLimits limits;
    limits.raw_ns = 3 * kHourNs;
    EXPECT_EQ(store_->plan_cuts(limits, room_.now_ns() + 4000 * kDayNs)->size(), 1U);
    EXPECT_EQ(store_->plan_cuts(limits, room_.now_ns() + 10 * kDayNs)->size(), 2U);
}

// With a sample an hour a device, hours are larger than what they are made from.
TEST_F(Cuts, HoursTakeNoMoreThanTheRoomThereIs) {
    room_ = FakeRoom(12, kHourNs);
    ASSERT_TRUE(room_.seal_windows(*store_, 26));
    ASSERT_EQ(store_->merge(room_.now_ns(), 2).value_or(0), 2U) << "two days, without hours";
    std::size_t hours = 0;
    for (std::uint64_t free = 0; hours < 2; free += 8192) {
        const std::uint64_t before = store_->octets();
        const std::size_t made = store_->merge(room_.now_ns(), 100, {free}).value();
        ASSERT_LE(store_->octets(), before + free);
        ASSERT_LE(made, 1U) << "of " << free << " octets";
        hours += made;
        ASSERT_LE(free, 32 * store_->octets());
    }
}

TEST_F(Cuts, AMergeWaitsForRoom) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    std::uint64_t raw = 0, largest = 0, all = store_->octets();
    for (const HistoryFileInfo& info : store_->files())
        raw += info.head.level == Level::raw ? info.octets : 0;
    const std::int64_t later_ns = room_.now_ns() + kDayNs;
    EXPECT_EQ(store_->merge(later_ns, 100, {0}).value_or(9), 0U);
    EXPECT_NE(store_->held_back(), "");
    const std::uint64_t one = store_->files().front().octets;
    EXPECT_EQ(store_->merge(later_ns, 100, {one + one / 2}).value_or(9), 0U);
    EXPECT_NE(store_->held_back(), "");
    EXPECT_EQ(store_->files().size(), 12U) << "no hours of the parts";
    EXPECT_EQ(store_->merge(later_ns, 100, {raw}).value_or(9), 2U) << "and its hours";
    EXPECT_EQ(store_->held_back(), "");
    for (const HistoryFileInfo& info : store_->files()) largest = std::max(largest, info.octets);
    EXPECT_LE(largest, raw);
    EXPECT_LT(store_->octets(), all);
}

// At its limit a station never has room for a whole day: others have their hours, and it gets its own at
// last.
TEST_F(Cuts, ADayThatCannotBeMergedKeepsNoHoursFromBeingMade) {
    room_ = FakeRoom(5, 10'000'000'000);
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    ASSERT_EQ(store_->merge(room_.now_ns() + 3 * kHourNs, 1).value_or(0), 1U) << "no hours yet";
    const HistoryFileInfo day = store_->files().front();
    ASSERT_TRUE(room_.seal_windows(*store_, 14));
    const auto hours = [&] {
        std::uint64_t last = 0;
        for (const HistoryFileInfo& info : store_->files()) {
            if (info.head.level == Level::h1) last = info.head.sequences.last;
        }
        return last;
    };
    const MergeRoom room{day.octets / 8, HistoryStore::kAnyRoom};
    ASSERT_TRUE(store_->merge(room_.now_ns(), 100, room));
    EXPECT_EQ(hours(), day.head.sequences.last);
    EXPECT_NE(store_->held_back(), "");
    while (store_->merge(room_.now_ns() + kDayNs, 100, room).value_or(0) > 0) continue;
    EXPECT_EQ(hours(), 2 * day.head.sequences.last) << "each window of the second day has its own";
}

TEST_F(Cuts, WhatHasNoRoomForItsHoursIsTold) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    ASSERT_EQ(store_->merge(room_.now_ns() + 3 * kHourNs, 1).value_or(0), 1U);
    EXPECT_EQ(store_->held_back(), "");
    EXPECT_EQ(store_->merge(room_.now_ns() + 3 * kHourNs, 1, {0}).value_or(9), 0U);
    EXPECT_NE(store_->held_back().find("hours"), std::string::npos);
}

TEST_F(Cuts, AsManyPartsAreMergedAsThereIsRoomFor) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    const std::uint64_t one = store_->files().front().octets;
    ASSERT_TRUE(store_->merge(room_.now_ns() + kDayNs, 100, {5 * one}));
    EXPECT_EQ(store_->held_back(), "");
    for (const HistoryFileInfo& info : store_->files()) EXPECT_EQ(info.head.span, Span::day);
    EXPECT_LE(store_->files().size(), 2U * 4);
}

}  // namespace
}  // namespace outstation::store
