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

}  // namespace
}  // namespace outstation::store
