// SPDX-License-Identifier: GPL-3.0-or-later
// Rates of counters and gaps between samples.
#include "lib/store/history/points.hpp"

#include <algorithm>
#include <limits>

namespace outstation::store {
namespace {

constexpr std::uint64_t kGapFactor = 3;
constexpr std::size_t kFewRows = 4;
constexpr std::int64_t kMaxUnknownGapNs = 6 * 3'600'000'000'000;  // where no usual distance is known
constexpr auto kNoGapNs = std::numeric_limits<std::int64_t>::max();

// Between any two times, hostile ones too.
std::uint64_t distance(std::int64_t a, std::int64_t b) {
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return a > b ? x - y : y - x;
}

std::int64_t tripled(std::uint64_t distance_ns) {
    if (distance_ns > static_cast<std::uint64_t>(kNoGapNs) / kGapFactor) return kNoGapNs;
    return static_cast<std::int64_t>(distance_ns * kGapFactor);
}

}  // namespace

std::optional<std::int64_t> max_gap_ns(const std::vector<std::int64_t>& wall_ns) {
    if (wall_ns.size() < 2) return std::nullopt;
    std::vector<std::uint64_t> distances;
    for (std::size_t i = 1; i < wall_ns.size(); ++i)
        distances.push_back(distance(wall_ns[i], wall_ns[i - 1]));
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    return tripled(*middle);
}

std::optional<double> rate_between(const CounterPoint& before, const CounterPoint& after,
                                   std::int64_t max_gap_ns) {
    if (before.wall_ns == 0 || after.wall_ns <= before.wall_ns || after.counter < before.counter)
        return std::nullopt;
    const std::uint64_t distance_ns = distance(after.wall_ns, before.wall_ns);
    if (distance_ns > static_cast<std::uint64_t>(max_gap_ns)) return std::nullopt;
    return static_cast<double>(after.counter - before.counter) * 1e9 / static_cast<double>(distance_ns);
}

void DevicePoints::start_block(const std::vector<std::int64_t>& wall_ns) {
    max_gap_ns_ = max_gap_ns(wall_ns).value_or(0);
    few_rows_ = wall_ns.size() < kFewRows;
}

// In a block of few rows the middle distance may be an outage's: there the block before is asked, too.
std::int64_t DevicePoints::gap_after(const CounterPoint& before) const {
    if (max_gap_ns_ == 0) return before.max_gap_ns == 0 ? kMaxUnknownGapNs : before.max_gap_ns;
    return few_rows_ && before.max_gap_ns != 0 ? std::min(max_gap_ns_, before.max_gap_ns) : max_gap_ns_;
}

DevicePoints::Point DevicePoints::rate(const ColumnData& data, std::size_t index, std::int64_t wall_ns,
                                       CounterPoint& before) const {
    Point out;
    out.series = data.key.series;
    out.kind = SeriesKind::counter;
    out.wall_ns = wall_ns;
    out.counter = data.counters[index];
    CounterPoint now{wall_ns, out.counter, max_gap_ns_};
    out.value = rate_between(before, now, gap_after(before));
    const std::uint64_t distance_ns = distance(wall_ns, before.wall_ns);
    if (out.value) out.weight = static_cast<double>(distance_ns) / 1e9;
    // The only row of its block: the next one is as usual when it comes after as long a time.
    if (now.max_gap_ns == 0 && before.wall_ns != 0 && wall_ns > before.wall_ns)
        now.max_gap_ns = tripled(distance_ns);
    before = now;
    return out;
}

}  // namespace outstation::store
