// SPDX-License-Identifier: GPL-3.0-or-later
// From samples to values: a gauge gives itself, a counter the rate since the sample before. Pure computation.
// Threads: one.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/store/columns/block.hpp"

namespace outstation::store {

// A counter's sample; wall_ns 0: none.
struct CounterPoint {
    std::int64_t wall_ns = 0;
    std::uint64_t counter = 0;
    std::int64_t max_gap_ns = 0;  // as its block had it; 0: not known
};
using CounterPoints = std::unordered_map<std::uint32_t, CounterPoint>;  // by series

// Two samples further apart than three times the usual distance of a device's rows have a gap between them.
// Nothing when there are not two rows.
[[nodiscard]] std::optional<std::int64_t> max_gap_ns(const std::vector<std::int64_t>& wall_ns);

// Per second, of the later sample. None after a gap, a step back in time or a reset of the counter.
[[nodiscard]] std::optional<double> rate_between(const CounterPoint& before, const CounterPoint& after,
                                                 std::int64_t max_gap_ns);

// The rows of one device, block after block.
class DevicePoints {
  public:
    // The last counters before the first block, by series. Filled with the last ones seen.
    explicit DevicePoints(CounterPoints& previous) : previous_(previous) {}

    struct Point {
        std::uint32_t series = 0;
        SeriesKind kind = SeriesKind::gauge;
        std::int64_t wall_ns = 0;
        std::uint64_t counter = 0;    // of a counter
        double gauge = 0.0;           // of a gauge
        std::optional<double> value;  // none: NaN, or no rate
        double weight = 1.0;          // in a mean: the seconds that a rate is for
    };
    // Learns the distances of the block's rows. Before the columns.
    void start_block(const std::vector<std::int64_t>& wall_ns);
    // Calls `visit(point)` for each sample of a column, in order.
    template <typename Visit>
    void column(const ColumnData& data, const std::vector<std::int64_t>& wall_ns, Visit&& visit) {
        const bool counter = data.key.kind == SeriesKind::counter;
        CounterPoint* const before = counter && !data.rows.empty() ? &previous_[data.key.series] : nullptr;
        for (std::size_t i = 0; i < data.rows.size(); ++i) {
            const std::int64_t at_ns = wall_ns[data.rows[i]];
            visit(counter ? rate(data, i, at_ns, *before) : gauge(data, i, at_ns));
        }
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
                             CounterPoint& before) const;
    [[nodiscard]] std::int64_t gap_after(const CounterPoint& before) const;

    CounterPoints& previous_;
    std::int64_t max_gap_ns_ = 0;  // of this block; 0: not known
    bool few_rows_ = true;         // too few to believe it alone
};

}  // namespace outstation::store
