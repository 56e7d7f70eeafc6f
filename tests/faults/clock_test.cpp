// SPDX-License-Identifier: GPL-3.0-or-later
// A clock that goes to 1970, to 2038, a day forth or back, again and again: nothing stalls, numbers go on,
// and retention drops nothing that is not old.
#include <gtest/gtest.h>

#include <random>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t k1970 = 10;
constexpr std::int64_t k2038 = 2'147'483'640;  // some seconds before 32 bits end
constexpr std::int64_t kDay = 86'400;

class WrongClock : public testing::Test {
  protected:
    void set_wall(std::int64_t seconds) {
        station.loop.step_wall(std::chrono::seconds(seconds) - station.loop.wall().time_since_epoch());
    }
    std::int64_t true_seconds() {
        return 1'700'000'000 +
               std::chrono::duration_cast<std::chrono::seconds>(station.loop.now().time_since_epoch())
                   .count();
    }
    // Everything that was sent is acknowledged within the flush interval, whatever the clock says.
    void cycle() {
        station.cycle();
        for (const StreamId id : Station::kProduced)
            ASSERT_EQ(station.acknowledged(id), station.sent(id)) << stream_name(id);
    }
    void expect_all_kept(const std::string& at) {
        ASSERT_EQ(station.verify(), "") << at;
        for (const StreamId id : Station::kProduced) {
            const auto contents = station.read_all(id);
            ASSERT_EQ(contents.first_sequence, 1U) << at;
            ASSERT_EQ(contents.batches.size(), station.sent(id)) << at;
        }
    }

    store::FakeFileSystem files;
    Station station{files};
};

TEST_F(WrongClock, EachWrongTimeForLongEnoughToFillFiles) {
    station.settings.limit_octets = 0;
    station.settings.retention = std::chrono::hours(30 * 24);
    ASSERT_TRUE(station.open());
    for (const std::int64_t wrong : {k1970, k2038, true_seconds() + kDay, true_seconds() - kDay}) {
        for (const std::int64_t seconds : {wrong, true_seconds()}) {
            set_wall(seconds);
            for (int i = 0; i < 25; ++i) cycle();
            station.loop.advance(61s);  // retention looks
            expect_all_kept("clock at " + std::to_string(seconds));
            if (HasFatalFailure()) return;
        }
    }
}

TEST_F(WrongClock, BackAndForthAtRandom) {
    const std::size_t seeds = campaign_size(8);
    for (std::size_t seed = 0; seed < seeds; ++seed) {
        for (const std::string& path : files.paths()) ASSERT_TRUE(files.remove(path));
        Station fresh(files);
        std::mt19937_64 random(seed);
        fresh.settings.limit_octets = 0;
        fresh.settings.retention = std::chrono::hours(30 * 24);
        ASSERT_TRUE(fresh.open());
        const auto start = fresh.loop.wall().time_since_epoch();
        const auto begun = fresh.loop.now();
        for (int i = 0; i < 60; ++i) {
            const std::int64_t real =
                std::chrono::duration_cast<std::chrono::seconds>(start + (fresh.loop.now() - begun)).count();
            const std::int64_t clocks[] = {k1970, k2038, real + kDay, real - kDay, real, real};
            if (random() % 4 == 0)
                fresh.loop.step_wall(std::chrono::seconds(clocks[random() % std::size(clocks)]) -
                                     fresh.loop.wall().time_since_epoch());
            fresh.cycle(random() % 10 == 0 ? 61s : 3s);
            ASSERT_TRUE(random() % 20 != 0 || fresh.open()) << fresh.error();
        }
        ASSERT_TRUE(fresh.settle()) << seed;
        ASSERT_EQ(fresh.verify(), "") << seed;
        EXPECT_EQ(fresh.read_all(StreamId::samples).first_sequence, 1U) << seed;
        fresh.close();
    }
}

// The limit in octets does its work whatever the clock says. An empty state.db and its log are larger than
// this limit, which is a thousandth of the smallest that confd takes.
TEST_F(WrongClock, TheLimitHoldsUnderAnyClock) {
    ASSERT_TRUE(station.open());
    std::uint64_t most = 0;
    files.on_operation([&most](std::uint64_t octets) { most = std::max(most, octets); }, "state/");
    for (const std::int64_t wrong : {k2038, k1970, true_seconds()}) {
        set_wall(wrong);
        for (int i = 0; i < 60; ++i) station.cycle();
    }
    ASSERT_TRUE(station.settle());
    EXPECT_EQ(station.verify(), "");
    EXPECT_GT(station.store().status().streams[1].first_sequence, 1U);
    EXPECT_LE(most, station.settings.limit_octets);
}

}  // namespace
}  // namespace outstation::faults
