// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a range answer.
#include "lib/store/history/steps.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::int64_t kStretchNs = 3'600'000'000'000;

}  // namespace

StepColumn::StepColumn(const HistorySeries& series, const HistoryRange& question)
    : series_(series), from_ns_(question.from_ns), to_ns_(question.to_ns), step_ns_(question.step_ns) {
    if (step_ns_ > 0) steps_.resize(static_cast<std::size_t>((to_ns_ - from_ns_ - 1) / step_ns_ + 1));
}

void StepColumn::start_level(Level level) {
    level_ = level;
    std::sort(own_.begin(), own_.end());
    own_.erase(std::unique(own_.begin(), own_.end()), own_.end());
    const auto middle = static_cast<std::ptrdiff_t>(finer_.size());
    finer_.insert(finer_.end(), own_.begin(), own_.end());
    std::inplace_merge(finer_.begin(), finer_.begin() + middle, finer_.end());
    own_.clear();
}

StepColumn::Step* StepColumn::step_at(std::int64_t wall_ns) {
    if (wall_ns < from_ns_ || wall_ns >= to_ns_) return nullptr;
    Step& step = steps_[static_cast<std::size_t>((wall_ns - from_ns_) / step_ns_)];
    if (step.used && step.level != level_) return nullptr;
    if (!step.used) step.bucket.newest_ns = wall_ns;
    step.level = level_;
    step.used = true;
    return &step;
}

bool StepColumn::taken(std::int64_t wall_ns) const {
    return std::binary_search(finer_.begin(), finer_.end(), bucket_start_ns(wall_ns, kStretchNs));
}

void StepColumn::add(const DevicePoints::Point& point) {
    if (point.kind != series_.kind) return;
    if (step_ns_ > 0) {
        if (Step* const step = step_at(point.wall_ns)) step->bucket.add(point);
        return;
    }
    if (point.wall_ns < from_ns_ || point.wall_ns >= to_ns_) return;
    Bucket bucket;
    bucket.newest_ns = point.wall_ns;
    bucket.count = 1;
    bucket.last_counter = point.counter;
    bucket.last_gauge = point.gauge;
    points_.push_back(bucket);
    own_.push_back(bucket_start_ns(point.wall_ns, kStretchNs));
    if (own_.size() > 1 && own_.back() == own_[own_.size() - 2]) own_.pop_back();
}

void StepColumn::add(const BucketColumn& column) {
    if (column.kind != series_.kind) return;
    for (const Bucket& bucket : column.buckets) {
        const std::int64_t wall_ns = bucket.newest_ns;
        if (step_ns_ > 0) {
            if (Step* const step = step_at(wall_ns)) step->bucket.add(bucket);
        } else if (wall_ns >= from_ns_ && wall_ns < to_ns_ && !taken(wall_ns)) {
            points_.push_back(bucket);
            own_.push_back(bucket_start_ns(wall_ns, kStretchNs));
            if (own_.size() > 1 && own_.back() == own_[own_.size() - 2]) own_.pop_back();
        }
    }
}

HistoryColumn StepColumn::finish() {
    HistoryColumn out;
    out.series = series_.id;
    out.kind = series_.kind;
    const auto put = [&](std::int64_t wall_ns, const Bucket& bucket) {
        out.wall_ns.push_back(wall_ns);
        out.count.push_back(bucket.count);
        if (series_.kind == SeriesKind::counter) {
            out.counters.push_back(bucket.last_counter);
        } else {
            out.gauges.push_back(bucket.last_gauge);
        }
    };
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const Bucket& bucket = steps_[i].bucket;
        put(from_ns_ + static_cast<std::int64_t>(i) * step_ns_, bucket);
        out.minimum.push_back(bucket.count == 0 ? 0.0 : bucket.minimum);
        out.maximum.push_back(bucket.count == 0 ? 0.0 : bucket.maximum);
        out.mean.push_back(bucket.mean());
    }
    std::stable_sort(points_.begin(), points_.end(),
                     [](const Bucket& a, const Bucket& b) { return a.newest_ns < b.newest_ns; });
    for (const Bucket& bucket : points_) put(bucket.newest_ns, bucket);
    return out;
}

}  // namespace outstation::store
