// SPDX-License-Identifier: GPL-3.0-or-later
// History against power cuts, failing operations and flipped bits: what was sealed is there, damage is told
// and costs only itself.
#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;

// The records of [1, last] are served, exactly and all.
void expect_records(const FakeRoom& room, const HistoryStore& store, std::uint64_t last) {
    HistoryReader reader(store);
    const auto answer = reader.records({1, last}, last);
    ASSERT_TRUE(answer) << answer.error().text;
    ASSERT_TRUE(answer->damage.empty()) << answer->damage.front().what;
    ASSERT_EQ(answer->records.size(), last);
    for (std::size_t i = 0; i < last; ++i) ASSERT_EQ(answer->records[i], room.records()[i]);
}

// How many values of a gauge, and of a counter, the hours have.
std::pair<std::uint64_t, std::uint64_t> counted(const HistoryStore& store, std::int64_t to_ns) {
    HistoryReader reader(store);
    HistoryRange question;
    question.series = {FakeRoom::series(1, 1), FakeRoom::series(1, 5)};
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = to_ns;
    question.step_ns = kHourNs;
    const auto columns = reader.range(question).value().columns;
    const auto sum = [](const std::vector<std::uint64_t>& counts) {
        return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    };
    return {sum(columns[0].count), sum(columns[1].count)};
}

// Each value of a device counts once in the hours: not lost, not doubled.
void expect_hours(const HistoryStore& store, std::int64_t to_ns, std::uint64_t count) {
    ASSERT_EQ(counted(store, to_ns).first, count);
}

struct Fault {
    const char* name;
    bool power;
};

void seal_windows(FileSystem& files, FakeRoom& room, int windows) {
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    for (int i = 0; i < windows; ++i) {
        room.measure_window();
        ASSERT_TRUE(room.seal(*store));
    }
}

// Days of which the last window was sealed the day after the others. `former`: so many of the others, and one
// more, a former version sealed.
void seal_day(FakeFileSystem& files, FakeRoom& room, int windows, int former) {
    if (former > 0) {
        seal_windows(files, room, former + 1);
        ASSERT_TRUE(FakeRoom::add_roll_ups(files));
        windows -= former + 1;
    }
    seal_windows(files, room, windows - 1);
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    room.measure_window();
    ASSERT_TRUE(room.seal(*store, room.now_ns() + 24 * kHourNs));
}

// The day before is merged, gets its hours, and its samples and quarters go.
Result<void> take_level_by_level(HistoryStore& store, std::int64_t now_ns) {
    for (const HistoryLimits& limits : {HistoryLimits(), HistoryLimits{1, 1}, HistoryLimits{1, 1, 1}}) {
        if (!FakeRoom::cut_all(store, limits, now_ns)) return fail(ErrorCode::io, "not cut");
        const auto merged = store.merge(now_ns, 100);
        if (!merged) return fail(merged.error());
    }
    return {};
}

// Everything, durable.
void copy_files(const FakeFileSystem& from, FakeFileSystem& to) {
    for (const std::string& path : from.paths()) {
        ASSERT_TRUE(to.open(path, FileSystem::Mode::create));
        to.set_contents(path, from.contents(path));
    }
    ASSERT_TRUE(to.sync_directory("history"));
}

class Faults : public testing::TestWithParam<Fault> {
  protected:
    using Work = std::function<Result<void>(HistoryStore&)>;
    using Check = std::function<void(HistoryStore&, bool worked)>;
    // Some sealed windows, then `work` with a fault at the n-th operation, for every n until none is hit;
    // after each, history opens again and `check` looks.
    void at_every_operation(FakeRoom& room, int windows, const Work& work, const Check& check) {
        FakeFileSystem base;
        seal_windows(base, room, windows);
        at_every_operation(base, room, work, check);
    }
    void at_every_operation(const FakeFileSystem& base, const FakeRoom& room, const Work& work,
                            const Check& check) {
        for (std::size_t at = 1;; at += test_part()) {
            FakeFileSystem files;
            copy_files(base, files);
            std::mt19937_64 random(at);
            FakeRoom copy = room;
            room_ = &copy;
            HistoryStore::Opened opened;
            auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
            const std::size_t before = files.operations();
            if (GetParam().power) {
                files.cut_power_at(at);
            } else {
                files.fail_operation(at);
            }
            const auto worked = work(*store);
            const bool hit = files.operations() - before >= at;
            store.reset();
            if (GetParam().power) {
                files.restart(random);
            } else {
                files.fail_operation(1'000'000'000);
            }
            HistoryStore::Opened again;
            auto opened_again = HistoryStore::open(files, FakeRoom::options(), again);
            ASSERT_TRUE(opened_again) << opened_again.error().text;
            ASSERT_TRUE(again.damage.empty()) << again.damage.front().what << " at " << at;
            SCOPED_TRACE(at);
            check(**opened_again, worked.has_value());
            if (HasFatalFailure()) return;
            for (const std::string& path : files.paths()) ASSERT_TRUE(path.ends_with(".db")) << path;
            if (!hit) return;
            ASSERT_LT(at, 5000U);
        }
    }

    FakeRoom* room_ = nullptr;
};

TEST_P(Faults, ASealIsThereOrNot) {
    FakeRoom room(2, 10 * kMinuteNs);
    std::size_t there = 0, absent = 0;
    at_every_operation(
        room, 2,
        [&](HistoryStore& store) -> Result<void> {
            room_->measure_window();
            const auto sealed = room_->seal(store);
            if (!sealed) return fail(sealed.error());
            return {};
        },
        [&](HistoryStore& store, bool worked) {
            const std::uint64_t before = room_->window_first() - 1;
            ASSERT_TRUE(store.sealed_to() == before || store.sealed_to() == room_->last());
            if (worked) {
                ASSERT_EQ(store.sealed_to(), room_->last());
            }
            (store.sealed_to() == before ? absent : there) += 1;
            expect_records(*room_, store, store.sealed_to());
            expect_hours(store, room_->now_ns(), store.sealed_to() / 2);
            if (store.sealed_to() == before) {
                ASSERT_TRUE(room_->seal(store));
            }
            expect_records(*room_, store, room_->last());
            expect_hours(store, room_->now_ns(), room_->last() / 2);
        });
    EXPECT_GE(there, 1U);
    EXPECT_GT(absent * test_part(), 10U);
}

TEST_P(Faults, AMergeLeavesThePartsOrTheWhole) {
    FakeRoom room(2, 30 * kMinuteNs);
    at_every_operation(
        room, 3,
        [&](HistoryStore& store) -> Result<void> {
            const auto merged = store.merge(room_->now_ns() + 30 * kHourNs, 100);
            if (!merged) return fail(merged.error());
            return {};
        },
        [&](HistoryStore& store, bool worked) {
            expect_records(*room_, store, room_->last());
            expect_hours(store, room_->now_ns(), room_->last() / 2);
            if (worked) {
                ASSERT_EQ(store.files().size(), 2U);
            }
            ASSERT_TRUE(store.merge(room_->now_ns() + 30 * kHourNs, 100));
            ASSERT_EQ(store.files().size(), 2U);
            expect_records(*room_, store, room_->last());
            expect_hours(store, room_->now_ns(), room_->last() / 2);
        });
}

TEST_P(Faults, ADayIsRolledUpOnce) {
    for (const int former : {0, 2}) {
        SCOPED_TRACE("windows of a former version: " + std::to_string(former));
        FakeFileSystem base;
        FakeRoom room(2, 30 * kMinuteNs);
        seal_day(base, room, 5, former);
        const std::int64_t to_ns = room.now_ns(), now_ns = to_ns + 20 * kHourNs;
        HistoryStore::Opened opened;
        const auto all = counted(*HistoryStore::open(base, FakeRoom::options(), opened).value(), to_ns);
        ASSERT_EQ(all.first, 20U);
        ASSERT_GT(all.second, 15U) << "but where the counter was reset";
        std::size_t most = 0;
        at_every_operation(
            base, room, [&](HistoryStore& store) { return take_level_by_level(store, now_ns); },
            [&](HistoryStore& store, bool) {
                ASSERT_EQ(counted(store, to_ns), all);
                ASSERT_TRUE(HistoryReader(store).verify()->damage.empty());
                most = std::max(most, store.files().size());
                const auto done = take_level_by_level(store, now_ns);
                ASSERT_TRUE(done) << done.error().text;
                ASSERT_EQ(counted(store, to_ns), all);
                ASSERT_TRUE(HistoryReader(store).verify()->damage.empty());
                ASSERT_EQ(store.files().size(), former == 0 ? 2U : 3U) << "the last window, and hours";
            });
        EXPECT_GE(most, former == 0 ? 5U : 9U);
    }
}

TEST_P(Faults, AThinnedFileIsRawOrMinutes) {
    FakeRoom room(2, 10'000'000'000);
    at_every_operation(
        room, 2,
        [&](HistoryStore& store) -> Result<void> {
            HistoryLimits limits;
            limits.raw_ns = kHourNs;
            const auto cuts = store.plan_cuts(limits, room_->now_ns());
            if (!cuts) return fail(cuts.error());
            for (const HistoryCut& cut : *cuts) {
                if (const auto ok = store.cut(cut); !ok) return ok;
            }
            return {};
        },
        [&](HistoryStore& store, bool worked) {
            ASSERT_EQ(store.files().size(), 2U);
            ASSERT_EQ(store.files()[1].head.level == Level::m1, store.files()[1].head.level != Level::raw);
            if (worked) {
                ASSERT_EQ(store.files()[1].head.level, Level::m1);
            }
            HistoryReader reader(store);
            HistoryRange question;
            question.series = {FakeRoom::series(1, 1)};
            question.from_ns = FakeRoom::kStartNs;
            question.to_ns = room_->now_ns();
            question.step_ns = 5 * kMinuteNs;
            const auto answer = reader.range(question);
            ASSERT_TRUE(answer);
            for (const std::uint64_t n : answer->columns[0].count) ASSERT_EQ(n, 30U);
        });
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults, testing::Values(Fault{"failing", false}, Fault{"power", true}),
                         [](const auto& fault) { return std::string(fault.param.name); });

// The rig must be able to fail.
TEST(HistoryControl, WithoutSyncsASealIsLost) {
    bool lost = false;
    for (std::uint64_t seed = 1; seed < 40 && !lost; ++seed) {
        FakeFileSystem files;
        std::mt19937_64 random(seed);
        FakeRoom room(2, 10 * kMinuteNs);
        HistoryStore::Opened opened;
        auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
        files.ignore_syncs(true);
        room.measure_window();
        ASSERT_TRUE(room.seal(*store));
        store.reset();
        files.restart(random);
        HistoryStore::Opened again;
        const auto after = HistoryStore::open(files, FakeRoom::options(), again);
        lost = !after || !again.damage.empty() || (*after)->sealed_to() != room.last();
    }
    EXPECT_TRUE(lost);
}

class Damaged : public testing::Test {
  protected:
    void SetUp() override {
        HistoryStore::Opened opened;
        store_ = HistoryStore::open(files_, FakeRoom::options(), opened).value();
        room_.measure_window();
        ASSERT_TRUE(room_.seal(*store_));
        for (const std::string& path : files_.paths()) {
            if (path.find("/raw-") != std::string::npos) path_ = path;
        }
        good_ = files_.contents(path_);
    }
    void flip(std::size_t bit) {
        std::string bad = good_;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        files_.set_contents(path_, bad);
    }

    FakeFileSystem files_;
    FakeRoom room_{16, 10'000'000'000};  // several strips
    std::unique_ptr<HistoryStore> store_;
    std::string path_;
    std::string good_;
};

TEST_F(Damaged, AnyFlippedBitIsFoundAndTheRestIsServed) {
    std::size_t tried = 0, most_was_there = 0;
    for (std::size_t bit = 11; bit < good_.size() * 8; bit += good_.size() * 8 / 120) {
        flip(bit);
        ++tried;
        HistoryReader reader(*store_);
        const auto verified = reader.verify();
        ASSERT_TRUE(verified) << verified.error().text;
        ASSERT_FALSE(verified->damage.empty()) << "bit " << bit;
        const auto answer = reader.records({1, room_.last()}, room_.last());
        if (!answer) {
            ASSERT_EQ(answer.error().code, ErrorCode::malformed);
            continue;
        }
        for (const NumberedRecord& record : answer->records)
            ASSERT_EQ(record, room_.records()[record.sequence - 1]);
        // What is not there was told.
        if (answer->records.size() < room_.last()) {
            ASSERT_FALSE(answer->damage.empty());
        }
        most_was_there += answer->records.size() >= room_.last() * 4 / 5;
    }
    EXPECT_GT(tried, 100U);
    EXPECT_GT(most_was_there, tried * 3 / 4);
}

TEST_F(Damaged, ADamagedBlockIsAnsweredFromTheRollUp) {
    HistoryRange question;
    for (std::size_t device = 0; device < 5; ++device) question.series.push_back(FakeRoom::series(device, 1));
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = room_.now_ns();
    question.step_ns = 30'000'000'000;
    ASSERT_EQ(store_->merge(room_.now_ns() + 30 * kHourNs, 100).value_or(0), 1U) << "hours";
    std::size_t fallen_back = 0;
    for (std::size_t bit = good_.size() * 2; bit < good_.size() * 7; bit += good_.size() / 3) {
        flip(bit);
        HistoryReader reader(*store_);
        const auto answer = reader.range(question);
        ASSERT_TRUE(answer) << answer.error().text;
        for (const HistoryColumn& column : answer->columns) {
            std::uint64_t count = 0;
            for (const std::uint64_t n : column.count) count += n;
            EXPECT_EQ(count, 720U) << "bit " << bit;
        }
        if (answer->damage.empty()) continue;
        EXPECT_TRUE(answer->levels[static_cast<std::size_t>(Level::h1)]);
        ++fallen_back;
    }
    EXPECT_GT(fallen_back, 5U);
}

TEST_F(Damaged, ADamagedFileIsToldAtOpeningAndNotTouched) {
    files_.set_contents(path_, std::string(good_.size(), 'x'));
    store_.reset();
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files_, FakeRoom::options(), opened);
    ASSERT_TRUE(store) << store.error().text;
    ASSERT_EQ(opened.damage.size(), 1U);
    EXPECT_EQ(opened.damage[0].t0_ns, FakeRoom::kStartNs);
    EXPECT_TRUE((*store)->files().empty());
    EXPECT_EQ(files_.contents(path_).size(), good_.size());
}

TEST_F(Damaged, ADamagedPartIsNotMergedAndStaysTold) {
    for (int i = 1; i < 12; ++i) {
        room_.measure_window();
        ASSERT_TRUE(room_.seal(*store_));
    }
    flip(good_.size() * 4);
    ASSERT_TRUE(store_->merge(room_.now_ns() + 5 * kHourNs, 100));
    HistoryReader reader(*store_);
    const auto verified = reader.verify();
    ASSERT_TRUE(verified);
    EXPECT_FALSE(verified->damage.empty());
    std::size_t raw = 0;
    for (const HistoryFileInfo& info : store_->files()) raw += info.head.level == Level::raw;
    EXPECT_EQ(raw, 2U) << "the damaged window, and the other eleven in one";
}

}  // namespace
}  // namespace outstation::store
