// SPDX-License-Identifier: GPL-3.0-or-later
// The store over days of virtual time: samples go to history and stay answered, numbered and recognised.
#include "lib/store/history/head.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/store_test.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

struct ArchiveTest : StoreTest {
    void SetUp() override {
        StoreTest::SetUp();
        start = loop.wall().time_since_epoch().count();
        id = store->define(counter_def("sw-01", "1")).value();
    }
    // One record a minute, its counter grows by 600 each.
    void poll(int minutes) {
        for (int i = 0; i < minutes; ++i) {
            ++counter;
            wire::SampleRecord record = counter_sample(id, counter * 600);
            record.stamp.mono_ns = loop.now().time_since_epoch().count();
            store->append(
                {"polld", incarnation, counter}, {record},
                [this, number = counter](const Result<Accepted>& result) { answers[number] = result; });
            loop.advance(60s);
        }
    }
    std::vector<std::uint64_t> raw(std::int64_t from_ns, std::int64_t to_ns) {
        const auto reply = ask(&Store::range, wire::RangeRequest{{id}, from_ns, to_ns, 0, 0});
        EXPECT_TRUE(reply) << reply.error().text;
        return reply ? reply->columns[0].counters : std::vector<std::uint64_t>{};
    }
    bool has_history() { return !store->status().history.empty(); }

    std::int64_t start = 0;
    std::uint32_t id = 0;
    std::uint64_t counter = 0;
};

TEST_F(ArchiveTest, ValuesAreTheSameBeforeAndAfterTheyAreSealed) {
    poll(90);
    const auto before = raw(start, start + 90 * kMinute);
    ASSERT_EQ(before.size(), 90U);
    poll(180);
    ASSERT_TRUE(has_history());
    EXPECT_EQ(raw(start, start + 90 * kMinute), before);
    EXPECT_EQ(raw(start, start + 270 * kMinute).size(), 270U);
}

TEST_F(ArchiveTest, RatesHaveNoGapWhereHistoryEnds) {
    poll(400);
    ASSERT_TRUE(has_history());
    for (const std::int64_t step : {kMinute, 5 * kMinute, 15 * kMinute}) {
        const std::int64_t from = (start / (15 * kMinute) + 1) * 15 * kMinute;
        const auto reply = ask(&Store::range, wire::RangeRequest{{id}, from, from + 6 * kHour, step, 0});
        ASSERT_TRUE(reply) << reply.error().text;
        const auto& column = reply->columns[0];
        for (std::size_t i = 0; i < column.count.size(); ++i) {
            EXPECT_EQ(column.count[i], step / kMinute) << "step " << step / kMinute << " at " << i;
            EXPECT_NEAR(column.mean[i], 10.0, 0.01);
            EXPECT_NEAR(column.max[i], 10.0, 0.01);
        }
    }
}

TEST_F(ArchiveTest, EveryRecordIsReplayedUnderItsNumberWhereverItLies) {
    poll(500);
    ASSERT_TRUE(has_history());
    std::uint64_t next = 1;
    for (bool more = true; more;) {
        const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, next, 70});
        ASSERT_TRUE(reply) << reply.error().text;
        ASSERT_EQ(reply->first_sequence, next);
        ASSERT_EQ(reply->batches.size(), reply->samples.size());
        for (const auto& record : reply->samples) {
            ASSERT_EQ(record.counters[0], next * 600);
            ASSERT_EQ(record.device, "sw-01");
            ASSERT_EQ(record.stamp.boot_id, kBoot);
            ++next;
        }
        more = reply->more;
    }
    EXPECT_EQ(next, 501U);
}

// The question has looked at the journal when the keeper seals and drops what it is about to read.
TEST_F(ArchiveTest, AReplayIsWholeWhenItsSegmentsAreSealedAndDroppedMeanwhile) {
    segment_octets = 8192;
    open();
    id = store->define(counter_def("sw-01", "1")).value();
    poll(100);
    const std::uint32_t segments = store->status().streams[1].segments;
    ASSERT_GT(segments, 2U);
    files.on_open = [this](const std::string& path) {
        if (path.find("/samples-") == std::string::npos) return;
        files.on_open = {};
        store->seal([] {});
        loop.advance(1ms);
    };
    const auto all = replay_all();
    EXPECT_LT(store->status().streams[1].segments, segments) << "none was dropped";
    ASSERT_EQ(all.size(), counter);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].counters[0], (i + 1) * 600);
}

TEST_F(ArchiveTest, ARestartRightAfterSealingKnowsNumbersSeriesLatestValuesAndProducers) {
    poll(121);
    while (store->status().history.empty()) poll(1);
    const std::uint64_t last = counter;
    for (int restart = 0; restart < 3; ++restart) {
        open();
        EXPECT_TRUE(opened.damage.empty());
        EXPECT_TRUE(opened.history.empty());
        EXPECT_EQ(store->status().streams[1].last_sequence, last);
        EXPECT_EQ(store->define(counter_def("sw-01", "1")).value(), id);
        EXPECT_GT(store->define(counter_def("sw-02", std::to_string(restart))).value(), id);
        const auto latest = latest_of(*store, {"sw-01", "", 0, 0});
        ASSERT_EQ(latest.rows.size(), 1U);
        EXPECT_EQ(latest.rows[0].counter, last * 600);
        EXPECT_EQ(raw(start, start + 10 * kHour).size(), last);
        answers.clear();
        append(last, id, last * 600);  // the producer did not hear of it
        ASSERT_TRUE(answers.contains(last));
        EXPECT_TRUE(answers.at(last)->duplicate);
    }
}

TEST_F(ArchiveTest, DamageInHistoryAndInTheJournalIsNoMoreThanAMessageHolds) {
    segment_octets = 8192;
    open();
    id = store->define(counter_def("sw-01", "1")).value();
    poll(100);
    store->seal([] {});
    loop.advance(1ms);
    poll(100);
    for (const std::string& path : files.paths()) {
        if (path.find("/raw-") != std::string::npos) files.set_contents(path, "no database");
        if (path.find("/samples-") == std::string::npos) continue;
        std::string bytes = files.contents(path);
        for (auto at = bytes.find("OFRM"); at != std::string::npos; at = bytes.find("OFRM", at + 1)) {
            const bool index = (bytes[at + 45] & kFlagIndex) != 0;
            if (!index) bytes[at + kFrameHeaderOctets + 2] ^= 1;
        }
        files.set_contents(path, bytes);
    }
    const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0}).value();
    EXPECT_TRUE(reply.samples.empty());
    EXPECT_EQ(reply.damaged.size(), wire::kMaxDamagedSpans);
    EXPECT_EQ(reply.damaged.front().first_sequence, 1U);
    EXPECT_EQ(reply.damaged.back().last_sequence, 200U);
}

// The journal has a part of the newest window yet, so that it is sealed once more.
TEST_F(ArchiveTest, ANewestFileThatCannotBeReadAtOneStartGivesNoSampleTwice) {
    segment_octets = 8192;
    open();
    id = store->define(counter_def("sw-01", "1")).value();
    poll(400);
    const auto newest = [this] {
        std::string out;
        for (const std::string& path : files.paths()) {
            if (path.find("history/raw-") != std::string::npos) out = path;
        }
        return out;
    };
    const std::string bad = newest();
    files.unopenable = bad;
    open();
    ASSERT_EQ(opened.history.size(), 1U);
    while (newest() == bad) poll(10);
    files.unopenable.clear();
    open();
    poll(1);
    const auto values = raw(start, start + 24 * kHour);
    ASSERT_GT(values.size(), 300U);
    for (std::size_t i = 1; i < values.size(); ++i) ASSERT_GT(values[i], values[i - 1]);
    EXPECT_EQ(values.back(), counter * 600);
}

TEST_F(ArchiveTest, AFileThatCanBeReadAgainIsTakenBeforeTheNextWindowIsSealed) {
    segment_octets = 8192;
    open();
    id = store->define(counter_def("sw-01", "1")).value();
    poll(400);
    std::string newest;
    for (const std::string& path : files.paths()) {
        if (path.find("history/raw-") != std::string::npos) newest = path;
    }
    files.unopenable = newest;
    open();
    EXPECT_LT(raw(start, start + 24 * kHour).size(), counter);
    files.unopenable.clear();
    poll(130);
    const auto values = raw(start, start + 24 * kHour);
    ASSERT_EQ(values.size(), counter);
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], (i + 1) * 600);
    open();
    EXPECT_TRUE(opened.history.empty());
    EXPECT_EQ(raw(start, start + 24 * kHour), values);
}

// A device that is silent for days keeps its numbers, although no segment defines them any more.
TEST_F(ArchiveTest, ASeriesKeepsItsNumberWhenTheJournalHasLetGoOfItsDefinition) {
    const auto silent = counter_def("silent", "1");
    const std::uint32_t silent_id = store->define(silent).value();
    wire::SampleRecord record = counter_sample(silent_id, 7);
    record.device = "silent";
    store->append({"other", 1, 1}, {record}, [](const Result<Accepted>&) {});
    loop.advance(10s);
    segment_octets = 16384;  // about a quarter of a day
    open();
    for (int day = 0; day < 3; ++day) poll(1440);
    EXPECT_LE(store->status().streams[1].segments, 3U) << "the journal lets go of what is sealed";
    EXPECT_EQ(ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0})->samples[0].device, "silent");
    open();
    EXPECT_EQ(store->define(silent).value(), silent_id);
    EXPECT_EQ(latest_of(*store, {"silent", "", 0, 0}).rows.size(), 1U);
}

// While a device is down its records have no value but `up`, and after hours no window has the others.
TEST_F(ArchiveTest, ARestartKnowsTheLatestValuesOfADeviceThatHasBeenDownForHours) {
    poll(60);
    const auto before = latest_of(*store, {"sw-01", "if_in_octets_total", 0, 0});
    ASSERT_EQ(before.rows.size(), 1U);
    const std::uint32_t up = store->define({0, "sw-01", "up", {}, SeriesKind::gauge, "", 1.0}).value();
    for (int minute = 0; minute < 400; ++minute) {
        wire::SampleRecord record = counter_sample(id, 0);
        record.counter_series.clear();
        record.counters.clear();
        record.gauge_series = {up};
        record.gauges = {0.0};
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(60s);
    }
    ASSERT_GT(store->status().history.at(0).files, 2U);
    open();
    EXPECT_EQ(latest_of(*store, {"sw-01", "if_in_octets_total", 0, 0}), before);
    EXPECT_EQ(latest_of(*store, {"sw-01", "up", 0, 0}).rows.size(), 1U);
}

// A port that was taken out, and further back than a restart looks for latest values.
TEST_F(ArchiveTest, ASeriesThatOnlyOldHistoryHasIsListedWhenAllAreAskedFor) {
    segment_octets = 1024;
    open();
    Settings settings;
    settings.flush_interval = 60s;  // four weeks have fewer of them
    store->configure(settings);
    id = store->define(counter_def("sw-01", "1")).value();
    const std::uint32_t gone = store->define(counter_def("sw-01", "gone")).value();
    store->append({"other", 1, 1}, {counter_sample(gone, 7)}, [](const Result<Accepted>&) {});
    for (int i = 0; i < 54; ++i) {
        poll(1);
        loop.advance(12h);
    }
    ASSERT_GT(store->status().history.at(0).files, kMaxLookBackFiles);
    open();
    EXPECT_EQ(latest_of(*store, {"sw-01", "", 0, 0}).rows.size(), 1U);
    wire::LatestRequest request{"sw-01", "", 0, 1, true};
    EXPECT_TRUE(latest_of(*store, request).more);
    request.after_id = id;
    const auto rest = latest_of(*store, request);
    ASSERT_EQ(rest.rows.size(), 1U);
    EXPECT_EQ(rest.rows[0].series.id, gone);
    EXPECT_EQ(rest.rows[0].wall_ns, 0);
    const auto range = ask(&Store::range, wire::RangeRequest{{gone}, 0, start + 100 * kHour, 0, 0});
    EXPECT_EQ(range.value().columns[0].counters, std::vector<std::uint64_t>{7});
}

TEST_F(ArchiveTest, StampsFromBeforeTheClockWasRightAreRepairedAlsoInHistory) {
    const std::int64_t true_start = start;
    std::int64_t mono = kMinute;
    const auto measure = [&](std::int64_t wall_ns, ClockQuality quality) {
        ++counter;
        wire::SampleRecord record = counter_sample(id, counter * 600);
        record.stamp = {wall_ns, mono, kBoot, quality};
        store->append({"polld", incarnation, counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(60s);
        mono += kMinute;
    };
    for (int i = 0; i < 10; ++i) measure(i * kMinute, ClockQuality::free_running);  // 1970
    EXPECT_TRUE(raw(true_start, true_start + kHour).empty());
    for (int i = 10; i < 200; ++i) measure(true_start + i * kMinute, ClockQuality::synchronised);
    ASSERT_TRUE(has_history());
    EXPECT_EQ(raw(true_start, true_start + 10 * kMinute).size(), 10U);
    open();
    EXPECT_EQ(raw(true_start, true_start + 10 * kMinute).size(), 10U);
}

// They are kept as they came, stall nothing and are in no range.
TEST_F(ArchiveTest, StampsThatCannotBeAreCountedAndLeftOutOfRanges) {
    poll(5);
    wire::SampleRecord record = counter_sample(id, 99);
    record.stamp = {4'200'000'000LL * kSecond, 1, "another boot", ClockQuality::free_running};  // 2103
    ++counter;
    store->append({"polld", incarnation, counter}, {record}, [](const Result<Accepted>&) {});
    poll(150);
    ASSERT_TRUE(has_history());
    EXPECT_EQ(store->status().impossible_stamps, 1U);
    EXPECT_EQ(impossible, std::vector<std::int64_t>{record.stamp.wall_ns});
    EXPECT_LT(store->status().newest_sample_ns, record.stamp.wall_ns);
    EXPECT_EQ(raw(start, start + 10 * kHour).size(), 155U);
    const auto all = replay_all();
    ASSERT_EQ(all.size(), 156U);
    EXPECT_EQ(all[5].stamp, record.stamp);
}

// Each record is a frame, and every eighth stands alone: those between must not be read against older values.
TEST_F(ArchiveTest, FramesBehindADamagedOneAreLeftOutAndNotReadAgainstOlderValues) {
    poll(40);
    store.reset();
    spoil_frame("samples", 20);
    open();
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 1; i <= 40; ++i) {
        if (i < 20 || i > 24) expected.push_back(i * 600);
    }
    EXPECT_EQ(raw(start, start + kHour), expected);
    EXPECT_EQ(latest_of(*store, {"sw-01", "", 0, 0}).rows[0].counter, 40U * 600);
}

// What could not be read when the window was sealed is not in history; that it was damage stays known.
TEST_F(ArchiveTest, DamageOfTheJournalIsToldAlsoWhenItIsSealedAndAfterARestart) {
    poll(40);
    store.reset();
    spoil_frame("samples", 20);
    open();
    const auto damaged = [this] {
        return ask(&Store::range, wire::RangeRequest{{id}, start, start + kHour, 0, 0})->damaged;
    };
    const auto replayed = [this] {
        return ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 20, 0});
    };
    const auto before = damaged();
    ASSERT_EQ(before.size(), 1U);
    EXPECT_EQ(before[0].first_sequence, 20U);
    EXPECT_EQ(before[0].last_sequence, 24U);
    poll(200);
    ASSERT_TRUE(has_history());
    for (int restart = 0; restart < 2; ++restart) {
        EXPECT_EQ(damaged(), before) << restart;
        const auto reply = replayed();
        ASSERT_FALSE(reply->damaged.empty()) << restart;
        EXPECT_EQ(reply->damaged.front().first_sequence, 20U);
        EXPECT_EQ(reply->damaged.back().last_sequence, 24U);
        EXPECT_TRUE(reply->gaps.empty());
        EXPECT_EQ(reply->first_sequence, 25U);
        const auto entries = ask(&Store::ledger, wire::LedgerRequest{})->entries;
        EXPECT_EQ(std::count_if(entries.begin(), entries.end(),
                                [](const auto& entry) {
                                    return entry.record.account == wire::Account::damaged &&
                                           entry.record.from_ns > 0 && entry.record.first_sequence == 20;
                                }),
                  1);
        open();
    }
}

// By their names and those of their neighbours it is known what was in them. What is lost is told once.
TEST_F(ArchiveTest, FilesOfHistoryThatCannotBeReadAreInTheLedger) {
    poll(3300);
    std::vector<std::string> raw_files;
    std::string hours;  // of which the samples are there, too
    for (const std::string& path : files.paths()) {
        if (path.find("/raw-") != std::string::npos) raw_files.push_back(path);
        if (path.find("/h1-") != std::string::npos) hours = path;
    }
    ASSERT_GE(raw_files.size(), 3U);
    const auto first_of = [](const std::string& path) {
        return parse_history_name(path.substr(path.rfind('/') + 1))->sequences.first;
    };
    store.reset();
    for (const std::string& path : {raw_files[0], hours})
        files.set_contents(path, std::string(files.contents(path).size(), 'x'));
    for (int restart = 0; restart < 3; ++restart) {
        open();
        loop.advance(1s);
        const auto entries = ask(&Store::ledger, wire::LedgerRequest{})->entries;
        ASSERT_EQ(entries.size(), 1U);
        EXPECT_EQ(entries[0].record.account, wire::Account::damaged);
        EXPECT_EQ(entries[0].record.first_sequence, first_of(raw_files[0]));
        EXPECT_EQ(entries[0].record.last_sequence, first_of(raw_files[1]) - 1);
        EXPECT_LE(entries[0].record.from_ns, start);
        EXPECT_GT(entries[0].record.to_ns, start);
    }
}

TEST_F(ArchiveTest, ThatHistoryCannotBeWrittenIsToldAsLongAsItLasts) {
    files.unopenable = "/raw-";
    EXPECT_EQ(store->status().failing, "");
    poll(150);
    const auto failing = store->status();
    EXPECT_FALSE(has_history());
    EXPECT_NE(failing.failing, "");
    EXPECT_GT(failing.failing_since_ns, start);
    poll(5);
    EXPECT_EQ(store->status().failing_since_ns, failing.failing_since_ns);
    files.unopenable.clear();
    poll(3);
    EXPECT_TRUE(has_history());
    EXPECT_EQ(store->status().failing, "");
    EXPECT_EQ(raw(start, start + 10 * kHour).size(), counter);
}

TEST_F(ArchiveTest, NumbersThatHistoryHasAreNotGivenAgain) {
    while (store->status().history.empty()) poll(1);
    store.reset();
    for (const std::string& path : files.paths()) {
        if (path.find("/samples-") == std::string::npos) continue;
        ASSERT_TRUE(files.remove(path));
    }
    Journal::Options options;
    options.directory = "journal";
    StoreOpened found;
    const auto made = open_journal_store({loop, files, worker, worker, worker}, options, found);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::refused);
    EXPECT_NE(made.error().text.find("history"), std::string::npos);
}

// A device that is asked no more has no open gap.
TEST_F(ArchiveTest, ARemovedDeviceIsNotMissing) {
    poll(5);
    loop.advance(3600s);
    const auto open_gaps = [&] { return ask(&Store::ledger, wire::LedgerRequest{})->entries.size(); };
    ASSERT_EQ(open_gaps(), 1U);
    store->keep_only({"another"});
    EXPECT_EQ(open_gaps(), 0U);
}

// Power lost while a window is sealed, at every operation: nothing lost, nothing twice.
TEST_F(ArchiveTest, APowerCutWhileSealingLosesAndDoublesNothing) {
    std::mt19937_64 random(1);
    for (std::size_t n = 1;; n += test_part()) {
        store.reset();
        files.restart(random);
        for (const std::string& path : files.paths()) ASSERT_TRUE(files.remove(path));
        counter = 0;
        open();
        id = store->define(counter_def("sw-01", "1")).value();
        start = loop.wall().time_since_epoch().count();
        poll(100);
        files.cut_power_at(n);
        poll(30);
        const bool cut = files.power_is_cut();
        const std::uint64_t sent = counter;
        store.reset();
        files.restart(random);
        open();
        id = store->define(counter_def("sw-01", "1")).value();
        for (std::uint64_t i = 101; i <= sent; ++i) append(i, id, i * 600);
        loop.advance(10s);
        std::map<std::uint64_t, int> seen;
        for (const std::uint64_t value : raw(0, loop.wall().time_since_epoch().count() + kHour))
            ++seen[value];
        EXPECT_EQ(seen.size(), sent) << "cut at operation " << n;
        for (const auto& [value, times] : seen) EXPECT_EQ(times, 1) << value << ", cut at operation " << n;
        EXPECT_EQ(replay_all().size(), sent) << "cut at operation " << n;
        if (!cut || testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace outstation::store
