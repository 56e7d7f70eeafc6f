// SPDX-License-Identifier: GPL-3.0-or-later
// From samples to values: a gauge gives itself, a counter the rate since the sample before. Pure computation.
// Threads: one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/model/counter.hpp"
#include "lib/store/columns/block.hpp"

namespace outstation::store {

// A counter's sample; wall_ns 0: none.
struct CounterPoint {
    std::int64_t wall_ns = 0;
    std::uint64_t counter = 0;
    std::int64_t max_gap_ns = 0;  // as its block had it; 0: not known
    double uptime = 0.0;          // of the device, seconds, as its row or one before had it; 0: not known
};
using CounterPoints = std::unordered_map<std::uint32_t, CounterPoint>;  // by series

// Two samples further apart than three times the usual distance of a device's rows have a gap between them.
// Nothing when there are not two rows.
[[nodiscard]] std::optional<std::int64_t> max_gap_ns(const std::vector<std::int64_t>& wall_ns);

// Three times this.
[[nodiscard]] std::int64_t max_gap_at(std::uint64_t distance_ns);

// Between any two times, hostile ones too.
[[nodiscard]] inline std::uint64_t time_between(std::int64_t a, std::int64_t b) {
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return a > b ? x - y : y - x;
}

// What an increase over so long a time is per second.
[[nodiscard]] inline double rate_of(std::uint64_t increase, double distance_ns) {
    return static_cast<double>(increase) * 1e9 / distance_ns;
}
[[nodiscard]] inline double seconds_of(std::uint64_t distance_ns) {
    return static_cast<double>(distance_ns) / 1e9;
}

// Per second, of the later sample. None after a gap, a step back in time, a restart of the device or a reset
// of the counter; one of 32 bits may have wrapped (lib/model/counter.hpp).
[[nodiscard]] inline std::optional<double> rate_between(const CounterPoint& before, const CounterPoint& after,
                                                        std::int64_t max_gap_ns, bool is_32_bit = false) {
    if (before.wall_ns == 0 || after.wall_ns <= before.wall_ns || after.uptime < before.uptime)
        return std::nullopt;
    const std::uint64_t distance_ns = time_between(before.wall_ns, after.wall_ns);
    const auto increase = counter_increase(before.counter, after.counter, is_32_bit);
    if (!increase || distance_ns > static_cast<std::uint64_t>(max_gap_ns)) return std::nullopt;
    return rate_of(*increase, static_cast<double>(distance_ns));
}

// The device was restarted, or the counter fell and that was no wrap.
[[nodiscard]] inline bool is_reset_between(const CounterPoint& before, const CounterPoint& after,
                                           bool is_32_bit) {
    if (before.wall_ns == 0 || after.wall_ns <= before.wall_ns) return false;
    return after.uptime < before.uptime || !counter_increase(before.counter, after.counter, is_32_bit);
}

// From a row of a block to the one behind it, the same for every counter that has both.
struct RowStep {
    double distance_ns = 0.0;
    double seconds = 0.0;
    bool has_rate = false;  // unless the counter was reset
    [[nodiscard]] double rate(std::uint64_t increase) const { return rate_of(increase, distance_ns); }
};

// What the definitions of series say of rates: which counters have 32 bits, and which gauge tells that a
// device was restarted, because it fell.
struct CounterRules {
    std::unordered_set<std::uint32_t> of_32_bits;
    std::unordered_map<std::string, std::uint32_t> uptimes;  // by device

    void learn(const wire::SeriesDef& def);
    [[nodiscard]] std::optional<std::uint32_t> uptime_of(const std::string& device) const;
};
// Falls when the device has restarted: its counters began anew (RFC 3418, sysUpTime).
inline constexpr const char* kUptimeMetric = "sys_uptime_seconds";

// The rows of one device, block after block.
class DevicePoints {
  public:
    // The last counters before the first block, by series. Filled with the last ones seen. What is a gap is
    // given, or (0) learned.
    DevicePoints(CounterPoints& previous, const CounterRules& rules, std::int64_t given_gap_ns = 0)
        : previous_(previous), rules_(rules), given_gap_ns_(given_gap_ns) {}

    struct Point {
        std::uint32_t series = 0;
        SeriesKind kind = SeriesKind::gauge;
        std::int64_t wall_ns = 0;
        std::uint64_t counter = 0;    // of a counter
        double gauge = 0.0;           // of a gauge
        std::optional<double> value;  // none: NaN, or no rate
        double weight = 1.0;          // in a mean: the seconds that a rate is for
        bool reset = false;           // the counter began anew since the sample before
    };
    // Learns the distances of the block's rows, and the uptimes in them (as many, NaN: none; or empty).
    // Before the columns.
    void start_block(const std::vector<std::int64_t>& wall_ns, std::vector<double> uptimes);
    // To each row of the block from the one before; nothing where they are not the same for every counter.
    [[nodiscard]] std::vector<RowStep> steps(const std::vector<std::int64_t>& wall_ns);
    // Of a counter that has every row of a block that has steps(): its first point, which the others follow
    // by them. The last one is remembered.
    struct WholeCounter {
        std::optional<double> rate;
        double seconds = 0.0;
        bool is_32_bit = false;
    };
    [[nodiscard]] WholeCounter whole_counter(const ColumnData& data,
                                             const std::vector<std::int64_t>& wall_ns);
    // Calls `visit(point)` for each sample of a column, in order.
    template <typename Visit>
    void column(const ColumnData& data, const std::vector<std::int64_t>& wall_ns, Visit&& visit) {
        if (data.rows.empty()) return;
        if (data.key.kind == SeriesKind::gauge) {
            for (std::size_t i = 0; i < data.rows.size(); ++i) visit(gauge(data, i, wall_ns[data.rows[i]]));
            return;
        }
        CounterPoint before = previous_[data.key.series];
        is_32_bit_ = rules_.of_32_bits.contains(data.key.series);
        for (std::size_t i = 0; i < data.rows.size(); ++i)
            visit(rate(data, i, wall_ns[data.rows[i]], before));
        previous_[data.key.series] = before;
    }

  private:
    [[nodiscard]] static Point gauge(const ColumnData& data, std::size_t index, std::int64_t wall_ns) {
        Point out;
        out.series = data.key.series;
        out.wall_ns = wall_ns;
        out.gauge = data.gauges[index];
        if (!std::isnan(out.gauge)) out.value = out.gauge;
        return out;
    }
    // Since `before`, which becomes this sample.
    [[nodiscard]] Point rate(const ColumnData& data, std::size_t index, std::int64_t wall_ns,
                             CounterPoint& before) const {
        Point out;
        out.series = data.key.series;
        out.kind = SeriesKind::counter;
        out.wall_ns = wall_ns;
        out.counter = data.counters[index];
        const double uptime = uptimes_.empty() ? std::nan("") : uptimes_[data.rows[index]];
        CounterPoint now{wall_ns, out.counter, max_gap_ns_, std::isnan(uptime) ? before.uptime : uptime};
        out.value = rate_between(before, now, gap_after(before), is_32_bit_);
        const std::uint64_t distance_ns = time_between(before.wall_ns, wall_ns);
        if (out.value) out.weight = seconds_of(distance_ns);
        out.reset = !out.value && is_reset_between(before, now, is_32_bit_);
        // The only row of its block: the next one is as usual when it comes after as long a time, unless that
        // was a gap.
        if (now.max_gap_ns == 0 && before.wall_ns != 0 && wall_ns > before.wall_ns) {
            const auto known_ns = static_cast<std::uint64_t>(before.max_gap_ns);
            now.max_gap_ns =
                known_ns == 0 || distance_ns <= known_ns ? max_gap_at(distance_ns) : before.max_gap_ns;
        }
        before = now;
        return out;
    }
    // In a block of few rows the middle distance may be an outage's: there the block before is asked, too.
    [[nodiscard]] std::int64_t gap_after(const CounterPoint& before) const {
        if (given_gap_ns_ > 0) return given_gap_ns_;
        if (max_gap_ns_ == 0) return before.max_gap_ns == 0 ? kMaxUnknownGapNs : before.max_gap_ns;
        return few_rows_ && before.max_gap_ns != 0 ? std::min(max_gap_ns_, before.max_gap_ns) : max_gap_ns_;
    }
    static constexpr std::int64_t kMaxUnknownGapNs =
        6 * 3'600'000'000'000;  // where no usual distance is known

    CounterPoints& previous_;
    const CounterRules& rules_;
    std::int64_t given_gap_ns_;
    std::vector<double> uptimes_;  // by row of this block
    double last_uptime_ = 0.0;     // behind steps(), where there are uptimes
    bool is_32_bit_ = false;       // the present column
    std::int64_t max_gap_ns_ = 0;  // of this block; 0: not known
    bool few_rows_ = true;         // too few to believe it alone
};

}  // namespace outstation::store
