// SPDX-License-Identifier: GPL-3.0-or-later
// Where the points of one series go in a range query: kept as they are, or gathered by steps. Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/wire/store_messages.hpp"

namespace outstation::store {

struct RangePoint {
    std::int64_t wall_ns = 0;
    std::uint64_t counter = 0;
    double gauge = 0.0;
    bool after_restart = false;
    bool sealed = false;  // from history
};

class RangeSink {
  public:
    virtual ~RangeSink() = default;
    virtual void add(const RangePoint& point) = 0;
    // The device has restarted before the next point.
    virtual void restart() {}
    // The counter began anew before the point of this time, as somebody saw who knows more than the points.
    virtual void reset(std::int64_t wall_ns) = 0;
    // Points before this one are only what a first rate is counted from.
    virtual void count_from(std::int64_t) {}
    // Adds the times of the points that it keeps as they are.
    virtual void times(std::vector<std::int64_t>&) const {}
    [[nodiscard]] virtual wire::RangeColumn finish(std::int64_t complete_to_ns) = 0;
};

// `request` must outlive them.
[[nodiscard]] std::unique_ptr<RangeSink> make_raw_column(wire::SeriesDef series,
                                                         const wire::RangeRequest& request);
[[nodiscard]] std::unique_ptr<RangeSink> make_stepped_column(wire::SeriesDef series,
                                                             const wire::RangeRequest& request,
                                                             std::size_t steps);

}  // namespace outstation::store
