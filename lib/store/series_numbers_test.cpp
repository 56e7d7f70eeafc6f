// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of series over restarts: what never came to disk uses none up, and what did keeps its own.
#include "lib/store/dictionary.hpp"
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::uint32_t>;

struct SeriesNumbersTest : StoreTest {
    static std::string name(std::uint32_t series) { return std::to_string(series); }
    std::uint32_t define(std::uint32_t series) {
        return store->define(counter_def("sw-01", name(series))).value_or(0);
    }
    Numbers define(std::uint32_t first, std::uint32_t last) {
        Numbers out;
        for (std::uint32_t i = first; i <= last; ++i) out.push_back(define(i));
        return out;
    }
    static Numbers all_to(std::uint32_t last) {
        Numbers out(last);
        for (std::uint32_t i = 0; i < last; ++i) out[i] = i + 1;
        return out;
    }
    void tell_state() {
        append_state(++batch, "device_up");
        loop.advance(1ms);
        EXPECT_TRUE(answers.at(batch));
    }
    void measure(std::uint32_t id) {
        append(++batch, id, 1000 + id);
        loop.advance(11s);
        EXPECT_TRUE(answers.at(batch));
    }
    std::uint64_t batch = 0;
};

// A station of many series whose stored ends again and again before a flush; states are on disk at once.
TEST_F(SeriesNumbersTest, RestartsBeforeAFlushUseNoneUp) {
    constexpr std::uint32_t kMany = kMaxSeries / 4;
    for (int restart = 0; restart < 5; ++restart) {
        ASSERT_EQ(define(1, kMany).back(), kMany) << "restart " << restart;
        tell_state();
        open();
    }
    measure(define(7));
    EXPECT_EQ(replay_all().at(0).counters, std::vector<std::uint64_t>{1001});
}

TEST_F(SeriesNumbersTest, ANumberBelowOneOnDiskIsOnDiskToo) {
    ASSERT_EQ(define(1, 100), all_to(100));
    measure(60);
    open();
    EXPECT_EQ(store->series(60)->labels[0].value, name(60));
    EXPECT_FALSE(store->series(61));
    EXPECT_EQ(define(100), 61U);  // in another order
    EXPECT_EQ(define(1, 60), all_to(60));
    measure(61);
    open();
    EXPECT_EQ(store->series(61)->labels[0].value, name(100));
    EXPECT_EQ(define(1, 60), all_to(60));
}

TEST_F(SeriesNumbersTest, OfMoreThanAFrameDefinesTheRestIsInTheNext) {
    constexpr std::uint32_t kMany = kMaxBatchValues + 5000;
    ASSERT_EQ(define(1, kMany).back(), kMany);
    measure(kMany);
    measure(kMany);
    open();
    EXPECT_EQ(define(1, kMany), all_to(kMany));
}

// A restart between the two frames costs what the first had no room for, and nothing else.
TEST_F(SeriesNumbersTest, OneOnDiskIsNeverGivenToAnother) {
    constexpr std::uint32_t kMany = kMaxBatchValues + 5000;
    ASSERT_EQ(define(1, kMany).back(), kMany);
    measure(kMany);
    open();
    EXPECT_EQ(store->series(kMany)->labels[0].value, name(kMany));
    EXPECT_EQ(define(1, kMaxBatchValues - 1), all_to(kMaxBatchValues - 1));
    EXPECT_EQ(define(kMany - 1), kMany + 1);
    EXPECT_EQ(define(kMany), kMany);
}

}  // namespace
}  // namespace outstation::store
