// SPDX-License-Identifier: GPL-3.0-or-later
// What a store answers: ranges, events, replay, latest values, and what of it cannot be read any more.
#include "lib/store/damaged_spans.hpp"
#include "lib/store/journal/crc32c.hpp"
#include "lib/store/queries.hpp"
#include "lib/store/store_test.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

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
    const std::vector<std::int64_t> resets{start + 180 * kSecond};
    EXPECT_EQ(raw->columns[0].resets, resets);
    const auto rates = ask(
        &Store::range, wire::RangeRequest{{id}, start, start + 300 * kSecond, 60 * kSecond, 180 * kSecond});
    ASSERT_TRUE(rates);
    EXPECT_EQ(rates->columns[0].count, (std::vector<std::uint32_t>{0, 1, 1, 0, 1}));
    EXPECT_DOUBLE_EQ(rates->columns[0].mean[1], 10.0);
    EXPECT_EQ(rates->columns[0].resets, resets);
    const auto after =
        ask(&Store::range,
            wire::RangeRequest{{id}, start + 300 * kSecond, start + 1200 * kSecond, 60 * kSecond, 0});
    ASSERT_TRUE(after);
    for (const auto count : after->columns[0].count) EXPECT_EQ(count, 0U);
    EXPECT_TRUE(after->columns[0].resets.empty());
}

// In memory, in history and, by the last values of buckets, where it is thinned.
TEST_F(StoreTest, AResetOfACounterIsMarkedOnEachLevel) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const std::int64_t start = loop.wall().time_since_epoch().count();
    std::uint64_t counter = 0;
    const auto measure = [&](std::uint64_t value) {
        append(++counter, id, value);
        loop.advance(60s);
    };
    const auto resets = [&](std::int64_t step_ns) {
        const auto reply =
            ask(&Store::range, wire::RangeRequest{{id}, start, start + 24 * 3600 * kSecond, step_ns, 0});
        return reply.value().columns[0].resets;
    };
    const auto seal = [&] {
        store->seal([] {});
        loop.advance(2h);
    };
    for (std::uint64_t i = 0; i < 40; ++i) measure(i == 20 ? 5 : i < 20 ? 100'000 + 600 * i : 600 * i);
    const std::int64_t at_ns = start + 20 * 60 * kSecond;
    const std::vector<std::int64_t> once{at_ns};
    EXPECT_EQ(resets(0), once);
    EXPECT_EQ(resets(3600 * kSecond), once);
    seal();
    EXPECT_EQ(resets(0), once);
    EXPECT_EQ(resets(3600 * kSecond), once);
    Settings settings;
    settings.retention = 1h;
    store->configure(settings);
    for (std::uint64_t i = 0; i < 2; ++i) measure(30'000 + i), seal();
    for (const std::int64_t step_ns : {std::int64_t{0}, 900 * kSecond}) {
        const auto found = resets(step_ns);
        ASSERT_EQ(found.size(), 1U) << step_ns;
        EXPECT_GE(found[0], at_ns);
        EXPECT_LT(found[0], at_ns + 900 * kSecond);
        EXPECT_NE(found[0], at_ns);  // nobody knows the sample any more
    }
}

// The device says that it was restarted; its counter is higher than before, all the same.
TEST_F(StoreTest, ARestartOfTheDeviceIsAResetOfItsCounters) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const std::uint32_t uptime =
        store->define({0, "sw-01", "sys_uptime_seconds", {}, SeriesKind::gauge, "", 1.0}).value();
    const std::int64_t start = loop.wall().time_since_epoch().count();
    for (std::uint64_t i = 0; i < 6; ++i) {
        wire::SampleRecord record = counter_sample(id, 1000 * (i + 1));
        record.gauge_series = {uptime};
        record.gauges = {i < 3 ? 5000.0 + 60.0 * static_cast<double>(i) : 60.0 * static_cast<double>(i)};
        store->append({"polld", incarnation, i + 1}, {record}, [](const Result<Accepted>&) {});
        loop.advance(60s);
    }
    const std::vector<std::int64_t> once{start + 180 * kSecond};
    for (int sealed = 0; sealed < 2; ++sealed) {
        for (const std::int64_t step_ns : {std::int64_t{0}, 60 * kSecond}) {
            const auto reply =
                ask(&Store::range, wire::RangeRequest{{id}, start, start + 3600 * kSecond, step_ns, 0});
            EXPECT_EQ(reply.value().columns[0].resets, once) << step_ns << " sealed " << sealed;
        }
        store->seal([] {});
        loop.advance(60s);
    }
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

// What an alarm was raised by is not lost with the power when the alarm is not.
TEST_F(StoreTest, AnAlarmIsDurableTogetherWithTheSamplesBeforeIt) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 1000);
    append_state(2, "device_up");
    loop.advance(1ms);
    EXPECT_TRUE(answers.contains(2));
    EXPECT_FALSE(answers.contains(1));  // other states leave samples to their interval
    wire::StateRecord record;
    record.device = "sw-01";
    record.stamp = {loop.wall().time_since_epoch().count(), 5, kBoot, ClockQuality::synchronised};
    record.kind = "alarm";
    record.alarm.emplace();
    bool alarm_kept = false;
    store->append({"alertd", incarnation, 1}, std::vector{record},
                  [&alarm_kept](const Result<Accepted>& result) { alarm_kept = result.has_value(); });
    append(3, id, 2000);
    loop.advance(1ms);
    EXPECT_TRUE(alarm_kept);
    EXPECT_TRUE(answers.contains(1));
    EXPECT_FALSE(answers.contains(3));
}

TEST_F(StoreTest, EventsComeNewestFirstAndPageBack) {
    for (std::uint64_t i = 1; i <= 10; ++i) append_state(i, i % 2 == 0 ? "device_up" : "device_down");
    append_state(11, "attribute", "sys_name", "core");
    loop.advance(1s);
    const auto first = ask(&Store::events, wire::EventsRequest{"sw-01", 0, 4, false});
    ASSERT_TRUE(first);
    ASSERT_EQ(first->events.size(), 4U);
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->next_before, 7U);
    EXPECT_EQ(first->events[0].sequence, 10U);
    EXPECT_EQ(first->events[0].record.stamp.boot_id, kBoot);
    const auto rest = ask(&Store::events, wire::EventsRequest{"sw-01", 7, 0, true});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->events.size(), 6U);
    EXPECT_FALSE(rest->more);
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{"other", 0, 0, true})->events.empty());
}

TEST_F(StoreTest, AQuestionForWhatIsRareLooksAtSoMuchAndSaysWhereToGoOn) {
    append_state(1, "device_down");
    wire::StateRecord other;
    other.device = "sw-02";
    other.kind = "device_down";
    const std::vector<wire::StateRecord> many(2000, other);
    constexpr std::uint64_t kBatches = kMaxLooked / 2000 + 1;
    for (std::uint64_t i = 0; i < kBatches; ++i) {
        store->append({"polld", incarnation, 2 + i}, many, [](const auto&) {});
        loop.advance(1s);
    }
    const auto none = ask(&Store::events, wire::EventsRequest{"sw-01", 0, 0, true});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->events.empty());
    ASSERT_TRUE(none->more);
    EXPECT_GT(none->next_before, 1U);
    EXPECT_LE(none->next_before, kBatches * 2000 + 2 - kMaxLooked + 2000);
    const auto rest = ask(&Store::events, wire::EventsRequest{"sw-01", none->next_before, 0, true});
    ASSERT_TRUE(rest);
    ASSERT_EQ(rest->events.size(), 1U);
    EXPECT_EQ(rest->events[0].sequence, 1U);
    EXPECT_FALSE(rest->more);
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
    EXPECT_EQ(store->device_states({}).devices[0].attributes[0].value, "4");
}

TEST_F(StoreTest, TheStateOfInterfacesIsFoldedByTheirIndex) {
    append_state(1, "interface_down", "port", "1");
    append_state(2, "interface_up", "port", "2");
    append_state(3, "interface_down", "port", "2");
    append_state(4, "interface_up", "port", "1");
    append_state(5, "interface_down", "older");  // without its index
    loop.advance(1s);
    open();
    EXPECT_TRUE(store->device_states({}).devices[0].interfaces.empty());
    EXPECT_TRUE(store->device_states({"sw-02", true}).devices.empty());
    const auto states = store->device_states({"sw-01", true});
    EXPECT_EQ(states.devices[0].interfaces,
              (std::vector<wire::InterfaceStateRow>{{"1", "port", true, true}, {"2", "port", false, true}}));
}

// So that polld does not tell it again.
TEST_F(StoreTest, WhatInterfacesAreCalledIsFoldedUntilTheyAreGone) {
    wire::StateRecord record;
    record.device = "sw-01";
    record.component = "GE1";
    record.value = "1";
    std::uint64_t counter = 0;
    const auto tell = [&](const char* kind, const char* text) {
        record.kind = kind;
        record.text = text;
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(1s);
    };
    const auto interfaces = [&] { return store->device_states({"sw-01", true}).devices.at(0).interfaces; };
    tell("interface_name", "");
    tell("interface_descr", "Gigabit 1");
    tell("interface_alias", "uplink");
    open();
    EXPECT_EQ(
        interfaces(),
        (std::vector<wire::InterfaceStateRow>{{"1", "GE1", false, false, true, "Gigabit 1", "uplink"}}));
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{})->events.empty());
    tell("interface_gone", "");
    open();
    EXPECT_TRUE(interfaces().empty());
}

// Likewise.
TEST_F(StoreTest, StatesThatPacksKnowAreFoldedUntilTheyAreGone) {
    wire::StateRecord record;
    record.device = "ups-01";
    record.component = "Battery";
    record.value = "1.3.6.1.2.1.33.1.2.1.0";
    record.reason = "warning";
    std::uint64_t counter = 0;
    const auto tell = [&](const char* kind, const char* text) {
        record.kind = kind;
        record.text = text;
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(1s);
    };
    const auto components = [&] { return store->device_states({"ups-01", true}).devices.at(0).components; };
    tell("component_state", "low");
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{})->events.empty());
    tell("component_changed", "empty");
    open();
    EXPECT_EQ(components(),
              (std::vector<wire::ComponentStateRow>{{record.value, "Battery", "warning", "empty"}}));
    EXPECT_EQ(ask(&Store::events, wire::EventsRequest{})->events.size(), 1U);
    tell("component_gone", "");
    open();
    EXPECT_TRUE(components().empty());
}

// Likewise; they come when they are asked for.
TEST_F(StoreTest, NeighboursAreFoldedUntilTheyAreGone) {
    wire::StateRecord record;
    record.device = "sw-01";
    record.component = "GE1";
    record.value = "lldp|GE1|core";
    record.reason = "lldp";
    std::uint64_t counter = 0;
    const auto tell = [&](const char* kind, const char* text, std::int64_t at_ns) {
        record.kind = kind;
        record.text = text;
        record.stamp.wall_ns = at_ns;
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(1s);
    };
    const auto neighbours = [&](bool asked) {
        return store->device_states({"sw-01", false, "", asked}).devices.at(0).neighbours;
    };
    tell("neighbour_seen", "core|XGE1||", 100);
    tell("neighbour_seen", "core|XGE2||", 200);
    open();
    EXPECT_EQ(neighbours(true),
              (std::vector<wire::NeighbourRow>{{record.value, "GE1", "lldp", "core|XGE2||", 100}}));
    EXPECT_TRUE(neighbours(false).empty());
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{})->events.empty());
    tell("neighbour_gone", "", 300);
    open();
    EXPECT_TRUE(neighbours(true).empty());
}

TEST_F(StoreTest, StatesOfManyDevicesComeInPages) {
    wire::StateRecord record;
    record.kind = "attribute";
    record.component = "sys_descr";
    record.value.assign(4000, 'x');
    for (int device = 0; device < 1200; ++device) {
        record.device = "device-" + std::to_string(device);
        store->append({"polld", 1, static_cast<std::uint64_t>(device) + 1}, {record},
                      [](const Result<Accepted>&) {});
    }
    std::set<std::string> seen;
    int pages = 0;
    wire::DeviceStatesReply page;
    do {
        page = store->device_states({"", true, page.devices.empty() ? "" : page.devices.back().device});
        ASSERT_FALSE(page.devices.empty());
        EXPECT_LT(wire::encode(page).size(), std::size_t{2} << 20);
        for (const auto& row : page.devices) EXPECT_TRUE(seen.insert(row.device).second);
        ++pages;
    } while (page.more);
    EXPECT_EQ(seen.size(), 1200U);
    EXPECT_EQ(pages, 3);
}

TEST_F(StoreTest, A32BitCounterThatWrapsHasARateAndARestartHasNone) {
    auto def = counter_def("sw-01", "1");
    def.labels.push_back({"width", "32"});
    const std::uint32_t id = store->define(def).value();
    const std::uint32_t wide = store->define(counter_def("sw-01", "1")).value();
    const std::uint32_t uptime =
        store->define({0, "sw-01", "sys_uptime_seconds", {}, SeriesKind::gauge, "", 0.01}).value();
    ASSERT_NE(id, wide);
    const std::int64_t start = loop.wall().time_since_epoch().count();
    std::uint64_t counter = 0;
    const auto poll = [&](std::uint64_t octets, double uptime_s) {
        auto record = counter_sample(id, octets);
        record.counter_series.push_back(wide);
        record.counters.push_back(octets);
        record.gauge_series = {uptime};
        record.gauges = {uptime_s};
        store->append({"polld", 7, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(60s);
    };
    poll(4'294'967'000, 1000);
    poll(304, 1060);            // 600 octets on, through 2^32
    poll(4'294'960'000, 1120);  // the long way round: a reset
    poll(5'000, 10);            // restarted: the short way round is no wrap
    poll(5'600, 70);
    const auto rates =
        ask(&Store::range, wire::RangeRequest{{id, wide}, start, start + 300 * kSecond, 60 * kSecond, 0});
    ASSERT_TRUE(rates);
    EXPECT_EQ(rates->columns[0].count, (std::vector<std::uint32_t>{0, 1, 1, 0, 1}));
    EXPECT_DOUBLE_EQ(rates->columns[0].mean[1], 10.0);
    EXPECT_DOUBLE_EQ(rates->columns[0].mean[4], 10.0);
    EXPECT_EQ(rates->columns[1].count, (std::vector<std::uint32_t>{0, 0, 1, 0, 1}));
}

// Nine frames on a disk, of which one is spoiled afterwards.
TEST_F(StoreTest, WhatCannotBeReadIsToldInEveryAnswer) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const std::int64_t start = loop.wall().time_since_epoch().count();
    for (std::uint64_t i = 1; i <= 9; ++i) {
        append(i, id, i);
        append_state(100 + i, i % 2 == 0 ? "device_up" : "device_down");
        loop.advance(10s);
    }
    const wire::RangeRequest question{{id}, start, start + 90 * kSecond, 0, 0};
    EXPECT_TRUE(ask(&Store::range, question)->damaged.empty());
    EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{})->damaged.empty());
    EXPECT_TRUE(ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0})->damaged.empty());
    spoil_frame("samples", 4);
    spoil_frame("state", 4);
    const auto look = [&] {
        const auto events = ask(&Store::events, wire::EventsRequest{});
        EXPECT_EQ(events->events.size(), 8U);
        ASSERT_EQ(events->damaged.size(), 1U);
        EXPECT_EQ(events->damaged[0].first_sequence, 4U);
        EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{"", 0, 3, false})->damaged.empty());
        EXPECT_TRUE(ask(&Store::events, wire::EventsRequest{"", 4, 0, false})->damaged.empty());
        const auto first = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0});
        EXPECT_EQ(first->samples.size(), 3U);
        EXPECT_TRUE(first->more);
        ASSERT_EQ(first->damaged.size(), 1U);
        // The frames behind it need it, up to the next that stands alone.
        const auto rest = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 4, 0});
        EXPECT_EQ(rest->first_sequence, 9U);
        EXPECT_EQ(rest->samples.size(), 1U);
        ASSERT_FALSE(rest->damaged.empty());
        EXPECT_EQ(rest->damaged[0].first_sequence, 4U);
        EXPECT_EQ(rest->damaged.back().last_sequence, 8U);
    };
    look();  // the frame is known and does not read
    // What is not sealed is in memory until the store is opened anew.
    EXPECT_EQ(ask(&Store::range, question)->columns[0].counters.size(), 9U);
    open();
    EXPECT_EQ(opened.damage.size(), 3U);  // the frames, and those of samples that need the damaged one
    look();                               // the frame is not known any more: a hole
    const auto range = ask(&Store::range, question);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->columns[0].counters, (std::vector<std::uint64_t>{1, 2, 3, 9}));
    ASSERT_EQ(range->damaged.size(), 1U);
    EXPECT_EQ(range->damaged[0].first_sequence, 4U);
    EXPECT_EQ(range->damaged[0].last_sequence, 8U);
    EXPECT_GE(range->damaged[0].from_ns, start + 20 * kSecond);
    EXPECT_LE(range->damaged[0].to_ns, start + 80 * kSecond);
    const auto elsewhere =
        ask(&Store::range, wire::RangeRequest{{id}, start + 80 * kSecond, start + 90 * kSecond, 0, 0});
    EXPECT_TRUE(elsewhere->damaged.empty());
}

TEST_F(StoreTest, TheStatusCountsEveryFile) {
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    append(1, id, 1);
    append_state(1, "device_up");
    loop.advance(3h);  // it is sealed: there are a file of history and a catalogue
    append(2, id, 2);
    loop.advance(1min);
    store.reset();
    files.set_contents("journal/identity.bad", "what was there before");
    files.set_contents("journal/logs-00000000000000000001.journal.bad", std::string(5000, 'x'));
    files.set_contents("history/raw-20200101T00-2h-000000000001-00000000000000000001.db", "unreadable");
    std::string foreign = files.contents("journal/state-00000000000000000001.journal");
    foreign[20] ^= 1;  // another station
    foreign[48] = 0;   // and an earlier record
    const std::uint32_t crc = crc32c(std::string_view(foreign).substr(0, 76));
    for (std::size_t i = 0; i < 4; ++i) foreign[76 + i] = static_cast<char>(crc >> (8 * i));
    open();
    loop.advance(1s);
    const std::uint64_t without = store->status().bytes;
    store.reset();
    files.set_contents("journal/state-00000000000000000000.journal", foreign);
    open();
    loop.advance(1s);
    EXPECT_EQ(store->status().bytes, without + foreign.size());
    std::uint64_t all = 0;
    for (const std::string& path : files.paths()) all += files.contents(path).size();
    EXPECT_EQ(store->status().bytes, all);
}

TEST(DamagedSpans, AreBoundedByJoiningTheLast) {
    DamagedSpans spans;
    for (std::uint64_t i = 1; i <= 100; ++i)
        spans.add(wire::DamagedSpan{static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1, i, i});
    const auto out = spans.take();
    ASSERT_EQ(out.size(), wire::kMaxDamagedSpans);
    EXPECT_EQ(out.back(), (wire::DamagedSpan{64, 101, 64, 100}));
}

TEST_F(StoreTest, LatestAnswersStayWellBelowTheSizeOfAMessage) {
    wire::SampleRecord record = counter_sample(0, 0);
    record.counter_series.clear();
    record.counters.clear();
    for (int i = 0; i < 5000; ++i) {
        auto def = counter_def("sw-01", std::to_string(i));
        def.labels.push_back({"l", std::string(800, 'x')});
        record.counter_series.push_back(store->define(def).value());
        record.counters.push_back(1);
    }
    store->append({"polld", 7, 1}, {record}, [](const Result<Accepted>&) {});
    const auto first = latest_of(*store, {});
    EXPECT_TRUE(first.more);
    EXPECT_LT(wire::encode(first).size(), 5U << 20);
    const auto rest = latest_of(*store, {"", "", first.rows.back().series.id, 0});
    EXPECT_EQ(first.rows.size() + rest.rows.size(), 5000U);
}

}  // namespace
}  // namespace outstation::store
