// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger that cannot be written for so long that it takes no more: no gap in collection is lost by it.
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLedger = 6;  // in the order of kStreams
static_assert(kStreams[kLedger] == StreamId::ledger);

struct FullLedger : StoreTest {
    // One batch of a device that is asked every minute, and every other time comes ten minutes late.
    void append_gaps(std::size_t gaps) {
        std::vector<wire::SampleRecord> records;
        for (std::size_t i = 0; i < 2 * gaps; ++i) {
            const std::int64_t distance_ns =
                (i % 2 == 0 ? 600 + 300 * static_cast<std::int64_t>(i % 4) : 60) * kSecond;
            wall_ns += distance_ns;
            mono_ns += distance_ns;
            records.push_back(record());
        }
        send(std::move(records));
    }
    void append_usual(std::size_t count) {
        std::vector<wire::SampleRecord> records;
        for (std::size_t i = 0; i < count; ++i) {
            wall_ns += 60 * kSecond;
            mono_ns += 60 * kSecond;
            records.push_back(record());
        }
        send(std::move(records));
    }
    [[nodiscard]] wire::SampleRecord record() const {
        wire::SampleRecord out;
        out.device = device;
        out.stamp = {wall_ns, mono_ns, kBoot, ClockQuality::synchronised};
        return out;
    }
    void send(std::vector<wire::SampleRecord> records) {
        store->append({"polld", incarnation, ++counter}, std::move(records),
                      [](const Result<Accepted>& result) { ASSERT_TRUE(result) << result.error().text; });
        store->flush([] {});
        loop.advance(1ms);
    }
    [[nodiscard]] std::uint64_t entered() const { return store->status().streams[kLedger].last_sequence; }

    const std::string device = std::string(kMaxStateTextOctets, 'd');  // takes room
    std::int64_t wall_ns = loop.wall().time_since_epoch().count();
    std::int64_t mono_ns = 1;
    std::uint64_t counter = 0;
};

TEST_F(FullLedger, GapsThatItTurnsAwayAreEnteredLater) {
    append_usual(5);
    worker.held = true;
    append_gaps(1);
    const auto write_of_ledger = worker.tasks.front();
    worker.tasks.erase(worker.tasks.begin());
    worker.release();
    std::uint64_t gaps = 1;
    constexpr std::uint64_t kABatch = 500;
    while (entered() == gaps) {
        ASSERT_LT(gaps, 100 * kABatch) << "it takes everything";
        append_gaps(kABatch);
        gaps += kABatch;
    }
    append_gaps(kABatch);
    gaps += kABatch;
    EXPECT_LE(entered(), gaps - 2 * kABatch);
    write_of_ledger();
    loop.advance(5s);
    EXPECT_EQ(entered(), gaps);
    EXPECT_EQ(store->status().streams[kLedger].durable_sequence, gaps);
    EXPECT_TRUE(failure.empty()) << failure;
}

}  // namespace
}  // namespace outstation::store
