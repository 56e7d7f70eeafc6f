// SPDX-License-Identifier: GPL-3.0-or-later
// Rolls up the columns that have every row of a raw block: which rows go into one bucket, and what is known
// of the step from row to row, is found once for all of them. The result is the one that DevicePoints and
// BucketColumn have sample by sample, to the bit. Pure computation. Threads: one.
#pragma once

#include <optional>
#include <vector>

#include "lib/store/history/blocks.hpp"

namespace outstation::store {

class BucketRuns {
  public:
    // Of the rows with these stamps. Nothing where a row is not believed.
    [[nodiscard]] static std::optional<BucketRuns> of(const std::vector<std::int64_t>& wall_ns,
                                                      std::int64_t length_ns, const TimeRange& believed);

    // Appends the buckets of a gauge.
    void add_gauge(const std::vector<double>& values, std::vector<Bucket>& out) const;
    // Those of a counter: its first point, the others follow by the steps between the rows.
    void add_counter(const DevicePoints::WholeCounter& first, const std::vector<std::uint64_t>& values,
                     const std::vector<RowStep>& steps, std::vector<Bucket>& out) const;

  private:
    // Rows from `begin` to before `end`. Their newest stamp is that of the row `newest`.
    struct Run {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t newest = 0;
        std::int64_t newest_ns = 0;
    };
    std::vector<Run> runs_;
};

}  // namespace outstation::store
