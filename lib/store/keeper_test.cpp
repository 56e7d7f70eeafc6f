// SPDX-License-Identifier: GPL-3.0-or-later
// The keeper of the archive when something does not go: a file that cannot be cut, a full disk, a clock that
// swings.
#include <algorithm>
#include <random>

#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

struct KeeperTest : StoreTest {
    // Values that do not pack well.
    void poll() {
        wire::SampleRecord record = counter_sample(0, 0);
        record.counter_series = ids;
        record.counters.clear();
        for (std::size_t i = 0; i < ids.size(); ++i) record.counters.push_back(random());
        send({std::move(record)});
    }
    void send(std::vector<wire::SampleRecord> records) {
        ++number;
        store->append({"polld", incarnation, number}, std::move(records),
                      [this](const Result<Accepted>& accepted) { acknowledged += accepted ? 1 : 0; });
    }
    void define(int series) {
        for (int i = 0; i < series; ++i)
            ids.push_back(store->define(counter_def("sw-01", std::to_string(i))).value());
    }
    std::vector<std::string> raw_files() {
        std::vector<std::string> out;
        for (const std::string& path : files.paths()) {
            const std::size_t at = path.find("history/raw-");
            if (at != std::string::npos && path.ends_with(".db")) out.push_back(path.substr(at));
        }
        return out;
    }

    // Seconds of the steps that were entered of the first window.
    std::vector<std::int64_t> entered_steps() {
        std::vector<std::int64_t> out;
        const wire::LedgerReply ledger = ask(&Store::ledger, wire::LedgerRequest{}).value();
        for (const auto& entry : ledger.entries) {
            if (entry.record.first_sequence == 1) out.push_back(entry.record.step_ns / kSecond);
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    std::vector<std::uint32_t> ids;
    std::uint64_t number = 0;
    std::uint64_t acknowledged = 0;
    std::mt19937_64 random{5};
};

// Two hours of these take more memory than there is room under the limit.
TEST_F(KeeperTest, WhatIsSealedFitsUnderTheLimit) {
    define(40);
    Settings settings;
    settings.limit_octets = 2'500'000;
    store->configure(settings);
    for (int i = 0; i < 3000; ++i) {
        std::vector<wire::SampleRecord> records;
        for (const std::uint32_t id : ids) records.push_back(counter_sample(id, random()));
        send(std::move(records));
        loop.advance(10s);
    }
    EXPECT_EQ(acknowledged, number);
    EXPECT_GE(raw_files().size(), 2U);
    EXPECT_LE(files.octets(), settings.limit_octets);
    const wire::LedgerReply ledger = ask(&Store::ledger, wire::LedgerRequest{}).value();
    for (const auto& entry : ledger.entries)
        EXPECT_EQ(entry.record.account, wire::Account::thinned) << entry.record.reason;
}

// The device below does not give the oldest file: the next ones go in its place, and what comes is kept.
TEST_F(KeeperTest, AFileThatCannotGoKeepsNoOther) {
    define(40);
    Settings settings;
    settings.limit_octets = 2'500'000;
    store->configure(settings);
    while (raw_files().size() < 2) poll(), loop.advance(10s);
    files.unopenable = raw_files().front();
    const std::string second = raw_files().back();
    const auto has = [&](const std::string& name) {
        for (const std::string& path : raw_files()) {
            if (path == name) return true;
        }
        return false;
    };
    bool told = false;
    for (int i = 0; i < 6000 && has(second); ++i) {
        poll();
        loop.advance(10s);
        told = told || store->status().failing.find("injected") != std::string::npos;
    }
    EXPECT_TRUE(told);
    EXPECT_TRUE(has(files.unopenable));
    EXPECT_FALSE(has(second));
    loop.advance(20s);
    EXPECT_EQ(acknowledged, number);
}

// Over the limit, and others have filled the disk: what cannot be thinned waits, and nothing goes instead.
TEST_F(KeeperTest, OnAFullDiskNothingGoesInPlaceOfWhatCannotBeThinned) {
    define(200);
    Settings settings;
    settings.limit_octets = 2'500'000;
    store->configure(settings);
    const auto history = [this] {
        std::vector<std::string> out;
        for (const std::string& path : files.paths()) {
            if (path.find("history/") != std::string::npos && path.ends_with(".db")) out.push_back(path);
        }
        return out;
    };
    const auto entered = [this] {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
        const wire::LedgerReply ledger = ask(&Store::ledger, wire::LedgerRequest{}).value();
        for (const auto& entry : ledger.entries) {
            if (entry.record.account != wire::Account::not_collected)
                out.emplace_back(entry.record.first_sequence, entry.record.last_sequence);
        }
        return out;
    };
    for (int i = 0; i < 3000 && entered().empty(); ++i) poll(), loop.advance(60s);
    const auto before = entered();
    ASSERT_FALSE(before.empty());
    const auto paths = history();
    files.set_capacity(files.octets());
    for (int i = 0; i < 200 && entered() == before; ++i) {
        settings.limit_octets -= 10'000;
        store->configure(settings);
        loop.advance(60s);
    }
    const auto waiting = entered();
    EXPECT_NE(waiting, before);
    loop.advance(3h);
    EXPECT_NE(store->status().failing.find("no room"), std::string::npos) << store->status().failing;
    EXPECT_EQ(history(), paths);
    EXPECT_EQ(entered(), waiting);
    files.set_capacity(UINT64_MAX);
    loop.advance(5min);
    EXPECT_EQ(store->status().failing, "");
    EXPECT_NE(history(), paths);
    EXPECT_EQ(entered(), waiting);
}

TEST_F(KeeperTest, AFileThatTheDeviceDoesNotGiveForADayIsGivenUp) {
    define(1);
    Settings settings;
    settings.retention = 2h;
    store->configure(settings);
    while (raw_files().empty()) poll(), loop.advance(600s);
    files.unopenable = raw_files().front();
    for (int i = 0; i < 23 * 6; ++i) poll(), loop.advance(600s);
    ASSERT_EQ(raw_files().front(), files.unopenable);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{900}) << "once";
    for (int i = 0; i < 6 * 6; ++i) poll(), loop.advance(600s);
    EXPECT_NE(raw_files().front(), files.unopenable);
    EXPECT_EQ(store->status().failing, "");
    EXPECT_EQ(acknowledged, number);
}

// It was to be thinned to minutes when it could not be cut, and to quarters of an hour when it could.
TEST_F(KeeperTest, TheLedgerSaysWhatIsLeftInTheEnd) {
    define(40);
    Settings settings;
    settings.limit_octets = 2'500'000;
    store->configure(settings);
    while (raw_files().size() < 2) poll(), loop.advance(10s);
    files.unopenable = raw_files().front();
    for (int i = 0; i < 6000 && entered_steps().empty(); ++i) poll(), loop.advance(10s);
    ASSERT_EQ(entered_steps(), std::vector<std::int64_t>{60});
    settings.limit_octets = 0;
    settings.retention = 1h;
    store->configure(settings);
    const std::string mended = std::exchange(files.unopenable, "");
    for (int i = 0; i < 8; ++i) poll(), loop.advance(600s);
    EXPECT_NE(raw_files().front(), mended);
    EXPECT_EQ(entered_steps(), (std::vector<std::int64_t>{60, 900}));
}

TEST_F(KeeperTest, OnAFullDiskAWindowIsTriedOnceAMinute) {
    define(40);
    store->configure({});
    while (raw_files().empty()) poll(), loop.advance(10s);
    for (int i = 0; i < 90; ++i) poll(), loop.advance(10s);
    files.set_capacity(files.octets() + 1000);
    for (int i = 0; i < 300 && (i < 30 || acknowledged == number); ++i) poll(), loop.advance(10s);
    ASSERT_LT(acknowledged, number);
    std::size_t tried = 0;
    files.on_open = [&](const std::string& path) {
        tried += path.find("history/") != std::string::npos && path.find("raw-") != std::string::npos ? 1 : 0;
    };
    loop.advance(600s);
    EXPECT_GE(tried, 1U);
    EXPECT_LE(tried, 40U) << "of 600 seconds";
    files.on_open = nullptr;
    files.set_capacity(UINT64_MAX);
    loop.advance(70s);
    EXPECT_EQ(acknowledged, number);
}

TEST_F(KeeperTest, AClockThatSwingsOverABorderSealsNoMoreOftenThanEveryTenMinutes) {
    define(1);
    store->configure({});
    const auto border = std::chrono::hours(2) - loop.wall().time_since_epoch() % std::chrono::hours(2);
    loop.step_wall(border - 30s);
    for (int minute = 0; minute < 60; ++minute) {
        poll();
        loop.advance(60s);
        loop.step_wall(minute % 2 == 0 ? -60s : 60s);
    }
    EXPECT_LE(raw_files().size(), 7U);
}

// A box without a battery, and no network for hours.
TEST_F(KeeperTest, WhatWasMeasuredIn1970WaitsForTheClockToBeRight) {
    define(1);
    store->configure({});
    const Duration away = loop.wall().time_since_epoch() - 100s;
    loop.step_wall(-away);
    const auto measure = [&](ClockQuality quality) {
        wire::SampleRecord record = counter_sample(ids[0], number);
        record.stamp.quality = quality;
        record.stamp.mono_ns = loop.now().time_since_epoch().count();
        send({std::move(record)});
        loop.advance(60s);
    };
    for (int minute = 0; minute < 300; ++minute) measure(ClockQuality::free_running);
    EXPECT_TRUE(raw_files().empty());
    loop.step_wall(away);
    const std::int64_t right_ns = loop.wall().time_since_epoch().count();
    for (int minute = 0; minute < 130; ++minute) measure(ClockQuality::synchronised);
    EXPECT_FALSE(raw_files().empty());
    wire::RangeRequest request;
    request.series = ids;
    request.from_ns = right_ns - 400 * 60 * kSecond;
    request.to_ns = right_ns + 400 * 60 * kSecond;
    EXPECT_EQ(ask(&Store::range, request)->columns.at(0).wall_ns.size(), 430U);
}

// Somebody sets the year one too high, and sees it after three hours.
TEST_F(KeeperTest, AClockThatIsFarAheadForSomeHoursAgesNothing) {
    constexpr Duration kStep = 200 * 24h;
    define(1);
    Settings settings;
    settings.retention = 90 * 24h;
    store->configure(settings);
    const auto measure = [this](int hours) {
        for (int i = 0; i < 6 * hours; ++i) poll(), loop.advance(600s);
    };
    measure(3 * 24);
    loop.step_wall(kStep);
    measure(3);
    loop.step_wall(-kStep);
    measure(3);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{});
    EXPECT_EQ(replay_all().size(), number);
    // Who is away for so long finds the clock there when he is back.
    loop.step_wall(kStep);
    measure(23);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{});
    measure(4);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{900});
    const auto left = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, 1, 0}).value();
    EXPECT_GT(left.first_sequence, 1U);
}

// A day is merged while one of its windows, of which the ledger says already that it was thinned, waits for
// room: that window is left as it is until it is cut.
TEST_F(KeeperTest, WhatTheLedgerSaysIsThinnedIsNotMergedInstead) {
    define(1);
    loop.step_wall(24h - loop.wall().time_since_epoch() % 24h);
    Settings settings;
    settings.retention = 23h;
    store->configure(settings);
    for (int i = 0; i < 6 * 25 - 3; ++i) poll(), loop.advance(600s);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{});
    files.set_capacity(files.octets());
    loop.advance(2h + 35min);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{900});
    files.set_capacity(UINT64_MAX);
    loop.advance(10min);
    EXPECT_EQ(entered_steps(), std::vector<std::int64_t>{900});
    for (const std::string& name : raw_files())
        EXPECT_EQ(name.find("-00000000000000000001.db"), std::string::npos) << name << ": it is there still";
}

}  // namespace
}  // namespace outstation::store
