// SPDX-License-Identifier: GPL-3.0-or-later
// Points of series over time: which steps to ask for, asking stored until all are there, and the figures
// under a chart. stored does the arithmetic on samples; nothing is interpolated. Threads: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "daemons/webd/upstream.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

inline constexpr std::int64_t kMostPoints = 4000;
inline constexpr std::size_t kMostRangeSeries = 12;

// Times are multiples of the step, so that charts do not shimmer from call to call.
struct RangeQuery {
    std::vector<std::uint32_t> series;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::int64_t step_ns = 0;
    [[nodiscard]] std::size_t steps() const { return static_cast<std::size_t>((to_ns - from_ns) / step_ns); }
};

// In the order of the query; count, min, max and mean have one element a step, count 0 is a gap.
struct RangeColumns {
    std::vector<wire::RangeColumn> columns;
    std::vector<wire::DamagedSpan> damaged;  // what the disk had and cannot give any more
};

struct Summary {
    std::optional<double> last;
    std::optional<double> min;
    std::optional<double> mean;
    std::optional<double> p95;  // of the steps' means
    std::optional<double> max;
};

[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_series_ids(std::string_view text);
// step_s 0: the smallest round step that gives at most `points`. Never finer than the interval, never more
// than kMostPoints.
[[nodiscard]] RangeQuery make_range_query(std::vector<std::uint32_t> series, double from_s, double to_s,
                                          std::int64_t step_s, std::int64_t points, std::int64_t interval_s);
// Fails with not_found when a series does not exist, malformed when stored breaks its word.
void ask_range(Upstream& stored, const RangeQuery& query, std::function<void(Result<RangeColumns>)> callback,
               Duration max_age = Upstream::kShareFor);
// Samples as they are, of gauges.
struct PointsQuery {
    std::vector<std::uint32_t> series;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
};
// All samples of the range; columns in the order of stored. Fails as ask_range does. Nothing is remembered.
void ask_range_points(Upstream& stored, const PointsQuery& query,
                      std::function<void(Result<wire::RangeReply>)> callback);
[[nodiscard]] Summary summary_of(const wire::RangeColumn& column);

}  // namespace outstation::webd
