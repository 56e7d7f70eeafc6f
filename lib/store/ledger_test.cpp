// SPDX-License-Identifier: GPL-3.0-or-later
// The gap ledger: what was not collected, dropped or damaged is entered, durable before it happens, and told
// once.
#include <gtest/gtest.h>

#include <random>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
using wire::Account;
constexpr std::int64_t kSecond = 1'000'000'000;

struct LedgerTest : testing::Test {
    void SetUp() override { open(); }
    void TearDown() override { store.reset(); }

    void open() {
        store.reset();
        Journal::Options options;
        options.directory = directory;
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        StoreOpened opened;
        auto made = open_journal_store({loop, files, worker, worker, worker}, options, opened);
        ASSERT_TRUE(made) << made.error().text;
        store = std::move(*made);
    }
    // Of the samples that are there as they were.
    std::uint64_t first_sequence() { return store->status().streams[1].first_sequence; }
    std::int64_t now_ns() { return loop.wall().time_since_epoch().count(); }
    void poll(const std::string& device, double value = 1.0) {
        const auto id =
            store->define({0, device, "temperature_celsius", {}, SeriesKind::gauge, "1.3.6.1", 1.0});
        ASSERT_TRUE(id);
        wire::SampleRecord record;
        record.device = device;
        record.stamp = {now_ns(), loop.now().time_since_epoch().count(), boot, ClockQuality::synchronised};
        record.gauge_series = {*id};
        record.gauges = {value};
        store->append({"polld", 7, ++counter}, std::vector{record}, [](const Result<Accepted>&) {});
    }
    void tell_state(const std::string& device, const std::string& kind) {
        wire::StateRecord record;
        record.device = device;
        record.kind = kind;
        record.stamp.wall_ns = now_ns();
        store->append({"polld", 8, ++counter}, std::vector{record}, [](const Result<Accepted>&) {});
    }
    void poll_every_minute(const std::string& device, int times) {
        for (int i = 0; i < times; ++i) {
            poll(device, i);
            loop.advance(60s);
        }
    }
    std::vector<wire::StoredLedger> ledger(const wire::LedgerRequest& request = {}) {
        Result<wire::LedgerReply> out = fail(ErrorCode::timeout, "no answer");
        store->ledger(request, [&](Result<wire::LedgerReply> reply) { out = std::move(reply); });
        loop.advance(1ms);
        EXPECT_TRUE(out);
        return out ? out->entries : std::vector<wire::StoredLedger>{};
    }

    SimLoop loop;
    FakeFileSystem files;
    InlineWorker worker;
    std::unique_ptr<Store> store;
    std::string boot = "0123456789abcdef";
    std::uint64_t counter = 0;
    std::string directory = "journal";
    std::uint64_t segment_octets = 65536;
};

TEST_F(LedgerTest, SaysThatNothingWasCollectedAndWhy) {
    poll_every_minute("sw", 5);
    tell_state("sw", "device_down");
    poll_every_minute("sw", 10);  // polld says every time that it does not answer
    const auto open_gap = ledger();
    ASSERT_EQ(open_gap.size(), 1U);
    EXPECT_EQ(open_gap[0].sequence, 0U);
    EXPECT_EQ(open_gap[0].record.to_ns, 0);
    EXPECT_EQ(open_gap[0].record.reason, "device_down");
    const std::int64_t back_ns = now_ns();
    tell_state("sw", "device_up");
    poll("sw");
    const auto entries = ledger();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].sequence, 1U);
    EXPECT_EQ(entries[0].record.account, Account::not_collected);
    EXPECT_EQ(entries[0].record.device, "sw");
    EXPECT_EQ(entries[0].record.to_ns, back_ns);
    EXPECT_EQ(entries[0].record.to_ns - entries[0].record.from_ns, 660 * kSecond + 1'000'000);
    EXPECT_EQ(entries[0].record.reason, "device_down");
}

TEST_F(LedgerTest, AnOutageThatLastsOverARestartIsOneGap) {
    poll_every_minute("sw", 5);
    tell_state("sw", "device_down");
    poll_every_minute("sw", 10);
    store->flush([] {});
    loop.advance(1s);
    open();
    poll_every_minute("sw", 10);
    tell_state("sw", "device_up");
    poll_every_minute("sw", 2);
    const auto entries = ledger();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.reason, "device_down");
    EXPECT_GE(entries[0].record.to_ns - entries[0].record.from_ns, 20 * 60 * kSecond);
}

// The journal that a restart reads has none of the device's values any more.
TEST_F(LedgerTest, AnOutageThatBeganBeforeTheLastSealIsOneGap) {
    poll_every_minute("sw", 5);
    const std::int64_t last_ns = now_ns() - 60 * kSecond;
    poll_every_minute("ap", 2);
    tell_state("sw", "device_down");
    poll_every_minute("sw", 300);
    store->flush([] {});
    loop.advance(1s);
    open();
    auto entries = ledger();
    ASSERT_EQ(entries.size(), 2U);
    for (const auto& entry : entries) EXPECT_EQ(entry.record.to_ns, 0) << entry.record.device;
    EXPECT_EQ(entries[0].record.reason, "not_polled");  // of the other one, ap
    EXPECT_EQ(entries[1].record.reason, "device_down");
    EXPECT_NEAR(static_cast<double>(entries[1].record.from_ns), static_cast<double>(last_ns), 1e9);
    poll_every_minute("sw", 10);
    tell_state("sw", "device_up");
    const std::int64_t back_ns = now_ns();
    poll_every_minute("sw", 2);
    wire::LedgerRequest of_sw;
    of_sw.device = "sw";
    entries = ledger(of_sw);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.reason, "device_down");
    EXPECT_EQ(entries[0].record.to_ns, back_ns);
    open();
    EXPECT_EQ(ledger(of_sw), entries) << "it is entered once";
}

// Window after window of all devices: each is entered, and told together.
TEST_F(LedgerTest, WhatIsThinnedIsOneEntryForAllDevicesAndTime) {
    Settings settings;
    settings.retention = 3h;
    store->configure(settings);
    for (int minute = 0; minute < 720; ++minute) {
        poll("a");
        poll("b");
        loop.advance(60s);
    }
    for (const char* device : {"", "a", "b"}) {
        wire::LedgerRequest request;
        request.device = device;
        const auto entries = ledger(request);
        ASSERT_EQ(entries.size(), 1U) << device;
        EXPECT_EQ(entries[0].record.account, Account::thinned);
        EXPECT_EQ(entries[0].record.device, "");
        EXPECT_EQ(entries[0].record.step_ns, 900 * kSecond);
        EXPECT_EQ(entries[0].record.first_sequence, 1U);
        EXPECT_GT(entries[0].record.last_sequence, 600U);
        EXPECT_EQ(entries[0].sequence, 1U) << "what is asked for next comes before all of it";
    }
    EXPECT_GT(store->status().streams.back().last_sequence, 2U);
    EXPECT_LT(store->status().streams.back().last_sequence, 6U) << "one a window";
}

TEST_F(LedgerTest, KnowsARestartOfTheBoxAndAPollThatDidNotHappen) {
    poll_every_minute("sw", 5);
    loop.advance(600s);
    boot = "fedcba9876543210";
    open();
    poll_every_minute("sw", 2);
    loop.advance(600s);
    poll("sw");
    const auto entries = ledger();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].record.reason, "not_polled");
    EXPECT_EQ(entries[1].record.reason, "station_restarted");
}

TEST_F(LedgerTest, AnswersByDeviceAndTime) {
    for (const char* device : {"a", "b"}) {
        poll_every_minute(device, 5);
        loop.advance(600s);
        poll_every_minute(device, 2);
    }
    wire::LedgerRequest request;
    request.device = "a";
    const auto of_a = ledger(request);
    const auto entry = of_a.back();  // the newest is open: it is not polled any more
    ASSERT_EQ(of_a.size(), 2U);
    EXPECT_EQ(entry.record.device, "a");
    request.from_ns = entry.record.from_ns;
    request.to_ns = request.from_ns + 1;
    EXPECT_EQ(ledger(request), std::vector{entry});
    request.from_ns = entry.record.to_ns + 1;
    request.to_ns = request.from_ns + 1;
    EXPECT_EQ(ledger(request).size(), 0U);
    wire::LedgerRequest older;
    older.before_sequence = 2;
    ASSERT_EQ(ledger(older).size(), 1U);
    EXPECT_EQ(ledger(older)[0].sequence, 1U);
}

TEST_F(LedgerTest, WhatGoesIsEnteredFirstAndIsThinnedBeforeItIsDropped) {
    Settings settings;
    settings.flush_interval = 1s;
    settings.limit_octets = 900'000;
    store->configure(settings);
    for (int i = 0; i < 3000 && first_sequence() <= 1; ++i) {
        for (int device = 0; device < 20; ++device) poll("device-" + std::to_string(device), i * 1.37);
        loop.advance(60s);
    }
    ASSERT_GT(first_sequence(), 1U);
    const auto entries = ledger();
    ASSERT_FALSE(entries.empty());
    const wire::LedgerRecord& oldest = entries.back().record;
    EXPECT_EQ(oldest.account, Account::thinned);
    EXPECT_EQ(oldest.stream, StreamId::samples);
    EXPECT_EQ(oldest.first_sequence, 1U);
    EXPECT_EQ(oldest.reason, "size");
    EXPECT_GE(oldest.step_ns, 60 * 1'000'000'000LL);
    EXPECT_GT(oldest.to_ns, oldest.from_ns);
    std::uint64_t last = 0;
    for (const auto& entry : entries) last = std::max(last, entry.record.last_sequence);
    EXPECT_GE(last + 1, first_sequence());
}

// Whatever moment the power goes: a record that is neither in the journal nor in the ledger was never
// dropped.
TEST_F(LedgerTest, NothingIsGoneThatIsNotEntered) {
    std::mt19937_64 random(3);
    for (std::size_t cut = 1; cut < 120; cut += 7 * test_part()) {
        store.reset();
        directory = "journal-" + std::to_string(cut) + "/journal";
        open();
        for (int i = 0; i < 400; ++i) {
            for (int device = 0; device < 10; ++device)
                poll("device-" + std::to_string(device), i * 1.37 + device);
            loop.advance(60s);
        }
        const std::uint64_t last = store->status().streams[1].durable_sequence;
        files.cut_power_at(cut);
        Settings settings;
        settings.flush_interval = 1s;
        settings.limit_octets = 150'000;
        store->configure(settings);
        loop.advance(1s);
        store.reset();
        files.restart(random);
        open();
        std::uint64_t accounted = 0;
        for (const auto& entry : ledger()) {
            if (entry.record.account != Account::not_collected)
                accounted = std::max(accounted, entry.record.last_sequence);
        }
        EXPECT_LE(first_sequence(), accounted + 1) << "power cut at operation " << cut;
        EXPECT_GE(store->status().streams[1].durable_sequence, last);
    }
}

TEST_F(LedgerTest, DamageIsEnteredOnce) {
    poll_every_minute("sw", 5);
    store->flush([] {});
    loop.advance(1s);
    store.reset();
    for (const std::string& path : files.paths()) {
        if (path.find("/samples-") == std::string::npos) continue;
        std::string bytes = files.contents(path);
        bytes[kSegmentHeaderOctets + kFrameHeaderOctets + 2] ^= 1;
        files.set_contents(path, bytes);
    }
    open();
    const auto entries = ledger();
    ASSERT_FALSE(entries.empty());
    for (const auto& entry : entries) {
        EXPECT_EQ(entry.record.account, Account::damaged);
        EXPECT_EQ(entry.record.stream, StreamId::samples);
    }
    EXPECT_EQ(entries.back().record.first_sequence, 1U);
    EXPECT_EQ(entries.front().record.last_sequence, 5U);
    for (int start = 0; start < 2; ++start) open();
    EXPECT_EQ(ledger(), entries);
}

// Of states that cannot be read only the numbers are known: they may be of any time that is asked for.
TEST_F(LedgerTest, DamageOfAnUnknownTimeIsInEveryAnswer) {
    tell_state("sw", "device_up");
    store->flush([] {});
    loop.advance(1s);
    store.reset();
    for (const std::string& path : files.paths()) {
        if (path.find("/state-") == std::string::npos) continue;
        std::string bytes = files.contents(path);
        bytes[kSegmentHeaderOctets + kFrameHeaderOctets + 2] ^= 1;
        files.set_contents(path, bytes);
    }
    open();
    const auto entries = ledger();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.to_ns, 0);
    wire::LedgerRequest request;
    request.from_ns = now_ns();
    request.to_ns = request.from_ns + kSecond;
    EXPECT_EQ(ledger(request), entries);
}

// The entry about a gap is flushed at once, the record that ends it is not: a kill in between, and the record
// comes again.
TEST_F(LedgerTest, AGapIsEnteredOnceThoughItsEndComesAgain) {
    poll_every_minute("sw", 5);
    store->flush([] {});
    loop.advance(600s);
    poll("sw");
    loop.advance(1s);
    ASSERT_EQ(ledger().size(), 1U);
    open();
    --counter;
    poll("sw");
    loop.advance(60s);
    EXPECT_EQ(ledger().size(), 1U);
}

// The gap is on disk, its entry in the ledger is not: power fails at each operation of the opening.
TEST_F(LedgerTest, EveryGapIsEnteredWheneverTheOpeningIsCut) {
    std::mt19937_64 random(9);
    for (std::size_t cut = 1; cut < 12; ++cut) {
        store.reset();
        directory = "journal-" + std::to_string(cut);
        open();
        poll_every_minute("sw", 5);
        store.reset();
        for (const std::string& path : files.paths()) {
            if (path.find(directory + "/samples-") == std::string::npos) continue;
            std::string bytes = files.contents(path);
            bytes[bytes.rfind("OFRM") + kFrameHeaderOctets + 2] ^= 1;
            files.set_contents(path, bytes);
        }
        files.cut_power_at(cut);
        Journal::Options options;
        options.directory = directory;
        options.bulk_segment_octets = options.urgent_segment_octets = segment_octets;
        StoreOpened opened;
        (void)open_journal_store({loop, files, worker, worker, worker}, options, opened);
        files.restart(random);
        open();
        loop.advance(1s);
        const auto entries = ledger();
        ASSERT_EQ(entries.size(), 1U) << cut;
        EXPECT_EQ(entries[0].record.account, Account::damaged);
        EXPECT_EQ(entries[0].record.stream, StreamId::samples);
        open();
        EXPECT_EQ(ledger().size(), 1U) << cut;
    }
}

struct FullDiskTest : LedgerTest, Store::Observer {
    // What a producer does: each batch again until it is answered well, in order.
    void send(std::uint64_t number) {
        const auto id = store->define({0, "sw", "m", {}, SeriesKind::gauge, "", 1.0}).value();
        wire::SampleRecord record;
        record.device = "sw";
        record.stamp = {now_ns(), 5, std::string(), ClockQuality::synchronised};
        // Nothing that compresses: each record takes its room.
        std::mt19937_64 noise(number);
        record.device += std::string(1500, 'x');
        for (char& c : record.device) c = static_cast<char>('a' + noise() % 26);
        record.gauge_series = {id};
        record.gauges = {static_cast<double>(number)};
        store->append({"polld", 7, number}, std::vector{record}, [this, number](const auto& result) {
            if (result) acknowledged = std::max(acknowledged, number);
        });
    }
    // Sequences are told in order: a batch that was dropped or doubled shows in its value.
    void expect_kept() {
        std::uint64_t next = store->status().streams[1].first_sequence;
        std::optional<double> last;
        for (bool more = true; more;) {
            std::optional<wire::ReplayReply> reply;
            store->replay({StreamId::samples, next, 0}, [&](Result<wire::ReplayReply> r) { reply = *r; });
            loop.advance(1ms);
            ASSERT_TRUE(reply && reply->gaps.empty() && reply->damaged.empty());
            for (const auto& record : reply->samples) {
                EXPECT_TRUE(!last || record.gauges[0] == *last + 1);
                last = record.gauges[0];
            }
            next = reply->first_sequence + reply->samples.size();
            more = reply->more;
        }
        EXPECT_GE(last.value_or(0), static_cast<double>(acknowledged));
    }
    void on_samples(std::uint64_t, const std::vector<wire::SampleRecord>&) override {}
    void on_states(std::uint64_t, const std::vector<wire::StateRecord>&) override {}
    void on_durable(StreamId, std::uint64_t) override {}
    void on_no_room(const Error&) override { ++no_room; }
    void on_failed(const Error& error) override { ADD_FAILURE() << error.text; }

    std::uint64_t acknowledged = 0;
    int no_room = 0;
};

// The disk is smaller than what is allowed: nothing is acknowledged any more, and nothing fails; then
// somebody makes room.
TEST_F(FullDiskTest, AFullDiskIsWaitedOut) {
    store->set_observer(this);
    files.set_capacity(600'000);
    std::uint64_t number = 0;
    while (no_room < 5) {
        send(++number);
        loop.advance(10s);
        ASSERT_LT(number, 2000U);
    }
    EXPECT_LT(acknowledged, number);
    for (int i = 0; i < 20; ++i) send(++number);
    files.set_capacity(2'000'000);
    loop.advance(20s);
    EXPECT_EQ(acknowledged, number);
    expect_kept();
    open();
    expect_kept();
}

// The limit is below the room that there is: retention makes room, the drop is entered although nothing else
// could be written, and no moment has more octets than the disk.
TEST_F(FullDiskTest, RetentionMakesRoomAndTheProducerGoesOn) {
    store->set_observer(this);
    constexpr std::uint64_t kLimit = 700'000;
    std::uint64_t most = 0;
    files.on_operation([&most](std::uint64_t octets) { most = std::max(most, octets); });
    files.set_capacity(kLimit);
    Settings settings;
    settings.flush_interval = 1s;
    settings.limit_octets = kLimit;
    store->configure(settings);
    std::uint64_t number = 0;
    for (int round = 0; round < 200; ++round) {
        for (int i = 0; i < 20; ++i) send(++number);
        loop.advance(3s);
    }
    EXPECT_GT(no_room, 0);
    loop.advance(10s);
    EXPECT_EQ(acknowledged, number);
    EXPECT_LE(most, kLimit);
    const std::uint64_t first = store->status().streams[1].first_sequence;
    EXPECT_GT(first, 1U);
    std::uint64_t accounted = 0;
    for (const auto& entry : ledger()) accounted = std::max(accounted, entry.record.last_sequence);
    EXPECT_EQ(accounted + 1, first);
    expect_kept();
}

}  // namespace
}  // namespace outstation::store
