// SPDX-License-Identifier: GPL-3.0-or-later
// Many days of a station on virtual time, with real files and a cap that is much too small for them: the
// files never exceed it, whatever is gone is in the ledger, and every question is still answered.
// OUTSTATION_VIRTUAL_DAYS, _SERIES, _INTERVAL (seconds) and _LIMIT (octets) make it longer and larger: 400,
// 3000, 60 and 1000000000 are the campaign's. Every ten days what it takes is printed.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "lib/store/counted_files.hpp"
#include "lib/store/store_test.hpp"
#include "lib/store/test_part.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSeriesOfDevice = 60;
constexpr std::size_t kCounters = 40;  // of them
constexpr std::size_t kPorts = 48;
constexpr std::uint64_t kStatesOctets = 3U << 20;

struct VirtualDays : testing::Test {
    void SetUp() override {
        char name[] = "/var/tmp/outstation-days-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        directory = name;
        devices = std::max<std::size_t>(number_from("OUTSTATION_VIRTUAL_SERIES", 300) / kSeriesOfDevice, 1);
        days = number_from("OUTSTATION_VIRTUAL_DAYS", 6);
        interval = std::chrono::seconds(number_from("OUTSTATION_VIRTUAL_INTERVAL", 300));
        cycles_a_day = static_cast<std::size_t>(24h / interval);
        open();
    }
    void TearDown() override {
        store.reset();
        std::filesystem::remove_all(directory);
    }
    void open() {
        store.reset();
        Journal::Options options;
        options.directory = directory + "/journal";
        // In proportion to the cap, so that many segments come and go.
        options.bulk_segment_octets = std::clamp<std::uint64_t>(limit_octets() / 256, 128U << 10, 16U << 20);
        options.urgent_segment_octets = options.bulk_segment_octets / 8;
        StoreOpened opened;
        auto made = open_journal_store({loop, files, worker, worker, worker}, options, opened);
        ASSERT_TRUE(made) << made.error().text;
        EXPECT_TRUE(opened.damage.empty());
        EXPECT_TRUE(opened.history.empty());
        store = std::move(*made);
        Settings settings;
        settings.limit_octets = limit_octets();
        store->configure(settings);
    }
    // A tenth of what the days would need, and room for states.
    [[nodiscard]] std::uint64_t limit_octets() const {
        const std::size_t samples = devices * kSeriesOfDevice * days * cycles_a_day;
        return number_from("OUTSTATION_VIRTUAL_LIMIT",
                           std::max<std::uint64_t>(samples / 10, 1U << 20) + kStatesOctets);
    }
    [[nodiscard]] std::uint64_t octets() const {
        std::uint64_t sum = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
            if (entry.is_regular_file()) sum += entry.file_size();
        }
        return sum;
    }
    std::uint32_t define(const std::string& name, std::size_t i) {
        const bool counts = i < kCounters;
        return store
            ->define({0,
                      name,
                      counts ? "if_in_octets_total" : "temperature_celsius",
                      {{"n", std::to_string(i)}},
                      counts ? SeriesKind::counter : SeriesKind::gauge,
                      "",
                      1.0})
            .value();
    }
    void print(std::size_t day) const {
        std::size_t pages = 0, resident = 0;
        std::ifstream("/proc/self/statm") >> pages >> resident;
        std::printf("day %zu: %llu octets, at most %llu of %llu, RSS %zu MB\n", day,
                    static_cast<unsigned long long>(files.octets()),
                    static_cast<unsigned long long>(files.most()),
                    static_cast<unsigned long long>(limit_octets()), resident * 4096 / 1'000'000);
        std::fflush(stdout);
    }
    void poll(std::size_t cycle) {
        std::vector<wire::SampleRecord> batch;
        for (std::size_t d = 0; d < devices; ++d) {
            wire::SampleRecord& record = batch.emplace_back();
            record.device = "device-" + std::to_string(d);
            record.stamp = {loop.wall().time_since_epoch().count(), loop.now().time_since_epoch().count(),
                            kBoot, ClockQuality::synchronised};
            for (std::size_t i = 0; i < kSeriesOfDevice; ++i) {
                if (ids.size() == d * kSeriesOfDevice + i) ids.push_back(define(record.device, i));
                const std::uint32_t id = ids[d * kSeriesOfDevice + i];
                if (i < kCounters) {
                    record.counter_series.push_back(id);
                    record.counters.push_back(cycle * 3000 * (i + 1) + (random() % 100));
                } else {
                    record.gauge_series.push_back(id);
                    record.gauges.push_back(20.0 + static_cast<double>(random() % 40) / 2);
                }
            }
            any = record.counter_series[1];
        }
        sent += batch.size();
        store->append({"polld", 1, ++counter}, std::move(batch), [this](const Result<Accepted>& result) {
            if (result) acknowledged = result->last_sequence;
        });
        loop.advance(interval);
    }
    // A port of each device changes, and what is written about it.
    void tell_states(std::size_t cycle) {
        std::vector<wire::StateRecord> batch;
        const std::string port = std::to_string(cycle % kPorts);
        for (std::size_t d = 0; d < devices; ++d) {
            wire::StateRecord& record = batch.emplace_back();
            record.device = "device-" + std::to_string(d);
            record.stamp.wall_ns = loop.wall().time_since_epoch().count();
            record.kind = cycle / kPorts % 2 == 0 ? "interface_down" : "interface_up";
            record.component = "GE0/0/" + port;
            record.value = port;
            batch.push_back(record);
            batch.back().kind = "interface_alias";
            batch.back().text = "uplink " + std::to_string(random()) + std::string(200, 'x');
        }
        store->append({"polld", 1, ++states_counter}, std::move(batch),
                      [this](const Result<Accepted>& result) { states_refused += result ? 0 : 1; });
    }
    template <typename Reply, typename Request>
    Result<Reply> ask(void (Store::*question)(const Request&, Store::Answer<Reply>), const Request& request) {
        Result<Reply> out = fail(ErrorCode::timeout, "no answer");
        ((*store).*question)(request, [&](Result<Reply> reply) { out = std::move(reply); });
        loop.advance(1ms);
        return out;
    }

    std::string directory;
    std::size_t devices = 0;
    std::size_t days = 0;
    std::chrono::seconds interval{};
    std::size_t cycles_a_day = 0;
    std::vector<std::uint32_t> ids;
    SimLoop loop;
    std::unique_ptr<FileSystem> device = make_real_file_system();
    CountedFiles files{*device};  // at every operation
    InlineWorker worker;
    std::unique_ptr<Store> store;
    std::mt19937_64 random{1};
    std::uint64_t counter = 0;
    std::uint64_t states_counter = 0;
    std::size_t states_refused = 0;
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;
    std::uint32_t any = 0;
};

TEST_F(VirtualDays, StayUnderTheCapAndWhatIsGoneIsInTheLedger) {
    const std::int64_t start = loop.wall().time_since_epoch().count();
    for (std::size_t cycle = 0; cycle < days * cycles_a_day; ++cycle) {
        tell_states(cycle);
        poll(cycle);
        if (cycle % cycles_a_day == cycles_a_day / 3) open();  // once a day
        if ((cycle + 1) % (10 * cycles_a_day) == 0) print((cycle + 1) / cycles_a_day);
    }
    loop.advance(60s);
    EXPECT_EQ(files.octets(), octets()) << "of the directory";
    EXPECT_LE(files.most(), limit_octets()) << files.most_by();
    EXPECT_EQ(acknowledged, sent);
    EXPECT_EQ(states_refused, 0U);
    EXPECT_GT(store->status().state_bytes, kStatesOctets / 4) << "they take their part";
    EXPECT_EQ(store->status().failing, "");
    const auto uplinks = ask(&Store::search, wire::SearchRequest{"device-0 uplink", 0});
    ASSERT_TRUE(uplinks) << uplinks.error().text;
    EXPECT_EQ(uplinks->facts.size(), kPorts);
    const std::int64_t now = loop.wall().time_since_epoch().count();
    std::set<wire::Account> accounts;
    std::vector<bool> accounted(sent + 1);
    const auto account = [&accounted](std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t i = first; i <= last && i < accounted.size(); ++i) accounted[i] = true;
    };
    std::uint64_t before = 0;
    for (bool more = true; more;) {
        wire::LedgerRequest request;
        request.before_sequence = before;
        const auto page = ask(&Store::ledger, request);
        ASSERT_TRUE(page);
        for (const auto& entry : page->entries) {
            accounts.insert(entry.record.account);
            if (entry.record.stream == StreamId::samples && entry.record.first_sequence > 0)
                account(entry.record.first_sequence, entry.record.last_sequence);
        }
        more = page->more;
        before = page->next_before;
    }
    EXPECT_TRUE(accounts.contains(wire::Account::thinned));
    EXPECT_FALSE(accounts.contains(wire::Account::damaged));
    // Every record is there as it was, or in the ledger.
    std::uint64_t kept = 0;
    for (std::uint64_t next = 1; next <= sent;) {
        const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, next, 0});
        ASSERT_TRUE(reply);
        if (reply->samples.empty()) break;
        next = reply->first_sequence + reply->samples.size();
        account(reply->first_sequence, next - 1);
        kept += reply->samples.size();
    }
    EXPECT_GT(kept, 0U);
    EXPECT_EQ(std::count(accounted.begin() + 1, accounted.end(), false), 0);
    // Old days as hours, new ones as they were.
    const std::int64_t hour = 3600 * kSecond;
    const auto old = ask(
        &Store::range,
        wire::RangeRequest{{any}, start / hour * hour + 2 * hour, start / hour * hour + 26 * hour, hour, 0});
    ASSERT_TRUE(old) << old.error().text;
    std::size_t there = 0;
    for (const auto count : old->columns[0].count) there += count > 0 ? 1 : 0;
    if (!accounts.contains(wire::Account::dropped)) {
        EXPECT_EQ(there, 24U);
    }
    const auto fresh = ask(&Store::range, wire::RangeRequest{{any}, now - 4 * hour, now, 0, 0});
    ASSERT_TRUE(fresh);
    EXPECT_GE(fresh->columns[0].counters.size(), 24U);
}

}  // namespace
}  // namespace outstation::store
