// SPDX-License-Identifier: GPL-3.0-or-later
// What waits for the flush stays bounded, whatever a producer sends again.
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

// A producer that sends again and again what waits for the flush costs no memory for it.
TEST_F(StoreTest, OnlyTheNewestResendOfAPendingBatchWaitsBesideTheFirst) {
    constexpr int kResends = 100'000;
    const std::uint32_t id = store->define(counter_def("sw-01", "1")).value();
    const auto held = std::make_shared<int>(0);  // its owners are the waiters
    std::vector<int> answered;
    const auto send = [&](std::uint64_t batch, int number) {
        store->append({"polld", 7, batch}, {counter_sample(id, batch)},
                      [&, batch, number, held](const Result<Accepted>& result) {
                          EXPECT_EQ(result->first_sequence, batch);
                          EXPECT_EQ(result->last_sequence, batch);
                          EXPECT_EQ(result->duplicate, number != 0);
                          answered.push_back(number);
                      });
    };
    const auto waiters = [&] { return held.use_count() - 1; };
    send(1, 0);
    send(2, 0);
    ASSERT_EQ(waiters(), 2);
    for (int i = 1; i < kResends; ++i) send(1, i);
    EXPECT_EQ(waiters(), 3);
    worker.held = true;
    loop.advance(10s);  // the frame is at the writer
    send(1, kResends);
    EXPECT_EQ(waiters(), 3);
    EXPECT_TRUE(answered.empty());
    worker.release();
    loop.advance(1ms);
    EXPECT_EQ(answered, (std::vector<int>{0, kResends, 0}));
    EXPECT_EQ(waiters(), 0);
    EXPECT_EQ(store->status().streams[1].last_sequence, 2U);
}

// As a producer that floods sends them, or any while the disk is full.
TEST_F(StoreTest, LongTextsAreGatheredIntoFramesThatCanBeWritten) {
    wire::StateRecord record;
    record.device = "sw-01";
    record.kind = "note";
    record.text = std::string(kMaxStateTextOctets, 'x');
    int acknowledged = 0;
    worker.held = true;
    for (std::uint64_t batch = 1; batch <= 6; ++batch) {
        store->append({"polld", incarnation, batch}, std::vector(1900, record),
                      [&](const Result<Accepted>& result) { acknowledged += result ? 1 : 0; });
    }
    worker.release();
    loop.advance(1min);
    EXPECT_EQ(failure, "");
    EXPECT_EQ(acknowledged, 6);
}

TEST_F(StoreTest, ABatchWithMoreTextThanAMessageHasIsRefused) {
    wire::StateRecord record;
    record.device = "sw-01";
    record.kind = "note";
    record.text = std::string(kMaxStateTextOctets, 'x');
    std::optional<Error> refused;
    store->append({"polld", incarnation, 1}, std::vector(2100, record), [&](const Result<Accepted>& result) {
        if (!result) refused = result.error();
    });
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, ErrorCode::malformed);
}

}  // namespace
}  // namespace outstation::store
