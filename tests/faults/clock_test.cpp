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
constexpr std::int64_t k2100 = 4'102'444'800;
constexpr std::int64_t kHour = 3'600;
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
            ASSERT_EQ(contents.records.size(), station.sent(id)) << at;
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

// The times a wall clock may show instead of `real`.
std::int64_t wrong_time(std::int64_t real, std::uint64_t random) {
    const std::int64_t clocks[] = {real + 1, real - 1, real + kHour, real - kHour, real + kDay, real - kDay,
                                   k1970,    k2038,    k2100,        real,         real,        real};
    return clocks[random % std::size(clocks)];
}

// What is wrong after a run with a clock that steps now and then, with openings between.
Findings run_with_steps(const Routine& routine, std::uint64_t seed) {
    store::FakeFileSystem files;
    Station station(files, "journal", routine);
    std::mt19937_64 random(seed);
    station.settings.limit_octets = 0;
    station.settings.retention = std::chrono::hours(30 * 24);
    if (!station.open()) return Findings::failure("does not open: " + station.error());
    const auto start = station.loop.wall().time_since_epoch();
    const auto begun = station.loop.now();
    for (int i = 0; i < routine.cycles; ++i) {
        const std::int64_t real =
            std::chrono::duration_cast<std::chrono::seconds>(start + (station.loop.now() - begun)).count();
        if (random() % 4 == 0)
            station.loop.step_wall(std::chrono::seconds(wrong_time(real, random())) -
                                   station.loop.wall().time_since_epoch());
        station.cycle(random() % 10 == 0 ? routine.span + 61s : routine.span);
        if (random() % 20 == 0 && !station.open())
            return Findings::failure("does not open: " + station.error());
    }
    Findings found = station.settle_and_compare();
    for (const StreamId id : Station::kProduced) {
        if (station.account_of(id).dropped) found.add(&Findings::lost, "retention let go of what is not old");
    }
    return found;
}

TEST_F(WrongClock, BackAndForthAtRandom) {
    Tally tally("R7", "the wall clock steps at random");
    const std::size_t seeds = campaign_size(12);
    for (std::size_t seed = 0; seed < seeds; ++seed) {
        Routine routine = seed % 4 == 0 ? history_routine(true) : journal_routine();
        routine.counts_hours = false;  // a wrong stamp is in no hour, or in another
        if (!tally.count(run_with_steps(routine, seed), "seed " + std::to_string(seed))) return;
    }
}

// The limit in octets of journal and history does its work whatever the clock says.
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
