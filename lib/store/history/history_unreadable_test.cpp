// SPDX-License-Identifier: GPL-3.0-or-later
// Files that cannot be read, or not be removed, and files that are replaced while somebody reads: everything
// else is served, and what is lost is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/watched_files.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;

// Windows of 12 records of two devices.
class Unreadable : public testing::Test {
  protected:
    void SetUp() override { open(); }
    void open() {
        store_.reset();
        opened_ = {};
        auto store = HistoryStore::open(files_, FakeRoom::options(), opened_);
        ASSERT_TRUE(store) << store.error().text;
        store_ = std::move(*store);
    }
    [[nodiscard]] std::string path(Level level, std::size_t n) const {
        for (const HistoryFileInfo& info : store_->files()) {
            if (info.head.level == level && n-- == 0) return "history/" + info.name;
        }
        return {};
    }
    void spoil(const std::string& path) {
        files_.set_contents(path, std::string(files_.contents(path).size(), 'x'));
    }
    [[nodiscard]] HistoryAnswer ask(std::int64_t step_ns, std::size_t series = 1) {
        HistoryRange question;
        question.series = {FakeRoom::series(1, series)};
        question.from_ns = FakeRoom::kStartNs;
        question.to_ns = room_.now_ns();
        question.step_ns = step_ns;
        return HistoryReader(*store_).range(question).value();
    }
    [[nodiscard]] static std::uint64_t counted(const HistoryAnswer& answer) {
        std::uint64_t out = 0;
        for (const std::uint64_t n : answer.columns[0].count) out += n;
        return out;
    }

    WatchedFiles files_;
    FakeRoom room_{2, 20 * kMinuteNs};
    HistoryStore::Opened opened_;
    std::unique_ptr<HistoryStore> store_;
};

TEST_F(Unreadable, AFileThatIsDamagedAtOpeningStaysToldAndCounts) {
    ASSERT_TRUE(room_.seal_windows(*store_, 3));
    const std::uint64_t octets = store_->octets();
    const std::string bad = path(Level::raw, 1);
    spoil(bad);
    open();
    ASSERT_EQ(opened_.damage.size(), 1U);
    EXPECT_EQ(store_->octets(), octets);
    ASSERT_EQ(store_->unreadable().size(), 1U);
    EXPECT_EQ("history/" + store_->unreadable()[0].info.name, bad);

    const auto fine = ask(20 * kMinuteNs);
    ASSERT_EQ(fine.damage.size(), 1U);
    EXPECT_EQ(fine.damage[0].sequences, (SequenceRange{13, 24}));
    EXPECT_EQ(counted(fine), 12U) << "nothing else has them yet";
    HistoryReader reader(*store_);
    const auto records = reader.records({1, 36}, 36).value();
    EXPECT_EQ(records.records.size(), 24U);
    EXPECT_EQ(records.answered, (SequenceRange{1, 36}));
    ASSERT_EQ(records.damage.size(), 1U);
    EXPECT_EQ(records.damage[0].sequences, (SequenceRange{13, 24}));
    EXPECT_EQ(reader.records({14, 20}, 36)->answered, (SequenceRange{14, 20}));
    EXPECT_EQ(reader.verify()->damage.size(), 1U);
}

TEST_F(Unreadable, AFileThatIsDamagedAtOpeningGoesWithItsTime) {
    ASSERT_TRUE(room_.seal_windows(*store_, 4));
    const std::string bad = path(Level::raw, 1);
    spoil(bad);
    open();
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    const auto cuts = store_->plan_cuts(limits, room_.now_ns()).value();
    ASSERT_EQ(cuts.size(), 2U);
    EXPECT_EQ("history/" + cuts[1].file.name, bad);
    EXPECT_EQ(cuts[1].file.head.sequences, (SequenceRange{13, 24})) << "all that the ledger must name";
    EXPECT_TRUE(cuts[1].gone) << "nothing was made of it yet";
    EXPECT_FALSE(cuts[1].rolled_up_to);
    for (const HistoryCut& cut : cuts) ASSERT_TRUE(store_->cut(cut));
    EXPECT_TRUE(store_->unreadable().empty());
    const auto left = files_.paths();
    EXPECT_EQ(std::count(left.begin(), left.end(), bad), 0);
    EXPECT_TRUE(store_->plan_cuts(limits, room_.now_ns())->empty());
}

TEST_F(Unreadable, OneFileThatFailsStopsNothing) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    files_.fail_reads(path(Level::raw, 3));
    const auto verified = HistoryReader(*store_).verify();
    ASSERT_TRUE(verified) << verified.error().text;
    EXPECT_FALSE(verified->damage.empty());
    EXPECT_EQ(verified->files, 12U);
    const auto records = HistoryReader(*store_).records({1, 144}, 144);
    ASSERT_TRUE(records) << records.error().text;
    EXPECT_EQ(records->records.size(), 132U);
    EXPECT_EQ(records->damage.size(), 1U);
    const auto merged = store_->merge(room_.now_ns() + kDayNs, 100);
    ASSERT_TRUE(merged) << merged.error().text;
    EXPECT_EQ(*merged, 4U) << "around the file, with hours";
    open();
    EXPECT_EQ(opened_.damage.size(), 1U);
    EXPECT_EQ(counted(ask(kHourNs)), 66U);
    files_.fail_reads("");
    open();
    EXPECT_TRUE(opened_.damage.empty());
    EXPECT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(0), 1U) << "hours of that, too";
    EXPECT_EQ(counted(ask(kHourNs)), 72U);
    EXPECT_EQ(HistoryReader(*store_).records({1, 144}, 144)->records.size(), 144U);
}

// The device did not give it at one start, and the next window was sealed meanwhile.
TEST_F(Unreadable, AWindowThatCanBeReadAgainAtALaterStartIsTakenBack) {
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    const std::string bad = path(Level::raw, 0);
    files_.fail_reads(bad);
    open();
    ASSERT_EQ(opened_.damage.size(), 1U);
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    ASSERT_EQ(store_->unreadable().size(), 1U);
    ASSERT_EQ("history/" + store_->unreadable()[0].info.name, bad + ".bad");
    open();
    EXPECT_EQ(opened_.damage.size(), 1U) << "not yet";
    files_.fail_reads("");
    open();
    EXPECT_TRUE(opened_.damage.empty());
    EXPECT_EQ(path(Level::raw, 0), bad);
    EXPECT_EQ(HistoryReader(*store_).records({1, 24}, 24)->records.size(), 24U);
    open();
    EXPECT_EQ(store_->files().size(), 2U);
}

// What it has is in another file by now.
TEST_F(Unreadable, AFileWhoseRecordsAnotherHasIsNotTakenBack) {
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    const std::string name = path(Level::raw, 0);
    ASSERT_TRUE(
        files_.open(name + ".bad", FileSystem::Mode::create).value()->write(0, files_.contents(name)));
    open();
    EXPECT_EQ(store_->files().size(), 1U);
    EXPECT_EQ(store_->unreadable().size(), 1U);
    EXPECT_EQ(HistoryReader(*store_).records({1, 12}, 24)->records.size(), 12U);
}

TEST_F(Unreadable, WhatTheDeviceDidNotGiveOnceIsMergedLater) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    std::int64_t now_ns = room_.now_ns() + kDayNs;
    files_.fail_reads(path(Level::raw, 3));
    ASSERT_EQ(store_->merge(now_ns, 100).value_or(0), 4U) << "around the file, with hours";
    EXPECT_NE(store_->held_back().find("raw-"), std::string::npos) << store_->held_back();
    files_.fail_reads("");
    now_ns += 2 * kHourNs;
    EXPECT_EQ(store_->merge(now_ns, 100).value_or(0), 1U) << "hours of that, too";
    EXPECT_EQ(store_->held_back(), "");
    EXPECT_EQ(counted(ask(kHourNs)), 72U);
}

// All windows but one are small parts of a day that is merged as soon as the disk is well.
TEST_F(Unreadable, ADayIsMergedWhenTheDiskIsWell) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    std::int64_t now_ns = room_.now_ns() + kDayNs;
    files_.fail_reads("history/raw-");
    ASSERT_EQ(store_->merge(now_ns, 100).value_or(9), 0U);
    files_.fail_reads("");
    EXPECT_EQ(store_->merge(now_ns + 10 * kMinuteNs, 100).value_or(9), 0U) << "it is left alone for an hour";
    EXPECT_EQ(store_->merge(now_ns + 2 * kHourNs, 100).value_or(0), 2U);
    EXPECT_EQ(store_->files().size(), 2U);
}

TEST_F(Unreadable, ADamagedRollUpIsMadeAgainBesideTheDamagedFile) {
    ASSERT_TRUE(room_.seal_windows(*store_, 2));
    ASSERT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(0), 2U);
    const std::string bad = path(Level::h1, 0);
    spoil(bad);
    const std::string bytes = files_.contents(bad);
    open();
    EXPECT_EQ(counted(ask(kHourNs)), 12U) << "from the samples";
    ASSERT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(0), 1U);
    EXPECT_EQ(files_.contents(bad + ".bad"), bytes);
    EXPECT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(9), 0U);
    const std::uint64_t octets = store_->octets();
    open();
    EXPECT_EQ(opened_.damage.size(), 1U) << "still told";
    EXPECT_EQ(store_->octets(), octets);
    const auto answer = ask(kHourNs);
    EXPECT_TRUE(answer.damage.empty()) << "nothing of it is lost";
    EXPECT_TRUE(answer.levels[static_cast<std::size_t>(Level::h1)]);
    EXPECT_FALSE(answer.levels[static_cast<std::size_t>(Level::raw)]);
    EXPECT_EQ(counted(answer), 12U);
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    HistoryLimits limits;
    limits.octets = 1;
    ASSERT_TRUE(FakeRoom::cut_all(*store_, limits, room_.now_ns()));
    EXPECT_EQ(files_.paths().size(), 1U) << "the newest window";
}

TEST_F(Unreadable, AReaderSeesEachRecordOnceAtEveryStepOfAMerge) {
    ASSERT_TRUE(room_.seal_windows(*store_, 11));
    HistoryReader reader(*store_);
    std::size_t asked = 0;
    files_.on_change([&] {
        ++asked;
        HistoryRange question;
        question.series = {FakeRoom::series(0, 1)};
        question.from_ns = FakeRoom::kStartNs;
        question.to_ns = room_.now_ns();
        question.step_ns = 20 * kMinuteNs;
        const auto answer = reader.range(question);
        ASSERT_TRUE(answer) << answer.error().text;
        for (const std::uint64_t n : answer->columns[0].count) ASSERT_EQ(n, 1U);
        question.step_ns = kHourNs;
        const auto hours = reader.range(question);
        ASSERT_TRUE(hours) << hours.error().text;
        for (const std::uint64_t n : hours->columns[0].count) ASSERT_EQ(n, 3U);
        const auto records = reader.records({1, room_.last()}, room_.last());
        ASSERT_TRUE(records) << records.error().text;
        ASSERT_EQ(records->records.size(), room_.last());
    });
    ASSERT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(0), 2U);
    // Another window of the day comes late.
    files_.on_change(nullptr);
    const auto before = store_->files();
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    ASSERT_TRUE(room_.seal_windows(*store_, 1));
    const auto fresh = files_.paths();
    HistoryRange unused;
    files_.on_change([&] {
        ++asked;
        const auto records = reader.records({1, room_.last()}, room_.last());
        ASSERT_TRUE(records) << records.error().text;
        ASSERT_EQ(records->records.size(), room_.last());
    });
    ASSERT_TRUE(store_->merge(room_.now_ns() + kDayNs, 100));
    for (const HistoryFileInfo& info : before)
        EXPECT_EQ(std::count(fresh.begin(), fresh.end(), "history/" + info.name), 1);
    for (const HistoryFileInfo& info : store_->files()) {
        const auto same = std::find_if(before.begin(), before.end(),
                                       [&](const HistoryFileInfo& other) { return other.name == info.name; });
        EXPECT_TRUE(same == before.end() || same->head == info.head) << info.name << " is another file now";
    }
    EXPECT_GT(asked, 13U);
}

TEST_F(Unreadable, AnIdleReaderHoldsNoFileThatIsGone) {
    ASSERT_TRUE(room_.seal_windows(*store_, 12));
    HistoryReader reader(*store_);
    ASSERT_EQ(reader.records({1, 144}, 144)->records.size(), 144U);
    ASSERT_EQ(store_->merge(room_.now_ns() + kDayNs, 100).value_or(0), 2U);
    EXPECT_EQ(files_.open_and_removed(), 0U);
    EXPECT_EQ(reader.records({1, 144}, 144)->records.size(), 144U);
}

TEST(Readers, AskWhileTheStoreSealsMergesAndCuts) {
    FakeFileSystem files;
    FakeRoom room(2, 20 * kMinuteNs);
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    ASSERT_TRUE(room.seal_windows(*store, 1));
    std::atomic<bool> done = false;
    std::atomic<std::size_t> asked = 0, wrong = 0;
    std::vector<std::thread> threads;
    HistoryReader shared(*store);
    for (int n = 0; n < 2; ++n) {
        threads.emplace_back([&] {
            HistoryRange question;
            question.series = {FakeRoom::series(0, 1)};
            question.from_ns = FakeRoom::kStartNs;
            question.to_ns = FakeRoom::kStartNs + FakeRoom::kWindowNs;
            question.step_ns = kHourNs;
            HistoryReader own(*store);
            while (!done || asked < 20) {
                for (HistoryReader* const reader : {&shared, &own}) {
                    const auto answer = reader->range(question);
                    ++asked;
                    if (!answer || !answer->damage.empty() || answer->columns[0].count[1] != 3) ++wrong;
                }
            }
        });
    }
    for (int day = 0; day < 3; ++day) {
        EXPECT_TRUE(room.seal_windows(*store, 12));
        EXPECT_TRUE(store->merge(room.now_ns() + kDayNs, 100));
        HistoryLimits limits;
        limits.raw_ns = 2 * kDayNs;
        EXPECT_TRUE(FakeRoom::cut_all(*store, limits, room.now_ns()));
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0U);
}

TEST_F(Unreadable, ASecondStoreIsRefused) {
    HistoryStore::Opened opened;
    EXPECT_EQ(HistoryStore::open(files_, FakeRoom::options(), opened).error().code, ErrorCode::refused);
    store_.reset();
    EXPECT_TRUE(HistoryStore::open(files_, FakeRoom::options(), opened));
}

TEST_F(Unreadable, AFileThatCannotBeUnlinkedCountsUntilItCan) {
    ASSERT_TRUE(room_.seal_windows(*store_, 3));
    store_.reset();
    ASSERT_TRUE(FakeRoom::add_roll_ups(files_));
    open();
    const std::uint64_t octets = store_->octets();
    HistoryLimits limits;
    limits.raw_ns = 2 * kHourNs;
    const auto cuts = store_->plan_cuts(limits, room_.now_ns()).value();
    ASSERT_EQ(cuts.size(), 2U);
    files_.fail_removes(true);
    EXPECT_EQ(store_->cut(cuts[0]).error().code, ErrorCode::io);
    EXPECT_EQ(store_->octets(), octets);
    EXPECT_EQ(store_->files().size(), 6U) << "but it is out of history, as was entered";
    EXPECT_EQ(store_->plan_cuts(limits, room_.now_ns())->size(), 1U);
    files_.fail_removes(false);
    ASSERT_TRUE(store_->cut(cuts[1]));
    EXPECT_LT(store_->octets(), octets);
    EXPECT_EQ(files_.paths().size(), 5U);
}

TEST(Thinning, WhatCannotBeReadOfARawFileStaysTold) {
    WatchedFiles files;
    FakeRoom room(5, 10'000'000'000);
    HistoryStore::Opened opened;
    auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    ASSERT_TRUE(room.seal_windows(*store, 2));
    std::string path;
    for (const std::string& name : files.paths()) {
        if (path.empty() && name.find("/raw-") != std::string::npos) path = name;
    }
    std::string bytes = files.contents(path);
    bytes[bytes.size() / 2] ^= 1;
    files.set_contents(path, bytes);
    HistoryLimits limits;
    limits.raw_ns = kHourNs;
    const auto cuts = store->plan_cuts(limits, room.now_ns()).value();
    ASSERT_EQ(cuts.size(), 1U);
    ASSERT_EQ(cuts[0].rolled_up_to, Level::m1);
    ASSERT_TRUE(store->cut(cuts[0]));
    HistoryRange question;
    for (std::size_t device = 0; device < 5; ++device) question.series.push_back(FakeRoom::series(device, 1));
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = FakeRoom::kStartNs + 2 * kHourNs;
    question.step_ns = kMinuteNs;
    HistoryReader reader(*store);
    const auto answer = reader.range(question).value();
    ASSERT_EQ(answer.damage.size(), 1U);
    EXPECT_TRUE((SequenceRange{1, 3600}).contains(answer.damage[0].sequences));
    const auto has = [](const HistoryColumn& column, std::uint64_t count) {
        return std::all_of(column.count.begin(), column.count.end(), [&](auto n) { return n == count; });
    };
    for (const HistoryColumn& column : answer.columns) EXPECT_TRUE(has(column, 6) || has(column, 0));
    const auto lost = std::count_if(answer.columns.begin(), answer.columns.end(),
                                    [&](const HistoryColumn& column) { return has(column, 0); });
    EXPECT_TRUE(lost == 1 || lost == 2) << lost << ": what lies in one strip";
    EXPECT_EQ(reader.verify()->damage.size(), 1U);
    // Also after the minutes were merged into a day, and opened again.
    ASSERT_TRUE(room.seal_windows(*store, 1));
    limits.raw_ns = 1;
    ASSERT_TRUE(FakeRoom::cut_all(*store, limits, room.now_ns()));
    ASSERT_GE(store->merge(room.now_ns() + kDayNs, 100).value_or(0), 1U);
    EXPECT_EQ(HistoryReader(*store).verify()->damage.size(), 2U) << "by the minutes, and by the hours";
}

// The file can be opened, but the device does not give its list of devices, or one block: it may later.
TEST(Thinning, WhatTheDeviceDoesNotGiveIsNotLost) {
    for (const std::uint64_t from : {2 * kPageOctets, 12 * kPageOctets}) {
        WatchedFiles files;
        FakeRoom room(5, 10'000'000'000);
        HistoryStore::Opened opened;
        auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
        ASSERT_TRUE(room.seal_windows(*store, 2));
        const HistoryFileInfo raw = store->files().front();
        ASSERT_GT(raw.octets, from);
        HistoryLimits limits;
        limits.raw_ns = kHourNs;
        auto cuts = store->plan_cuts(limits, room.now_ns()).value();
        ASSERT_EQ(cuts.size(), 1U);
        ASSERT_TRUE(cuts[0].rolled_up_to);
        files.FakeFileSystem::fail_reads("history/" + raw.name, from, from + kPageOctets);
        EXPECT_EQ(store->cut(cuts[0]).error().code, ErrorCode::io) << from;
        EXPECT_EQ(store->files().size(), 2U) << "no roll-up of what was read";
        EXPECT_EQ(store->files().front(), raw);
        EXPECT_EQ(store->merge(room.now_ns() + kDayNs, 100).value_or(9), 1U) << "hours of the other";
        files.mend_reads();
        EXPECT_EQ(HistoryReader(*store).records({1, raw.head.sequences.last}, 10'000)->records.size(),
                  raw.head.records);
        ASSERT_TRUE(store->cut(cuts[0]));
        EXPECT_TRUE(HistoryReader(*store).verify()->damage.empty());
    }
}

TEST(Thinning, WhatIsGivenUpGoesAndStaysTold) {
    WatchedFiles files;
    FakeRoom room(5, 10'000'000'000);
    HistoryStore::Opened opened;
    auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    ASSERT_TRUE(room.seal_windows(*store, 2));
    HistoryLimits limits;
    limits.raw_ns = kHourNs;
    auto cuts = store->plan_cuts(limits, room.now_ns()).value();
    ASSERT_EQ(cuts.size(), 1U);
    files.FakeFileSystem::fail_reads("history/" + cuts[0].file.name, 2 * kPageOctets);
    cuts[0].give_up = true;
    ASSERT_TRUE(store->cut(cuts[0]));
    const auto verified = HistoryReader(*store).verify().value();
    ASSERT_EQ(verified.damage.size(), 1U);
    EXPECT_EQ(verified.damage[0].sequences, cuts[0].file.head.sequences);
}

TEST(Thinning, ARawFileThatCannotBeOpenedGoesAndAllOfItIsTold) {
    WatchedFiles files;
    FakeRoom room(2, 10'000'000'000);
    HistoryStore::Opened opened;
    auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    ASSERT_TRUE(room.seal_windows(*store, 2));
    HistoryLimits limits;
    limits.raw_ns = kHourNs;
    const auto cuts = store->plan_cuts(limits, room.now_ns()).value();
    ASSERT_EQ(cuts.size(), 1U);
    files.fail_reads(cuts[0].file.name);
    EXPECT_EQ(store->cut(cuts[0]).error().code, ErrorCode::io) << "it may be well again";
    files.fail_reads("");
    files.set_contents("history/" + cuts[0].file.name, std::string(8192, 'x'));
    const auto cut = store->cut(cuts[0]);
    ASSERT_TRUE(cut) << cut.error().text;
    const auto verified = HistoryReader(*store).verify().value();
    ASSERT_EQ(verified.damage.size(), 1U);
    EXPECT_EQ(verified.damage[0].sequences, cuts[0].file.head.sequences);
    EXPECT_TRUE(verified.gaps.empty());
}

}  // namespace
}  // namespace outstation::store
