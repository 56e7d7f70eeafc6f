// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of counters over outages and long intervals, means, and answers at the border of two levels.
#include <gtest/gtest.h>

#include <algorithm>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/watched_files.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr char kDevice[] = "router-1";

struct Sample {
    std::int64_t wall_ns;
    std::uint64_t counter;
};

// A counter of one device; each list of samples is a window.
class Rates : public testing::Test {
  protected:
    void SetUp() override {
        HistoryStore::Opened opened;
        store_ = HistoryStore::open(files_, FakeRoom::options(), opened).value();
    }
    void seal(const std::vector<Sample>& samples) {
        std::vector<NumberedRecord> records;
        for (const Sample& sample : samples) {
            NumberedRecord record;
            record.sequence = ++last_;
            record.record.device = kDevice;
            record.record.stamp.wall_ns = FakeRoom::kStartNs + sample.wall_ns;
            record.record.counter_series = {7};
            record.record.counters = {sample.counter};
            records.push_back(std::move(record));
        }
        auto sealer =
            store_->seal({last_ - samples.size() + 1, last_}, FakeRoom::kStartNs + samples.front().wall_ns);
        ASSERT_TRUE(sealer) << sealer.error().text;
        ASSERT_TRUE((*sealer)->add(kDevice, records, {}));
        ASSERT_TRUE((*sealer)->commit());
    }
    HistoryColumn ask(std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns) {
        HistoryRange question;
        question.series = {{7, kDevice, SeriesKind::counter}};
        question.from_ns = FakeRoom::kStartNs + from_ns;
        question.to_ns = FakeRoom::kStartNs + to_ns;
        question.step_ns = step_ns;
        return HistoryReader(*store_).range(question).value().columns[0];
    }

    FakeFileSystem files_;
    std::unique_ptr<HistoryStore> store_;
    std::uint64_t last_ = 0;
};

TEST_F(Rates, AnOutageBeforeTheOnlyRowOfAWindowGivesNone) {
    std::vector<Sample> samples;
    for (std::int64_t at_ns = 0; at_ns < kHourNs; at_ns += 10 * kSecondNs)
        samples.push_back({at_ns, static_cast<std::uint64_t>(at_ns / kSecondNs)});
    seal(samples);
    seal({{3 * kHourNs, 20'000}});
    for (const std::int64_t step_ns : {10 * kMinuteNs, kHourNs}) {
        const HistoryColumn column = ask(0, 4 * kHourNs, step_ns);
        const auto hour = static_cast<std::size_t>(kHourNs / step_ns);
        EXPECT_EQ(column.count[0], static_cast<std::uint64_t>(step_ns / kSecondNs / 10 - 1));
        EXPECT_EQ(column.count[3 * hour], 0U) << step_ns;
        EXPECT_EQ(column.counters[3 * hour], 20'000U);
    }
}

// The first outage is not how far apart its samples usually are.
TEST_F(Rates, TwoOutagesWithOneSampleBetweenGiveNone) {
    std::vector<Sample> samples;
    for (std::int64_t at_ns = 0; at_ns < kHourNs; at_ns += 10 * kSecondNs)
        samples.push_back({at_ns, static_cast<std::uint64_t>(at_ns / kSecondNs)});
    seal(samples);
    seal({{3 * kHourNs, 20'000}});
    seal({{6 * kHourNs, 40'000}});
    for (const std::int64_t step_ns : {20 * kMinuteNs, kHourNs}) {
        const HistoryColumn column = ask(0, 7 * kHourNs, step_ns);
        const auto hour = static_cast<std::size_t>(kHourNs / step_ns);
        EXPECT_EQ(column.count[3 * hour], 0U);
        EXPECT_EQ(column.count[6 * hour], 0U);
    }
    ASSERT_EQ(store_->merge(FakeRoom::kStartNs + 48 * kHourNs, 2).value_or(0), 2U);
    const HistoryColumn hours = ask(0, 7 * kHourNs, kHourNs);
    EXPECT_EQ(hours.count, (std::vector<std::uint64_t>{359, 0, 0, 0, 0, 0, 0}));
}

TEST_F(Rates, AnOutageBeforeFewRowsGivesNone) {
    std::vector<Sample> samples;
    for (std::int64_t at_ns = 0; at_ns < kHourNs; at_ns += 10 * kSecondNs)
        samples.push_back({at_ns, static_cast<std::uint64_t>(at_ns / kSecondNs)});
    seal(samples);
    seal({{2 * kHourNs, 20'000}, {2 * kHourNs + 50 * kMinuteNs, 23'000}});
    const HistoryColumn column = ask(0, 4 * kHourNs, 10 * kMinuteNs);
    EXPECT_EQ(column.count[12], 0U) << "an hour without samples";
    EXPECT_EQ(column.count[17], 1U) << "as far apart as the block says";
}

TEST_F(Rates, AnIntervalLongerThanAWindowGivesRates) {
    for (std::int64_t n = 0; n < 5; ++n) seal({{n * 3 * kHourNs, static_cast<std::uint64_t>(n) * 10'800}});
    const HistoryColumn column = ask(0, 15 * kHourNs, 3 * kHourNs);
    EXPECT_EQ(column.count, (std::vector<std::uint64_t>{0, 1, 1, 1, 1}));
    EXPECT_NEAR(column.mean[4], 1.0, 1e-3);
}

TEST_F(Rates, TheFirstStepHasARateAlsoAtLongIntervals) {
    for (std::int64_t window = 0; window < 3; ++window) {
        std::vector<Sample> samples;
        for (std::int64_t n = 0; n < 4; ++n) {
            const std::int64_t at_ns = window * 2 * kHourNs + n * 30 * kMinuteNs;
            samples.push_back({at_ns, static_cast<std::uint64_t>(at_ns / kSecondNs)});
        }
        seal(samples);
    }
    const HistoryColumn column = ask(4 * kHourNs, 6 * kHourNs, 10 * kMinuteNs);
    EXPECT_EQ(column.count[0], 1U);
    EXPECT_EQ(column.mean[0], 1.0);
}

TEST_F(Rates, AMeanWeighsEachRateWithItsTime) {
    // 100 per second for a minute, then nothing for nine, in samples ten times as far apart.
    std::vector<Sample> samples = {{0, 0}};
    for (std::int64_t n = 1; n <= 6; ++n)
        samples.push_back({n * 10 * kSecondNs, static_cast<std::uint64_t>(n) * 1000});
    for (std::int64_t n = 1; n <= 18; ++n) samples.push_back({kMinuteNs + n * 30 * kSecondNs, 6000});
    seal(samples);
    ASSERT_EQ(store_->merge(FakeRoom::kStartNs + 48 * kHourNs, 1).value_or(0), 1U);
    EXPECT_NEAR(ask(0, kHourNs, kHourNs).mean[0], 10.0, 0.01) << "from the roll-up";
    EXPECT_NEAR(ask(0, 2 * kHourNs, 20 * kMinuteNs).mean[0], 10.0, 1e-9) << "from the samples";
}

TEST_F(Rates, WithoutAStepNoHourIsHiddenWhereSamplesBegin) {
    std::vector<Sample> early, late;
    for (std::int64_t n = 0; n < 30; ++n) early.push_back({n * kMinuteNs, 1});
    for (std::int64_t n = 40; n < 120; ++n) late.push_back({n * kMinuteNs, 1});
    seal(early);
    seal(late);
    HistoryLimits limits;
    limits.octets = store_->octets() - 1;
    const auto cuts = store_->plan_cuts(limits, FakeRoom::kStartNs + 2 * kHourNs).value();
    ASSERT_EQ(cuts.size(), 1U);
    ASSERT_EQ(cuts[0].rolled_up_to, Level::m15);
    ASSERT_TRUE(store_->cut(cuts[0]));
    const HistoryColumn column = ask(0, 2 * kHourNs, 0);
    ASSERT_EQ(column.count.size(), 2U + 80);
    EXPECT_EQ(column.wall_ns[0], FakeRoom::kStartNs + 14 * kMinuteNs);
    EXPECT_EQ(column.wall_ns[1], FakeRoom::kStartNs + 29 * kMinuteNs);
    EXPECT_EQ(column.wall_ns[2], FakeRoom::kStartNs + 40 * kMinuteNs);
}

// The hours of a day have its samples; those of the next day are not rolled up yet, and the last window of
// the day has some of its first hour.
TEST_F(Rates, HoursAndSamplesJoinInTheHourWhereTheyMeet) {
    std::uint64_t minute = 0;
    const auto measure = [&](std::uint64_t to) {
        std::vector<Sample> samples;
        for (; minute < to; ++minute)
            samples.push_back(
                {static_cast<std::int64_t>(minute) * kMinuteNs, minute * 60 * (minute % 7 + 1)});
        seal(samples);
    };
    measure(22 * 60);
    measure(24 * 60 + 7);
    measure(26 * 60);
    const auto before = ask(21 * kHourNs, 26 * kHourNs, kHourNs);
    ASSERT_EQ(store_->merge(FakeRoom::kStartNs + 30 * kHourNs, 100).value_or(0), 2U);
    const std::vector<HistoryFileInfo> files = store_->files();
    ASSERT_EQ(files.back().head.level, Level::h1);
    ASSERT_EQ(files.back().head.sequences.last, 24U * 60 + 7);
    const auto after = ask(21 * kHourNs, 26 * kHourNs, kHourNs);
    EXPECT_EQ(after.count, before.count);
    EXPECT_EQ(after.counters, before.counters);
    for (std::size_t i = 0; i < after.count.size(); ++i) {
        EXPECT_GT(after.count[i], 40U);
        EXPECT_NEAR(after.minimum[i], before.minimum[i], before.maximum[i] / 8000) << i;
        EXPECT_NEAR(after.maximum[i], before.maximum[i], before.maximum[i] / 8000) << i;
        EXPECT_NEAR(after.mean[i], before.mean[i], before.mean[i] / 8000) << i;
    }
}

TEST_F(Rates, ACoarseBucketStandsInEachStepThatItCovers) {
    std::vector<Sample> early, late;
    for (std::int64_t n = 0; n < 24; ++n)
        early.push_back({n * 5 * kMinuteNs, static_cast<std::uint64_t>(n) * 300});
    for (std::int64_t n = 24; n < 48; ++n)
        late.push_back({n * 5 * kMinuteNs, static_cast<std::uint64_t>(n) * 300});
    seal(early);
    seal(late);
    ASSERT_TRUE(FakeRoom::cut_all(*store_, {1, 1}, FakeRoom::kStartNs + 4 * kHourNs));
    // From quarters of an hour in the first window; an end in the middle of one of them.
    const HistoryColumn column = ask(10 * kMinuteNs, 100 * kMinuteNs, kMinuteNs);
    for (std::size_t i = 0; i < column.count.size(); ++i) {
        ASSERT_EQ(column.count[i], 1U) << i;
        ASSERT_NEAR(column.mean[i], 1.0, 1e-3) << i;
    }
}

}  // namespace
}  // namespace outstation::store
