// SPDX-License-Identifier: GPL-3.0-or-later
// The store over the file system that forgets, on virtual time: acknowledgements, resends, restarts.
#include "lib/store/store_test.hpp"

#include <random>

#include "lib/store/dictionary.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

TEST_F(StoreTest, SamplesAreAcknowledgedAtTheFlushAndStatesAtOnce) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 100);
    append_state(2, "device_up");
    loop.advance(1s);
    EXPECT_FALSE(answers.contains(1));
    EXPECT_EQ(accepted_end, 2U);
    ASSERT_TRUE(answers.contains(2));
    EXPECT_EQ(answers.at(2)->first_sequence, 1U);
    EXPECT_EQ(store->status().durable_lag_ns, kSecond);
    loop.advance(10s);
    ASSERT_TRUE(answers.contains(1));
    EXPECT_EQ(durable.at(StreamId::samples), 1U);
    EXPECT_EQ(store->status().durable_lag_ns, 0);
}

TEST_F(StoreTest, ResendsAreRecognisedBeforeAndAfterTheFlushAndAfterARestart) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 100);
    append(1, id, 100);
    EXPECT_TRUE(answers.empty());  // a resend is not durable earlier than the batch
    loop.advance(10s);
    EXPECT_EQ(answers.at(1)->last_sequence, 1U);
    answers.clear();
    append(1, id, 100);
    EXPECT_TRUE(answers.at(1)->duplicate);
    open();
    answers.clear();
    append(1, id, 100);
    ASSERT_TRUE(answers.contains(1));
    EXPECT_TRUE(answers.at(1)->duplicate);
    EXPECT_EQ(store->status().streams[1].last_sequence, 1U);
    incarnation = 8;  // the daemon was started again: its counters begin anew
    answers.clear();
    append(1, id, 101);
    loop.advance(10s);
    EXPECT_FALSE(answers.at(1)->duplicate);
    EXPECT_EQ(answers.at(1)->first_sequence, 2U);
}

TEST_F(StoreTest, NumbersLatestAndStatesSurviveARestartWithoutTheOldSegments) {
    const std::uint32_t gone = store->define(counter_def("sw-01", "gone")).value();
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, gone, 1);
    append_state(2, "attribute", "sys_name", "core");
    append_state(3, "device_up");
    store->configure({10s, 3 * segment_octets, 0s});
    std::uint64_t counter = 3;
    while (store->status().streams[1].first_sequence < 2) {
        wire::SampleRecord sample = counter_sample(id, ++counter);
        sample.device = std::string(2000, 'x');
        for (char& c : sample.device) c = static_cast<char>('a' + std::rand() % 26);
        store->append({"polld", 7, counter}, {sample}, [](const Result<Accepted>&) {});
        loop.advance(10s);
        ASSERT_LT(counter, 1000U);
    }
    open();
    EXPECT_TRUE(opened.damage.empty());
    EXPECT_EQ(store->define(counter_def("sw-01", "1")).value(), id);
    // The number of the series that is gone is not given to another.
    EXPECT_GT(store->define(counter_def("sw-02", "new")).value(), std::max(gone, id));
    const auto latest = latest_of(*store, {"", "if_in_octets_total", 0, 0});
    ASSERT_EQ(latest.rows.size(), 1U);
    EXPECT_EQ(latest.rows[0].counter, counter);
    EXPECT_EQ(latest.rows[0].previous_counter, counter - 1);
    const auto states = store->device_states({});
    ASSERT_EQ(states.devices.size(), 1U);
    EXPECT_EQ(states.devices[0].state, wire::DeviceState::up);
    EXPECT_EQ(states.devices[0].attributes[0].value, "core");
}

TEST_F(StoreTest, MalformedBatchesAreRefusedWhole) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    auto unequal = counter_sample(id, 1);
    unequal.counters.push_back(2);
    auto unknown = counter_sample(id + 1, 1);
    auto wrong_column = counter_sample(id, 1);
    wrong_column.gauge_series = {id};
    wrong_column.gauges = {1.0};
    for (const auto& bad : {unequal, unknown, wrong_column}) {
        ErrorCode code = ErrorCode::bug;
        store->append({"polld", 7, 1}, {counter_sample(id, 5), bad},
                      [&](const Result<Accepted>& result) { code = result.error().code; });
        EXPECT_EQ(code, ErrorCode::malformed);
    }
    EXPECT_TRUE(latest_of(*store, {}).rows.empty());
    EXPECT_FALSE(store->define({0, "", "m", {}, SeriesKind::gauge, "", 1.0}));
    EXPECT_FALSE(store->define({0, "d", "m", {}, SeriesKind{7}, "", 1.0}));
}

TEST_F(StoreTest, AFailedWriteIsNeverAcknowledged) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 1);
    loop.advance(10s);
    append(2, id, 2);
    files.fail_operation(2);  // the sync of the frame
    loop.advance(10s);
    EXPECT_FALSE(answers.contains(2));
    EXPECT_NE(failure.find("injected"), std::string::npos);
    append(3, id, 3);
    EXPECT_EQ(answers.at(3).error().code, ErrorCode::io);
    bool drained = false;
    store->flush([&] { drained = true; });
    loop.advance(1s);
    EXPECT_TRUE(drained);
    open();  // the producer sends again what it was never told about
    answers.clear();
    append(2, id, 2);
    append(3, id, 3);
    loop.advance(10s);
    EXPECT_TRUE(answers.at(2));
    const auto all = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0});
    ASSERT_EQ(all->samples.size(), 3U);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(all->samples[i].counters[0], i + 1);
}

// As a confd that is started again and again does.
TEST_F(StoreTest, SettingsThatComeOftenPutNoFlushOff) {
    append(1, store->define(counter_def("sw-01", "1")).value(), 600);
    for (int i = 0; i < 3; ++i) {
        loop.advance(4s);
        store->configure({10s, 0, 0s});
    }
    EXPECT_TRUE(answers.contains(1));
    append(2, 1, 601);
    store->configure({2s, 0, 0s});  // another interval is at once in force
    loop.advance(2s);
    EXPECT_TRUE(answers.contains(2));
}

TEST_F(StoreTest, FlushMakesEverythingDurableNow) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 1);
    bool done = false;
    store->flush([&] { done = true; });
    loop.advance(1ms);
    EXPECT_TRUE(done);
    EXPECT_TRUE(answers.contains(1));
}

TEST_F(StoreTest, AFlushIsDoneWithWhatWasAcceptedBeforeItAndNotLater) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    worker.held = true;
    append(1, id, 1);
    int done = 0;
    store->flush([&] { ++done; });
    append(2, id, 2);  // the writer is at work on the first
    loop.advance(1ms);
    EXPECT_EQ(done, 0);
    worker.run_one();
    loop.advance(1ms);
    EXPECT_EQ(done, 1);
    EXPECT_TRUE(answers.contains(1));
    EXPECT_FALSE(answers.contains(2));  // not durable, and nobody was told so
    store->flush([&] { ++done; });
    worker.release();
    loop.advance(1ms);
    EXPECT_EQ(done, 2);
    EXPECT_TRUE(answers.at(2));
}

// A batch that was turned away must not be overtaken: it would be taken for a resend afterwards, and be lost.
TEST_F(StoreTest, AfterABatchWasTurnedAwayLaterOnesAreTooUntilTheProducerGoesBack) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const auto large = [&](std::uint64_t counter) {
        std::vector<wire::SampleRecord> records(8000, counter_sample(id, counter));
        for (auto& record : records) record.device = std::string(1000, 'x');
        store->append({"polld", 7, counter}, records,
                      [this, counter](const Result<Accepted>& result) { answers[counter] = result; });
    };
    worker.held = true;
    std::uint64_t counter = 0;
    while (!answers.contains(counter)) large(++counter);
    const std::uint64_t first = counter;
    ASSERT_EQ(answers.at(first).error().code, ErrorCode::exhausted);
    append(first + 1, id, 1);
    worker.release();
    loop.advance(10s);
    append(first + 2, id, 2);  // there is room, but it is not its turn
    EXPECT_EQ(answers.at(first + 1).error().code, ErrorCode::exhausted);
    EXPECT_EQ(answers.at(first + 2).error().code, ErrorCode::exhausted);
    append_state(first + 3, "device_up");  // another stream
    incarnation = 8;
    append(1, id, 1);  // another start of the daemon
    incarnation = 7;
    answers.clear();
    append(first + 1, id, 1);  // the producer dropped `first` meanwhile
    append(first + 2, id, 2);
    loop.advance(10s);
    EXPECT_FALSE(answers.at(first + 1)->duplicate);
    EXPECT_EQ(answers.at(first + 2)->first_sequence, answers.at(first + 1)->first_sequence + 1);
}

// Power lost at every operation of a run with rolls, then the producer's resend: each value once, none
// missing.
TEST_F(StoreTest, PowerCutAtEveryOperationThenResendLosesAndDoublesNothing) {
    constexpr std::uint64_t kBatches = 25;
    std::mt19937_64 random(1);
    for (std::size_t n = 1;; n += test_part()) {
        files.restart(random);
        for (const std::string& path : files.paths()) ASSERT_TRUE(files.remove(path));
        segment_octets = 8192;
        open();
        answers.clear();
        files.cut_power_at(n);
        const auto run = [&] {
            const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
            for (std::uint64_t i = 1; i <= kBatches; ++i) {
                if (answers.contains(i) && answers.at(i)) continue;
                append(i, id, i);
                loop.advance(10s);
            }
        };
        run();
        const bool whole = answers.size() == kBatches && answers.at(kBatches).has_value();
        store.reset();
        files.restart(random);
        open();
        for (const Damage& damage : opened.damage) EXPECT_TRUE(damage.tail) << damage.what;
        run();
        const auto all = replay_all();
        ASSERT_EQ(all.size(), kBatches) << "power cut at operation " << n;
        for (std::uint64_t i = 0; i < kBatches; ++i) ASSERT_EQ(all[i].counters[0], i + 1) << n;
        if (whole) break;
    }
}

// What was a counter and is a gauge now is another series: values of both kinds stay readable as what they
// are.
TEST_F(StoreTest, KindIsPartOfTheIdentity) {
    const auto counter = counter_def("sw-01", "1");
    auto gauge = counter;
    gauge.kind = SeriesKind::gauge;
    const std::uint32_t id = store->define(counter).value();
    append(1, id, 41);
    loop.advance(10s);
    const std::uint32_t other = store->define(gauge).value();
    EXPECT_NE(other, id);
    auto record = counter_sample(id, 0);
    record.counter_series.clear();
    record.counters.clear();
    record.gauge_series = {other};
    record.gauges = {0.5};
    store->append({"polld", 7, 2}, std::vector{record},
                  [this](const Result<Accepted>& result) { answers[2] = result; });
    loop.advance(10s);
    ASSERT_TRUE(answers.at(2)) << answers.at(2).error().text;
    open();
    EXPECT_EQ(store->define(counter).value(), id);
    EXPECT_EQ(store->define(gauge).value(), other);
    EXPECT_EQ(store->series(id)->kind, SeriesKind::counter);
    EXPECT_EQ(latest_of(*store, {}).rows.size(), 2U);
}

// The definition of a series is damaged, its values are not: its number is not given to another.
TEST_F(StoreTest, ANumberWhoseDefinitionIsLostIsNotGivenAgain) {
    append(1, store->define(counter_def("sw-01", "1")).value(), 1);
    loop.advance(10s);
    const std::uint32_t lost = store->define(counter_def("sw-01", "2")).value();
    append(2, lost, 2);
    loop.advance(10s);
    append(3, lost, 3);
    loop.advance(10s);
    store.reset();
    spoil_frame("samples", 2);
    open();
    EXPECT_GT(store->define(counter_def("sw-01", "3")).value(), lost);
}

// Texts of a producer cannot imitate the parts of another series' identity.
TEST_F(StoreTest, SeriesThatDifferOnlyInWhereATextEndsAreTwo) {
    const std::string nul(1, '\0');
    const std::uint32_t one = store->define({0, "a", "b", {{"c", "d"}}, SeriesKind::gauge, "", 1.0}).value();
    for (const auto& other :
         {wire::SeriesDef{0, "a", "b" + nul + "c" + nul + "d", {}, SeriesKind::gauge, "", 1.0},
          wire::SeriesDef{0, "a", "b1:c1:d", {}, SeriesKind::gauge, "", 1.0}})
        EXPECT_NE(store->define(other).value(), one);
}

// A journal of before may give a number to both kinds: the last one stands.
TEST(DictionaryTest, ANumberThatChangedItsMeaningIsFoundByTheLastOneOnly) {
    Dictionary dictionary;
    auto def = counter_def("sw-01", "1");
    def.id = 1;
    dictionary.restore(def);
    def.kind = SeriesKind::gauge;
    dictionary.restore(def);
    EXPECT_EQ(dictionary.define(def).value(), 1U);
    EXPECT_TRUE(dictionary.are_all({1}, SeriesKind::gauge));
    EXPECT_FALSE(dictionary.are_all({1}, SeriesKind::counter));
    EXPECT_FALSE(dictionary.are_all({2}, SeriesKind::gauge));
    EXPECT_EQ(dictionary.define(counter_def("sw-01", "1")).value(), 2U);
}

TEST_F(StoreTest, RedefinedScaleKeepsTheNumber) {
    auto def = counter_def("sw-01", "1");
    const std::uint32_t id = store->define(def).value();
    append(1, id, 1);
    loop.advance(10s);
    def.scale = 8.0;
    EXPECT_EQ(store->define(def).value(), id);
    append(2, id, 2);
    loop.advance(10s);
    open();
    EXPECT_EQ(store->series(id)->scale, 8.0);
}

// As retention leaves it when the next frame found no room.
TEST_F(StoreTest, AResendIsRecognisedBehindASegmentWithoutARecord) {
    append_state(1, "device_up");
    loop.advance(1s);
    ASSERT_TRUE(answers.at(1));
    store.reset();
    {
        Journal::Opened ignored;
        Journal::Options options;
        options.directory = "journal";
        const auto journal = Journal::open(files, options, ignored).value();
        JournalStream& stream = journal->stream(StreamId::state);
        ASSERT_TRUE(stream.prepare(segment_octets, 0));
        ASSERT_EQ(stream.segments(), 2U);
        (void)stream.drop_oldest();
    }
    open();
    append_state(1, "device_up");
    loop.advance(1s);
    EXPECT_TRUE(answers.at(1)->duplicate);
    EXPECT_EQ(store->status().streams[0].last_sequence, 1U);
}

}  // namespace
}  // namespace outstation::store
