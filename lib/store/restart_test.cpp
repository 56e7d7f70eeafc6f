// SPDX-License-Identifier: GPL-3.0-or-later
// A restart of a station of which a tenth has been down for three hours: the latest value of every series is
// there at once. OUTSTATION_RESTART_DEVICES=500 makes it the size of the goal, and the time is printed.
#include <chrono>
#include <cstdlib>

#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

struct RestartTest : StoreTest {
    static constexpr std::size_t kSeriesOfDevice = 119;  // and `up`

    void SetUp() override {
        segment_octets = 4U << 20;
        const char* const text = getenv("OUTSTATION_RESTART_DEVICES");
        devices = text == nullptr ? 20 : std::strtoull(text, nullptr, 10);
        open();
        for (std::size_t d = 0; d < devices; ++d) {
            const std::string name = "device-" + std::to_string(d);
            ups.push_back(store->define({0, name, "up", {}, SeriesKind::gauge, "", 1.0}).value());
            for (std::size_t i = 0; i < kSeriesOfDevice; ++i)
                (void)store->define(counter_def(name, std::to_string(i))).value();
        }
    }
    // Those below `down` have nothing to give but `up`.
    void poll(std::size_t down) {
        std::vector<wire::SampleRecord> batch;
        for (std::size_t d = 0; d < devices; ++d) {
            wire::SampleRecord record = counter_sample(ups[d] + 1, 1000 * cycle + d);
            record.device = "device-" + std::to_string(d);
            record.gauge_series = {ups[d]};
            record.gauges = {d < down ? 0.0 : 1.0};
            for (std::uint32_t i = 2; i <= kSeriesOfDevice && d >= down; ++i) {
                record.counter_series.push_back(ups[d] + i);
                record.counters.push_back(1000 * cycle * i + random() % 100);
            }
            if (d < down) record.counter_series.clear();
            if (d < down) record.counters.clear();
            batch.push_back(std::move(record));
        }
        store->append({"polld", incarnation, ++cycle}, std::move(batch), [](const Result<Accepted>&) {});
        loop.advance(60s);
    }
    [[nodiscard]] std::size_t rows() const {
        std::size_t out = 0;
        wire::LatestRequest request;
        for (bool more = true; more;) {
            const auto reply = latest_of(*store, request);
            out += reply.rows.size();
            more = reply.more;
            if (!reply.rows.empty()) request.after_id = reply.rows.back().series.id;
        }
        return out;
    }

    std::size_t devices = 0;
    std::vector<std::uint32_t> ups;
    std::mt19937_64 random{1};
    std::uint64_t cycle = 0;
};

TEST_F(RestartTest, EveryLatestValueIsThereAlthoughATenthHasBeenDownForHours) {
    for (int minute = 0; minute < 30; ++minute) poll(0);
    for (int minute = 0; minute < 185; ++minute) poll(devices / 10);
    ASSERT_EQ(rows(), devices * (kSeriesOfDevice + 1));
    const auto begin = std::chrono::steady_clock::now();
    open();
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(rows(), devices * (kSeriesOfDevice + 1));
    std::printf("opened %zu series in %lld ms\n", rows(),
                static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

}  // namespace
}  // namespace outstation::store
