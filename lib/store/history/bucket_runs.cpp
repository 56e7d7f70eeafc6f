// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of rows, and the columns rolled up by them.
#include "lib/store/history/bucket_runs.hpp"

#include <cmath>

namespace outstation::store {
namespace {

void add_gauges(const double* value, const double* end, Bucket& to) {
    while (value != end && std::isnan(*value)) ++value;
    if (value == end) return;
    double minimum = *value;
    double maximum = *value;
    double sum = 0.0;
    std::uint64_t count = 0;
    for (; value != end; ++value) {
        if (std::isnan(*value)) continue;
        minimum = *value < minimum ? *value : minimum;
        maximum = *value > maximum ? *value : maximum;
        sum += *value;
        ++count;
    }
    to.minimum = minimum;
    to.maximum = maximum;
    to.sum = sum;
    to.weight = static_cast<double>(count);
    to.count = count;
}

void add_rate(double rate, double weight, Bucket& to) {
    to.minimum = to.count == 0 ? rate : std::min(to.minimum, rate);
    to.maximum = to.count == 0 ? rate : std::max(to.maximum, rate);
    to.sum += rate * weight;
    to.weight += weight;
    ++to.count;
}

// `value` and `step` are those of the first row; there is one before it.
void add_rates(const std::uint64_t* value, const std::uint64_t* end, const RowStep* step, bool is_32_bit,
               Bucket& to) {
    Bucket own = to;
    for (; value != end; ++value, ++step) {
        if (!step->has_rate) continue;
        const auto increase = counter_increase(value[-1], *value, is_32_bit);
        if (increase) add_rate(step->rate(*increase), step->seconds, own);
    }
    to = own;
}

}  // namespace

std::optional<BucketRuns> BucketRuns::of(const std::vector<std::int64_t>& wall_ns, std::int64_t length_ns,
                                         const TimeRange& believed) {
    BucketRuns out;
    std::int64_t start_ns = 0;
    for (std::size_t i = 0; i < wall_ns.size(); ++i) {
        const std::int64_t at_ns = wall_ns[i];
        if (!believed.contains(at_ns)) return std::nullopt;
        if (out.runs_.empty() || at_ns < start_ns || at_ns - start_ns >= length_ns) {
            out.runs_.push_back({i, i, i, at_ns});
            start_ns = bucket_start_ns(at_ns, length_ns);
        }
        Run& run = out.runs_.back();
        run.end = i + 1;
        if (at_ns < run.newest_ns) continue;
        run.newest = i;
        run.newest_ns = at_ns;
    }
    return out;
}

void BucketRuns::add_gauge(const std::vector<double>& values, std::vector<Bucket>& out) const {
    for (const Run& run : runs_) {
        Bucket& bucket = out.emplace_back();
        bucket.newest_ns = run.newest_ns;
        bucket.last_gauge = values[run.newest];
        add_gauges(values.data() + run.begin, values.data() + run.end, bucket);
    }
}

void BucketRuns::add_counter(const DevicePoints::WholeCounter& first,
                             const std::vector<std::uint64_t>& values, const std::vector<RowStep>& steps,
                             std::vector<Bucket>& out) const {
    for (const Run& run : runs_) {
        Bucket& bucket = out.emplace_back();
        bucket.newest_ns = run.newest_ns;
        bucket.last_counter = values[run.newest];
        std::size_t begin = run.begin;
        if (begin == 0) {
            if (first.rate) add_rate(*first.rate, first.seconds, bucket);
            ++begin;
        }
        add_rates(values.data() + begin, values.data() + run.end, steps.data() + begin, first.is_32_bit,
                  bucket);
    }
}

}  // namespace outstation::store
