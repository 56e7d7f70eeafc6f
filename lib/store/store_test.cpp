// SPDX-License-Identifier: GPL-3.0-or-later
// The store over the file system that forgets, on virtual time: acknowledgements, resends, restarts,
// questions.
#include "lib/store/store.hpp"

#include <gtest/gtest.h>

#include <map>

#include "lib/event/sim_loop.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/store/journal/fake_file_system.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kSecond = 1'000'000'000;
const std::string kBoot = "0123456789abcdef";

wire::SeriesDef counter_def(const std::string& device, const std::string& interface) {
    return {0, device, "if_in_octets_total", {{"if_name", interface}}, SeriesKind::counter, "1.3.6.1", 1.0};
}

struct StoreTest : testing::Test, Store::Observer {
    void SetUp() override { open(); }
    void TearDown() override { store.reset(); }

    void open() {
        store.reset();
        Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        opened = {};
        auto made = open_journal_store({loop, files, worker, worker}, options, opened);
        ASSERT_TRUE(made) << made.error().text;
        store = std::move(*made);
        store->set_observer(this);
    }
    wire::SampleRecord counter_sample(std::uint32_t id, std::uint64_t value) {
        wire::SampleRecord out;
        out.device = "sw-01";
        out.stamp = {loop.wall().time_since_epoch().count(), 5, kBoot, ClockQuality::synchronised};
        out.counter_series = {id};
        out.counters = {value};
        return out;
    }
    void append(std::uint64_t counter, std::uint32_t id, std::uint64_t value) {
        store->append({"polld", incarnation, counter}, {counter_sample(id, value)},
                      [this, counter](const Result<Accepted>& result) { answers[counter] = result; });
    }
    void append_state(std::uint64_t counter, const std::string& kind, const std::string& component = "",
                      const std::string& value = "") {
        wire::StateRecord record;
        record.device = "sw-01";
        record.stamp.wall_ns = loop.wall().time_since_epoch().count();
        record.stamp.boot_id = kBoot;
        record.kind = kind;
        record.component = component;
        record.value = value;
        store->append({"polld", incarnation, counter}, std::vector{record},
                      [this, counter](const Result<Accepted>& result) { answers[counter] = result; });
    }
    template <typename Reply, typename Request>
    Result<Reply> ask(void (Store::*question)(const Request&, Store::Answer<Reply>), const Request& request) {
        Result<Reply> out = fail(ErrorCode::timeout, "no answer");
        ((*store).*question)(request, [&](Result<Reply> reply) { out = std::move(reply); });
        loop.advance(1ms);
        return out;
    }

    // Every sample, question after question; each number is a record's or a gap's.
    std::vector<wire::SampleRecord> replay_all() {
        std::vector<wire::SampleRecord> out;
        std::uint64_t next = 1;
        for (bool more = true; more;) {
            const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, next, 0}).value();
            for (const auto& gap : reply.gaps) {
                EXPECT_EQ(gap.first_sequence, next);
                next += gap.count;
            }
            EXPECT_TRUE(reply.samples.empty() || reply.first_sequence == next);
            next += reply.samples.size();
            out.insert(out.end(), reply.samples.begin(), reply.samples.end());
            more = reply.more;
        }
        EXPECT_EQ(next, store->status().streams[1].last_sequence + 1);
        return out;
    }

    void on_samples(std::uint64_t first, const std::vector<wire::SampleRecord>& records) override {
        accepted_end = first + records.size();
    }
    void on_states(std::uint64_t, const std::vector<wire::StateRecord>&) override {}
    void on_durable(StreamId stream, std::uint64_t sequence) override { durable[stream] = sequence; }
    void on_failed(const Error& error) override { failure = error.text; }

    std::uint64_t segment_octets = 65536;
    std::uint64_t incarnation = 7;
    SimLoop loop;
    FakeFileSystem files;
    InlineWorker worker;
    std::unique_ptr<Store> store;
    Journal::Opened opened;
    std::map<std::uint64_t, Result<Accepted>> answers;
    std::map<StreamId, std::uint64_t> durable;
    std::uint64_t accepted_end = 0;
    std::string failure;
};

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
    const auto latest = store->latest({"", "if_in_octets_total", 0, 0});
    ASSERT_EQ(latest.rows.size(), 1U);
    EXPECT_EQ(latest.rows[0].counter, counter);
    EXPECT_EQ(latest.rows[0].previous_counter, counter - 1);
    const auto states = store->device_states();
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
    EXPECT_TRUE(store->latest({}).rows.empty());
    EXPECT_FALSE(store->define({0, "", "m", {}, SeriesKind::gauge, "", 1.0}));
    EXPECT_FALSE(store->define({0, "d", "m", {}, SeriesKind{7}, "", 1.0}));
}

TEST_F(StoreTest, RangeGivesRawPointsAndRatesWithGapsAndResets) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const std::int64_t start = loop.wall().time_since_epoch().count();
    const std::uint64_t values[] = {1000, 1600, 2200, 100, 700};  // a reset before the fourth
    std::uint64_t counter = 0;
    for (const std::uint64_t value : values) {
        append(++counter, id, value);
        loop.advance(60s);
    }
    loop.advance(600s);  // silence
    append(++counter, id, 6700);
    append(++counter, id, 6700);
    loop.advance(60s);
    const auto raw = ask(&Store::range, wire::RangeRequest{{id}, start, start + 3600 * kSecond, 0, 0});
    ASSERT_TRUE(raw) << raw.error().text;
    EXPECT_EQ(raw->complete_to_ns, start + 3600 * kSecond);
    EXPECT_EQ(raw->columns[0].counters, (std::vector<std::uint64_t>{1000, 1600, 2200, 100, 700, 6700, 6700}));
    const auto rates = ask(
        &Store::range, wire::RangeRequest{{id}, start, start + 300 * kSecond, 60 * kSecond, 180 * kSecond});
    ASSERT_TRUE(rates);
    EXPECT_EQ(rates->columns[0].count, (std::vector<std::uint32_t>{0, 1, 1, 0, 1}));
    EXPECT_DOUBLE_EQ(rates->columns[0].mean[1], 10.0);
    const auto after =
        ask(&Store::range,
            wire::RangeRequest{{id}, start + 300 * kSecond, start + 1200 * kSecond, 60 * kSecond, 0});
    ASSERT_TRUE(after);
    for (const auto count : after->columns[0].count) EXPECT_EQ(count, 0U);
}

TEST_F(StoreTest, ImpossibleRangesAreRefused) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const auto code = [&](const wire::RangeRequest& request) {
        const auto reply = ask(&Store::range, request);
        return reply ? ErrorCode::bug : reply.error().code;
    };
    EXPECT_EQ(code({{}, 0, 1, 0, 0}), ErrorCode::malformed);
    EXPECT_EQ(code({{id}, 5, 5, 0, 0}), ErrorCode::malformed);
    EXPECT_EQ(code({{id, id}, 0, 5, 0, 0}), ErrorCode::malformed);
    EXPECT_EQ(code({{id + 1}, 0, 5, 0, 0}), ErrorCode::not_found);
    EXPECT_EQ(code({{id}, 0, INT64_MAX, 1, 0}), ErrorCode::exhausted);
    EXPECT_EQ(code({std::vector<std::uint32_t>(65, id), 0, 5, 0, 0}), ErrorCode::malformed);
}

TEST_F(StoreTest, EventsComeNewestFirstAndPageBack) {
    for (std::uint64_t i = 1; i <= 10; ++i) append_state(i, i % 2 == 0 ? "device_up" : "device_down");
    append_state(11, "attribute", "sys_name", "core");
    loop.advance(1s);
    const auto first = ask(&Store::events, wire::EventsRequest{"sw-01", 0, 4, false});
    ASSERT_TRUE(first);
    ASSERT_EQ(first->events.size(), 4U);
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->events[0].sequence, 10U);
    EXPECT_EQ(first->events[0].record.stamp.boot_id, kBoot);
    const auto rest = ask(&Store::events, wire::EventsRequest{"sw-01", 7, 0, true});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->events.size(), 6U);
    EXPECT_FALSE(rest->more);
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{"other", 0, 0, true})->events.empty());
}

TEST_F(StoreTest, ReplayGivesDurableRecordsWithTheirBatches) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    for (std::uint64_t i = 1; i <= 10; ++i) append(i, id, i);
    loop.advance(10s);
    append(11, id, 11);  // accepted, not durable
    const auto part = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 3, 5});
    ASSERT_TRUE(part);
    EXPECT_EQ(part->first_sequence, 3U);
    ASSERT_EQ(part->samples.size(), 5U);
    EXPECT_EQ(part->samples[0].counters[0], 3U);
    ASSERT_EQ(part->batches.size(), 5U);
    EXPECT_EQ(part->batches[0].counter, 3U);
    EXPECT_TRUE(part->more);
    const auto rest = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 8, 0});
    EXPECT_EQ(rest->samples.size(), 3U);
    EXPECT_FALSE(rest->more);
}

// The last record is damaged: its number is stated as a gap, and everything around it is answered.
TEST_F(StoreTest, ReplayTellsTheGapThatDamageLeft) {
    for (std::uint64_t i = 1; i <= 3; ++i) {
        append_state(i, "attribute", "n", std::to_string(i));
        loop.advance(1s);
    }
    store.reset();
    const std::string path = "journal/" + segment_name(StreamId::state, 1);
    std::string bytes = files.contents(path);
    const std::size_t last = bytes.find_last_not_of('\0');
    bytes[last] = static_cast<char>(bytes[last] ^ 1);
    files.set_contents(path, bytes);
    open();
    ASSERT_EQ(opened.damage.size(), 1U);
    append_state(4, "attribute", "n", "4");
    loop.advance(1s);
    EXPECT_EQ(answers.at(4)->first_sequence, 4U);
    const auto front = ask(&Store::replay, wire::ReplayRequest{StreamId::state, 1, 0});
    ASSERT_TRUE(front);
    EXPECT_EQ(front->states.size(), 2U);
    EXPECT_TRUE(front->gaps.empty());
    EXPECT_TRUE(front->more);
    const auto rest = ask(&Store::replay, wire::ReplayRequest{StreamId::state, 3, 0});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->gaps, (std::vector<wire::SequenceGap>{{3, 1}}));
    EXPECT_EQ(rest->first_sequence, 4U);
    EXPECT_EQ(rest->states.size(), 1U);
    EXPECT_FALSE(rest->more);
    EXPECT_EQ(ask(&Store::events, wire::EventsRequest{"", 0, 0, true})->events.size(), 3U);
    EXPECT_EQ(store->device_states().devices[0].attributes[0].value, "4");
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

TEST_F(StoreTest, FlushMakesEverythingDurableNow) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 1);
    bool done = false;
    store->flush([&] { done = true; });
    loop.advance(1ms);
    EXPECT_TRUE(done);
    EXPECT_TRUE(answers.contains(1));
}

// Power lost at every operation of a run with rolls, then the producer's resend: each value once, none
// missing.
TEST_F(StoreTest, PowerCutAtEveryOperationThenResendLosesAndDoublesNothing) {
    constexpr std::uint64_t kBatches = 25;
    std::mt19937_64 random(1);
    for (std::size_t n = 1;; ++n) {
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
    EXPECT_EQ(store->latest({}).rows.size(), 2U);
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
    EXPECT_EQ(dictionary.kind_of(1), SeriesKind::gauge);
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

}  // namespace
}  // namespace outstation::store
