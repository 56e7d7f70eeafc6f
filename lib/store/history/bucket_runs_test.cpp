// SPDX-License-Identifier: GPL-3.0-or-later
// Columns rolled up by runs of rows are what they are sample by sample, over devices of every kind of
// trouble.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "lib/store/history/blocks.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kStartNs = 1'767'225'600'000'000'000;  // 2026-01-01
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;
constexpr std::uint32_t kUptime = 900;
constexpr std::uint32_t kCounters = 5;  // series 1 to 5, of them 1 and 2 of 32 bits
constexpr std::uint32_t kGauges = 3;    // series 101 to 103
constexpr int kDevices = 4000;
constexpr TimeRange kBelieved{kStartNs - kDayNs, kStartNs + kDayNs};
constexpr SequenceRange kSequences{1, 1000};

// A device that is measured now and then badly.
class OddDevice {
  public:
    explicit OddDevice(std::uint64_t seed) : random_(seed) {
        interval_ns_ = kSecondNs * pick({1, 10, 60, 300, 900, 4000});
        trouble_ = pick({0, 0, 2, 10, 40});
        has_uptime_ = chance(50);
        for (std::uint64_t& rate : rates_)
            rate = pick<std::uint64_t>({0, 0, 1, 1000, 1ULL << 30, 1ULL << 61});
    }
    BlockBuilder block() {
        BlockBuilder out("odd");
        const auto rows = pick({1, 2, 3, 4, 5, 30, 120});
        for (int i = 0; i < rows; ++i) {
            const auto added = out.add(++sequence_, next());
            EXPECT_TRUE(added) << added.error().text;
        }
        return out;
    }

  private:
    template <typename T>
    T pick(std::initializer_list<T> from) {
        return from.begin()[random_() % from.size()];
    }
    bool chance(int in_100) { return static_cast<int>(random_() % 100) < in_100; }
    bool odd() { return trouble_ > 0 && chance(trouble_); }

    void step_clock() {
        const auto jitter_ns = static_cast<std::int64_t>(random_() % 20'000'000);
        wall_ns_ += odd() ? pick<std::int64_t>({0, -interval_ns_, 7 * interval_ns_, 30 * interval_ns_,
                                                -20 * interval_ns_, 3600 * kSecondNs})
                          : interval_ns_ + (chance(80) ? jitter_ns : 0);
    }
    wire::SampleRecord next() {
        step_clock();
        wire::SampleRecord out;
        out.device = "odd";
        out.stamp.wall_ns =
            chance(trouble_ / 4) ? pick<std::int64_t>({0, 1, kStartNs + 3 * kDayNs}) : wall_ns_;
        for (std::uint32_t i = 0; i < kCounters; ++i) {
            values_[i] = odd() ? random_() >> (random_() % 64) : values_[i] + rates_[i] * (random_() % 3);
            if (i < 2) values_[i] &= 0xFFFF'FFFF;
            if (chance(trouble_ / 4)) continue;
            out.counter_series.push_back(i + 1);
            out.counters.push_back(values_[i]);
        }
        for (std::uint32_t i = 0; i < kGauges; ++i) {
            if (chance(trouble_ / 4)) continue;
            out.gauge_series.push_back(i + 101);
            out.gauges.push_back(odd() ? pick({std::nan(""), -0.0, 0.0, -1e300, 1e300,
                                               std::numeric_limits<double>::infinity()})
                                       : static_cast<double>(random_() % 1000) / (i + 1));
        }
        add_uptime(out);
        return out;
    }
    void add_uptime(wire::SampleRecord& out) {
        if (!has_uptime_ || odd()) return;
        uptime_ = odd() ? 0.0 : uptime_ + 1.0;
        out.gauge_series.push_back(kUptime);
        out.gauges.push_back(odd() ? std::nan("") : uptime_);
    }

    std::mt19937_64 random_;
    std::int64_t interval_ns_ = 0;
    int trouble_ = 0;
    bool has_uptime_ = false;
    double uptime_ = 1000.0;
    std::int64_t wall_ns_ = kStartNs;
    std::uint64_t sequence_ = 0;
    std::uint64_t values_[kCounters] = {};
    std::uint64_t rates_[kCounters] = {};
};

// What roll_up_block() must do.
void roll_up_by_samples(BlockReader& block, DevicePoints& points, RollUp& to) {
    const std::vector<std::int64_t>& wall_ns = **block.wall_ns();
    points.start_block(wall_ns, uptimes_of(block, kUptime, wall_ns.size()).value());
    ColumnData data;
    for (std::size_t i = 0; i < block.columns().size(); ++i) {
        BucketColumn gathered;
        gathered.series = block.columns()[i].series;
        gathered.kind = block.columns()[i].kind;
        ASSERT_TRUE(block.column(i, data));
        points.column(data, wall_ns, [&](const DevicePoints::Point& point) {
            if (kBelieved.contains(point.wall_ns)) gathered.add(point, to.length_ns());
        });
        to.add(gathered);
    }
}

std::vector<std::string> bodies_of(RollUp& gathered) {
    const auto rows = gathered.take(RollUp::Take::all, kSequences, 0);
    std::vector<std::string> out;
    if (rows) {
        for (const BlockRow& row : *rows) out.push_back(row.body);
    }
    return out;
}

void expect_same(const CounterPoints& known, const CounterPoints& expected) {
    ASSERT_EQ(known.size(), expected.size());
    for (const auto& [series, point] : expected) {
        const CounterPoint& other = known.at(series);
        EXPECT_EQ(other.wall_ns, point.wall_ns);
        EXPECT_EQ(other.counter, point.counter);
        EXPECT_EQ(other.max_gap_ns, point.max_gap_ns);
        EXPECT_EQ(other.uptime, point.uptime);
    }
}

TEST(BucketRuns, AreWhatTheSamplesAreOneByOne) {
    CounterRules rules;
    rules.of_32_bits = {1, 2};
    std::mt19937_64 random(7);
    for (int i = 0; i < kDevices && !HasFailure(); ++i) {
        const Level level = std::array{Level::m1, Level::m15, Level::h1}[random() % 3];
        const std::int64_t gap_ns = random() % 4 == 0 ? 90 * kSecondNs : 0;
        RollUp by_runs("odd", level), by_samples("odd", level);
        CounterPoints runs_known, samples_known;
        DevicePoints runs_points(runs_known, rules, gap_ns), samples_points(samples_known, rules, gap_ns);
        OddDevice device(random());
        for (auto blocks = 1 + random() % 4; blocks > 0; --blocks) {
            auto block = BlockReader::open(device.block().encode()).value();
            roll_up_by_samples(block, samples_points, by_samples);
            ASSERT_TRUE(roll_up_block(block, runs_points, kUptime, kBelieved, by_runs));
        }
        EXPECT_EQ(bodies_of(by_runs), bodies_of(by_samples)) << "device " << i;
        expect_same(runs_known, samples_known);
    }
}

}  // namespace
}  // namespace outstation::store
