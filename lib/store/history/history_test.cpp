// SPDX-License-Identifier: GPL-3.0-or-later
// History answers what was sealed, at every level, before and after merging and thinning.
#include "lib/store/history/history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/points.hpp"
#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;

std::unique_ptr<HistoryStore> open(FileSystem& files) {
    HistoryStore::Opened opened;
    auto store = HistoryStore::open(files, FakeRoom::options(), opened);
    EXPECT_TRUE(store) << store.error().text;
    EXPECT_TRUE(opened.damage.empty()) << opened.damage.front().what;
    return store ? std::move(*store) : nullptr;
}

void seal_windows(FakeRoom& room, HistoryStore& store, int windows) {
    for (int i = 0; i < windows; ++i) {
        room.measure_window();
        const auto sealed = room.seal(store);
        ASSERT_TRUE(sealed) << sealed.error().text;
    }
}

// To the bit, NaN too.
bool identical(const NumberedRecord& a, const NumberedRecord& b) {
    return a.sequence == b.sequence && a.record.device == b.record.device &&
           a.record.stamp == b.record.stamp && a.record.counter_series == b.record.counter_series &&
           a.record.counters == b.record.counters && a.record.gauge_series == b.record.gauge_series &&
           std::equal(a.record.gauges.begin(), a.record.gauges.end(), b.record.gauges.begin(),
                      b.record.gauges.end(), [](double x, double y) {
                          return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
                      });
}

void expect_all_records(const FakeRoom& room, const HistoryStore& store) {
    HistoryReader reader(store);
    const auto answer = reader.records({1, room.last()}, room.last());
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_TRUE(answer->damage.empty());
    ASSERT_EQ(answer->records.size(), room.last());
    for (std::size_t i = 0; i < room.records().size(); ++i)
        ASSERT_TRUE(identical(answer->records[i], room.records()[i])) << "sequence " << i + 1;
}

struct Expected {
    std::uint64_t count = 0;
    double minimum = 0, maximum = 0, sum = 0;
    std::uint64_t last_counter = 0;
    double last_gauge = 0;
};

// What a step must say, computed from the samples in the plainest way.
std::vector<Expected> expected_steps(const FakeRoom& room, std::size_t device, std::size_t n,
                                     const HistoryRange& question, std::int64_t gap_ns) {
    std::vector<Expected> out(
        static_cast<std::size_t>((question.to_ns - question.from_ns) / question.step_ns));
    CounterPoint before;
    for (const NumberedRecord& record : room.records()) {
        if (record.record.device != FakeRoom::device_name(device)) continue;
        const std::int64_t wall_ns = record.record.stamp.wall_ns;
        double value = n < 4 ? record.record.gauges[n] : 0.0;
        bool has_value = n < 4;
        const CounterPoint now{wall_ns, n < 4 ? 0 : record.record.counters[n - 4]};
        if (n >= 4) {
            has_value =
                before.wall_ns != 0 && now.counter >= before.counter && wall_ns - before.wall_ns <= gap_ns;
            value = static_cast<double>(now.counter - before.counter) * 1e9 /
                    static_cast<double>(wall_ns - before.wall_ns);
            before = now;
        }
        if (wall_ns < question.from_ns || wall_ns >= question.to_ns) continue;
        Expected& step = out[static_cast<std::size_t>((wall_ns - question.from_ns) / question.step_ns)];
        step.last_counter = now.counter;
        step.last_gauge = value;
        if (!has_value) continue;
        step.minimum = step.count == 0 ? value : std::min(step.minimum, value);
        step.maximum = step.count == 0 ? value : std::max(step.maximum, value);
        step.sum += value;
        ++step.count;
    }
    return out;
}

// The answers of all series of two devices agree with the samples, to the precision that roll-ups have.
void expect_steps(const FakeRoom& room, const HistoryStore& store, HistoryRange question,
                  const std::set<Level>& levels, std::int64_t gap_ns = 3 * kMinuteNs + kSecondNs) {
    HistoryReader reader(store);
    for (const std::size_t device : {std::size_t{0}, std::size_t{2}}) {
        question.series.clear();
        for (std::size_t n = 0; n < 8; ++n) question.series.push_back(FakeRoom::series(device, n));
        const auto answer = reader.range(question);
        ASSERT_TRUE(answer) << answer.error().text;
        EXPECT_TRUE(answer->damage.empty());
        for (const Level other : kLevels)
            EXPECT_EQ(answer->levels[static_cast<std::size_t>(other)], levels.contains(other))
                << static_cast<int>(other);
        for (std::size_t n = 0; n < 8; ++n) {
            const HistoryColumn& column = answer->columns[n];
            const auto expected = expected_steps(room, device, n, question, gap_ns);
            ASSERT_EQ(column.count.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const Expected& step = expected[i];
                ASSERT_EQ(column.count[i], step.count) << "series " << n << " step " << i;
                if (n < 4) {
                    ASSERT_EQ(column.gauges[i], step.last_gauge);
                } else {
                    ASSERT_EQ(column.counters[i], step.last_counter);
                }
                if (step.count == 0) continue;
                const double rounding = n < 4 ? 0.0 : step.maximum / 8000;
                ASSERT_NEAR(column.minimum[i], step.minimum, rounding);
                ASSERT_NEAR(column.maximum[i], step.maximum, rounding);
                const double mean = step.sum / static_cast<double>(step.count);
                ASSERT_NEAR(column.mean[i], mean, std::abs(mean) / 16000 + rounding);
            }
        }
    }
}

HistoryRange steps(std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns) {
    HistoryRange out;
    out.from_ns = from_ns;
    out.to_ns = to_ns;
    out.step_ns = step_ns;
    return out;
}

TEST(History, SealedRecordsComeBackExactly) {
    FakeFileSystem files;
    FakeRoom room(3, kMinuteNs);
    auto store = open(files);
    room.measure_window();
    const double infinity = std::numeric_limits<double>::infinity();
    room.add_odd_record({-0.0, infinity, std::numeric_limits<double>::quiet_NaN(),
                         std::numeric_limits<double>::denorm_min(), 0.1 + 0.2, -infinity});
    const auto sealed = room.seal(*store);
    ASSERT_TRUE(sealed) << sealed.error().text;
    seal_windows(room, *store, 2);
    expect_all_records(room, *store);
    EXPECT_EQ(store->sealed_to(), room.last());
    store.reset();
    store = open(files);
    expect_all_records(room, *store);

    HistoryReader reader(*store);
    const auto some = reader.records({100, 400}, 50);
    ASSERT_TRUE(some);
    EXPECT_EQ(some->answered, (SequenceRange{100, 149}));
    EXPECT_EQ(some->records.size(), 50U);
    ASSERT_EQ(some->batches.size(), 1U);
    EXPECT_EQ(some->batches[0].daemon, "polld");
    EXPECT_EQ(reader.records({room.last() + 1, room.last() + 9}, 50)->answered, (SequenceRange{0, 0}));
    const auto definitions = reader.definitions(sealed->name);
    ASSERT_TRUE(definitions);
    ASSERT_EQ(definitions->size(), 24U);
    EXPECT_EQ((*definitions)[9], FakeRoom::definitions(1)[1]);
}

TEST(History, EveryLevelSaysWhatTheSamplesSay) {
    FakeFileSystem files;
    FakeRoom room(3, kMinuteNs);
    auto store = open(files);
    seal_windows(room, *store, 4);
    const std::int64_t from_ns = FakeRoom::kStartNs;
    const auto expect = [&](std::int64_t from, std::int64_t to, std::int64_t step_ns, Level level) {
        SCOPED_TRACE(step_ns);
        expect_steps(room, *store, steps(from_ns + from * kHourNs, from_ns + to * kHourNs, step_ns), {level});
    };
    expect(0, 8, 5 * kMinuteNs, Level::raw);
    expect(1, 7, 3 * kMinuteNs, Level::raw);
    expect(0, 8, kHourNs, Level::raw);
    ASSERT_EQ(store->merge(room.now_ns() + kDayNs, 100).value_or(0), 2U);
    expect(1, 6, 30 * kMinuteNs, Level::raw);
    expect(0, 8, kHourNs, Level::h1);
    expect(0, 8, 4 * kHourNs, Level::h1);
    seal_windows(room, *store, 9);
    ASSERT_TRUE(FakeRoom::cut_all(*store, {1, 1}, room.now_ns() + kDayNs));
    expect(0, 8, 15 * kMinuteNs, Level::m15);
    expect(1, 6, 30 * kMinuteNs, Level::m15);
    expect(0, 8, 2 * kHourNs, Level::h1);
    ASSERT_TRUE(FakeRoom::cut_all(*store, {1, 1, 1}, room.now_ns() + kDayNs));
    expect(0, 24, kHourNs, Level::h1);
}

TEST(History, WithoutAStepTheSamplesThemselvesCome) {
    FakeFileSystem files;
    FakeRoom room(3, kMinuteNs);
    auto store = open(files);
    seal_windows(room, *store, 2);
    HistoryReader reader(*store);
    HistoryRange question = steps(FakeRoom::kStartNs, room.now_ns(), 0);
    question.series = {FakeRoom::series(1, 1), FakeRoom::series(1, 5)};
    const auto answer = reader.range(question);
    ASSERT_TRUE(answer);
    std::vector<std::int64_t> wall_ns;
    std::vector<double> gauges;
    std::vector<std::uint64_t> counters;
    for (const NumberedRecord& record : room.records()) {
        if (record.record.device != FakeRoom::device_name(1)) continue;
        wall_ns.push_back(record.record.stamp.wall_ns);
        gauges.push_back(record.record.gauges[1]);
        counters.push_back(record.record.counters[1]);
    }
    EXPECT_EQ(answer->columns[0].wall_ns, wall_ns);
    EXPECT_EQ(answer->columns[0].gauges, gauges);
    EXPECT_EQ(answer->columns[1].counters, counters);
    EXPECT_EQ(answer->files, 2U);
}

TEST(History, MergedFilesAnswerTheSame) {
    FakeFileSystem files;
    FakeRoom room(3, 5 * kMinuteNs);
    auto store = open(files);
    std::optional<HistoryReader> early(*store);
    seal_windows(room, *store, 12 * 3);
    const std::int64_t from_ns = FakeRoom::kStartNs + 20 * kHourNs;
    const std::int64_t gap_ns = 16 * kMinuteNs;
    std::set<Level> hours{Level::raw};
    const auto check = [&] {
        expect_steps(room, *store, steps(from_ns, from_ns + 30 * kHourNs, 10 * kMinuteNs), {Level::raw},
                     gap_ns);
        expect_steps(room, *store, steps(from_ns, from_ns + 30 * kHourNs, 2 * kHourNs), hours, gap_ns);
    };
    HistoryRange question = steps(from_ns, from_ns + 30 * kHourNs, kHourNs);
    question.series = {FakeRoom::series(1, 1)};
    const auto before = early->range(question).value();
    EXPECT_EQ(store->files().size(), 36U);
    check();
    ASSERT_EQ(store->merge(room.now_ns(), 1000).value_or(0), 4U) << "the last window may still come";
    EXPECT_EQ(store->files().size(), 2U * 2 + 12);
    hours = {Level::raw, Level::h1};
    check();
    ASSERT_EQ(store->merge(room.now_ns() + 80 * kDayNs, 1).value_or(0), 1U) << "no more than asked for";
    ASSERT_EQ(store->merge(room.now_ns() + 80 * kDayNs, 1000).value_or(0), 3U);
    EXPECT_EQ(store->merge(room.now_ns() + 80 * kDayNs, 1000).value_or(9), 0U);
    ASSERT_EQ(store->files().size(), 2U);
    EXPECT_EQ(store->files()[0].head.span, Span::month);
    hours = {Level::h1};
    check();
    // A reader that had the parts open answers from the whole.
    const auto after = early->range(question);
    ASSERT_TRUE(after) << after.error().text;
    EXPECT_EQ(after->columns[0].count, before.columns[0].count);
    EXPECT_EQ(after->columns[0].maximum, before.columns[0].maximum);
    expect_all_records(room, *store);
    early.reset();
    store.reset();
    store = open(files);
    expect_all_records(room, *store);
    const auto verified = HistoryReader(*store).verify();
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->damage.empty());
    EXPECT_TRUE(verified->gaps.empty());
}

// Seals a window with each of these, merges them and compares.
void expect_newest_oid(const std::vector<const char*>& oids) {
    FakeFileSystem files;
    FakeRoom room(1, 30 * kMinuteNs);
    auto store = open(files);
    wire::SeriesDef def = FakeRoom::definitions(0)[0];
    for (const char* oid : oids) {
        room.measure_window();
        const auto first = static_cast<std::ptrdiff_t>(room.window_first() - 1);
        auto sealer =
            store->seal({room.window_first(), room.last()}, room.now_ns() - FakeRoom::kWindowNs).value();
        def.oid = oid;
        ASSERT_TRUE(sealer->add(FakeRoom::device_name(0),
                                {room.records().begin() + first, room.records().end()}, {def}));
        ASSERT_TRUE(sealer->commit());
    }
    ASSERT_EQ(store->merge(room.now_ns() + 2 * kDayNs, 1).value_or(0), 1U);
    ASSERT_EQ(store->files().size(), 1U);
    const auto merged = HistoryReader(*store).definitions(store->files()[0].name);
    ASSERT_TRUE(merged);
    EXPECT_EQ(*merged, std::vector{def});
}

// Also where it is again what it was two files before.
TEST(History, AMergedFileHasTheNewestDefinitions) {
    expect_newest_oid({"1.3.1", "1.3.2", "1.3.1"});
    expect_newest_oid({"1.3.1", "1.3.1", "1.3.2"});
    expect_newest_oid({"1.3.1", "1.3.1", "1.3.1"});
}

TEST(History, SequencesMustBeThereOnceAndAll) {
    FakeFileSystem files;
    FakeRoom room(1, kMinuteNs);
    auto store = open(files);
    room.measure_window();
    auto sealer = store->seal({1, 121}, room.now_ns()).value();
    ASSERT_TRUE(sealer->add(FakeRoom::device_name(0), room.records(), {}));
    EXPECT_EQ(sealer->commit().error().code, ErrorCode::malformed) << "121 was not said to be missing";
    EXPECT_EQ(store->seal({1, 121}, room.now_ns()).error().code, ErrorCode::refused) << "one at a time";
    sealer.reset();
    sealer = store->seal({1, 121}, room.now_ns(), {{121, 121}}).value();
    ASSERT_TRUE(sealer->add(FakeRoom::device_name(0), room.records(), {}));
    EXPECT_EQ(sealer->add(FakeRoom::device_name(0), room.records(), {}).error().code, ErrorCode::malformed);
    EXPECT_EQ(store->seal({1, 121}, room.now_ns()).error().code, ErrorCode::refused) << "one at a time";
    sealer.reset();
    sealer = store->seal({1, 121}, room.now_ns(), {{121, 121}}).value();
    ASSERT_TRUE(sealer->add(FakeRoom::device_name(0), room.records(), {}));
    ASSERT_TRUE(sealer->commit());
    EXPECT_EQ(store->seal({121, 130}, room.now_ns()).error().code, ErrorCode::refused);
    EXPECT_EQ(store->seal({1, 0}, room.now_ns()).error().code, ErrorCode::malformed);
}

TEST(History, AnotherStationsFilesAreLeftAlone) {
    FakeFileSystem files;
    FakeRoom room(1, kMinuteNs);
    auto store = open(files);
    seal_windows(room, *store, 1);
    const auto paths = files.paths();
    store.reset();
    HistoryStore::Options theirs = FakeRoom::options();
    theirs.epochs.identity.station[0] = 'x';
    HistoryStore::Opened opened;
    const auto other = HistoryStore::open(files, theirs, opened);
    ASSERT_TRUE(other);
    EXPECT_EQ(opened.damage.size(), 1U);
    EXPECT_TRUE((*other)->files().empty());
    EXPECT_EQ(files.paths(), paths);
}

TEST(History, AnOlderEpochIsShownButNotReplayed) {
    FakeFileSystem files;
    FakeRoom room(3, kMinuteNs);
    seal_windows(room, *open(files), 2);
    HistoryStore::Options restored = FakeRoom::options();
    ++restored.epochs.identity.epoch;
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, restored, opened).value();
    EXPECT_EQ(store->sealed_to(), 0U);
    EXPECT_EQ(HistoryReader(*store).records({1, 5}, 5)->answered, (SequenceRange{0, 0}));
    expect_steps(room, *store, steps(FakeRoom::kStartNs, room.now_ns(), 15 * kMinuteNs), {Level::raw});
}

TEST(HistoryCuts, RawIsThinnedBeforeAnythingGoes) {
    FakeFileSystem files;
    FakeRoom room(3, 10 * kSecondNs);
    auto store = open(files);
    seal_windows(room, *store, 6);
    HistoryLimits limits;
    limits.raw_ns = 4 * kHourNs;
    const auto cuts = store->plan_cuts(limits, room.now_ns());
    ASSERT_TRUE(cuts) << cuts.error().text;
    ASSERT_EQ(cuts->size(), 4U);
    for (const HistoryCut& cut : *cuts) {
        EXPECT_EQ(cut.rolled_up_to, Level::m1);
        EXPECT_EQ(cut.left, Level::m1);
        EXPECT_FALSE(cut.gone);
        ASSERT_TRUE(store->cut(cut));
        EXPECT_EQ(store->cut(cut).error().code, ErrorCode::not_found);
    }
    EXPECT_TRUE(store->plan_cuts(limits, room.now_ns())->empty());
    const std::int64_t from_ns = FakeRoom::kStartNs;
    expect_steps(room, *store, steps(from_ns, from_ns + 8 * kHourNs, 5 * kMinuteNs), {Level::m1},
                 31 * kSecondNs);
    store.reset();
    store = open(files);
    EXPECT_EQ(store->files().size(), 6U);
    expect_steps(room, *store, steps(from_ns, from_ns + 8 * kHourNs, kMinuteNs), {Level::m1}, 31 * kSecondNs);
}

TEST(HistoryCuts, TheBudgetHolds) {
    FakeFileSystem files;
    FakeRoom room(3, 10 * kSecondNs);
    auto store = open(files);
    seal_windows(room, *store, 8);
    const std::uint64_t full = store->octets();
    for (const std::uint64_t octets : {full * 3 / 4, full / 2, full / 3, full / 5, std::uint64_t{1}}) {
        HistoryLimits limits;
        limits.octets = octets;
        for (int round = 0; round < 20; ++round) {
            const auto cuts = store->plan_cuts(limits, room.now_ns()).value();
            if (cuts.empty()) break;
            for (const HistoryCut& cut : cuts) ASSERT_TRUE(store->cut(cut));
        }
        if (octets > 1) {
            EXPECT_LE(store->octets(), octets);
        }
    }
    // The newest window stays whatever the limit.
    const auto left = store->files();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].head.level, Level::raw);
    EXPECT_EQ(left[0].head.sequences.last, room.last());
}

TEST(HistoryCuts, WhereMinutesWouldNotBeSmallerQuartersStay) {
    FakeFileSystem files;
    FakeRoom room(3, kMinuteNs);
    auto store = open(files);
    seal_windows(room, *store, 3);
    HistoryLimits limits;
    limits.raw_ns = 2 * kHourNs;
    const auto cuts = store->plan_cuts(limits, room.now_ns()).value();
    ASSERT_EQ(cuts.size(), 2U);
    EXPECT_EQ(cuts[0].rolled_up_to, Level::m15);
    EXPECT_EQ(cuts[0].left, Level::m15);
    for (const HistoryCut& cut : cuts) ASSERT_TRUE(store->cut(cut));
    HistoryReader reader(*store);
    HistoryRange question = steps(FakeRoom::kStartNs, room.now_ns(), 5 * kMinuteNs);
    question.series = {FakeRoom::series(0, 1)};
    const auto answer = reader.range(question).value();
    EXPECT_TRUE(answer.levels[static_cast<std::size_t>(Level::raw)]);
    EXPECT_TRUE(answer.levels[static_cast<std::size_t>(Level::m15)]);
    // Fine where it is fine; where it is not, a quarter of an hour stands in each of its three steps.
    const HistoryColumn& column = answer.columns[0];
    for (std::size_t i = 0; i < 72; ++i) {
        ASSERT_EQ(column.count[i], 5U) << i;
        ASSERT_EQ(column.mean[i] == column.mean[i / 3 * 3], i % 3 == 0 || i < 48) << i;
    }
}

}  // namespace
}  // namespace outstation::store
