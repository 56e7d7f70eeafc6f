// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of counters and gaps between samples.
#include "lib/store/history/points.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace outstation::store {
namespace {

constexpr std::uint64_t kGapFactor = 3;
constexpr std::size_t kFewRows = 4;
constexpr auto kNoGapNs = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::int64_t max_gap_at(std::uint64_t distance_ns) {
    if (distance_ns > static_cast<std::uint64_t>(kNoGapNs) / kGapFactor) return kNoGapNs;
    return static_cast<std::int64_t>(distance_ns * kGapFactor);
}

std::optional<std::int64_t> max_gap_ns(const std::vector<std::int64_t>& wall_ns) {
    if (wall_ns.size() < 2) return std::nullopt;
    std::vector<std::uint64_t> distances;
    for (std::size_t i = 1; i < wall_ns.size(); ++i)
        distances.push_back(time_between(wall_ns[i - 1], wall_ns[i]));
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    return max_gap_at(*middle);
}

void CounterRules::learn(const wire::SeriesDef& def) {
    if (def.kind == SeriesKind::counter && def.is_32_bit()) of_32_bits.insert(def.id);
    if (def.kind == SeriesKind::gauge && def.metric == kUptimeMetric) uptimes[def.device] = def.id;
}

std::optional<std::uint32_t> CounterRules::uptime_of(const std::string& device) const {
    const auto found = uptimes.find(device);
    return found == uptimes.end() ? std::nullopt : std::optional(found->second);
}

void DevicePoints::start_block(const std::vector<std::int64_t>& wall_ns, std::vector<double> uptimes) {
    uptimes_ = std::move(uptimes);
    max_gap_ns_ = max_gap_ns(wall_ns).value_or(0);
    few_rows_ = wall_ns.size() < kFewRows;
}

// Where the usual distance is not known, or the first row's uptime is another row's, each counter has its
// own.
std::vector<RowStep> DevicePoints::steps(const std::vector<std::int64_t>& wall_ns) {
    std::vector<RowStep> out;
    if (max_gap_ns_ == 0 || (!uptimes_.empty() && std::isnan(uptimes_.front()))) return out;
    const auto gap_ns = static_cast<std::uint64_t>(given_gap_ns_ > 0 ? given_gap_ns_ : max_gap_ns_);
    last_uptime_ = uptimes_.empty() ? 0.0 : uptimes_.front();
    out.resize(wall_ns.size());
    for (std::size_t i = 1; i < wall_ns.size(); ++i) {
        const double uptime = uptimes_.empty() || std::isnan(uptimes_[i]) ? last_uptime_ : uptimes_[i];
        const std::uint64_t distance_ns = time_between(wall_ns[i - 1], wall_ns[i]);
        out[i].distance_ns = static_cast<double>(distance_ns);
        out[i].seconds = seconds_of(distance_ns);
        out[i].has_rate = wall_ns[i - 1] != 0 && wall_ns[i] > wall_ns[i - 1] && uptime >= last_uptime_ &&
                          distance_ns <= gap_ns;
        last_uptime_ = uptime;
    }
    return out;
}

DevicePoints::WholeCounter DevicePoints::whole_counter(const ColumnData& data,
                                                       const std::vector<std::int64_t>& wall_ns) {
    CounterPoint& known = previous_[data.key.series];
    is_32_bit_ = rules_.of_32_bits.contains(data.key.series);
    const Point first = rate(data, 0, wall_ns.front(), known);
    known.wall_ns = wall_ns.back();
    known.counter = data.counters.back();
    if (!uptimes_.empty()) known.uptime = last_uptime_;
    return {first.value, first.weight, is_32_bit_};
}

}  // namespace outstation::store
