// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a range answer.
#include "lib/store/history/steps.hpp"

#include <algorithm>
#include <utility>

namespace outstation::store {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

}  // namespace

StepColumn::StepColumn(const HistorySeries& series, const HistoryRange& question)
    : series_(series), from_ns_(question.from_ns), to_ns_(question.to_ns), step_ns_(question.step_ns) {
    if (step_ns_ > 0) steps_.resize(static_cast<std::size_t>((to_ns_ - from_ns_ - 1) / step_ns_ + 1));
}

void StepColumn::start_level(Level level) {
    level_ = level;
    bucket_before_ = {};
    std::sort(own_.begin(), own_.end());
    own_.erase(std::unique(own_.begin(), own_.end()), own_.end());
    const auto middle = static_cast<std::ptrdiff_t>(finer_.size());
    finer_.insert(finer_.end(), own_.begin(), own_.end());
    std::inplace_merge(finer_.begin(), finer_.begin() + middle, finer_.end());
    own_.clear();
}

void StepColumn::put(Step& step, const Bucket& bucket) {
    if (!step.used) step.bucket.newest_ns = bucket.newest_ns;
    step.group = group_;
    step.used = step.rolled_up = true;
    step.bucket.add(bucket);
}

StepColumn::Step* StepColumn::step_at(std::int64_t wall_ns) {
    if (wall_ns < from_ns_ || wall_ns >= to_ns_) return nullptr;
    Step& step = steps_[static_cast<std::size_t>((wall_ns - from_ns_) / step_ns_)];
    return is_free(step) ? &step : nullptr;
}

// The last step has the bucket that the question ends in as a whole.
void StepColumn::add_step(const Bucket& bucket) {
    const std::int64_t length_ns = bucket_ns(level_);
    if (length_ns > step_ns_) return spread(bucket);
    if (bucket_start_ns(bucket.newest_ns, length_ns) >= to_ns_) return;
    if (Step* const step = step_at(std::min(bucket.newest_ns, to_ns_ - 1))) put(*step, bucket);
}

// Where in the bucket its values were is not known: each step that begins in it gets an equal share, unless a
// level that fits better has it.
void StepColumn::spread(const Bucket& bucket) {
    const std::int64_t length_ns = bucket_ns(level_);
    const std::int64_t start_ns = bucket_start_ns(bucket.newest_ns, length_ns);
    if (start_ns < from_ns_ - length_ns || start_ns >= to_ns_) return;
    const std::int64_t first = start_ns <= from_ns_ ? 0 : (start_ns - from_ns_ - 1) / step_ns_ + 1;
    const auto shares = static_cast<std::uint64_t>((length_ns - 1) / step_ns_ + 1);
    Bucket share = bucket;
    share.weight = bucket.weight / static_cast<double>(shares);
    share.sum = bucket.sum / static_cast<double>(shares);
    for (std::int64_t i = first; i * step_ns_ < start_ns - from_ns_ + length_ns; ++i) {
        const auto index = static_cast<std::size_t>(i);
        if (index >= steps_.size()) return;
        const bool more = static_cast<std::uint64_t>(i - first) < bucket.count % shares;
        share.count = bucket.count / shares + (more ? 1 : 0);
        if (bucket.count > 0) share.count = std::max<std::uint64_t>(share.count, 1);
        if (is_free(steps_[index])) put(steps_[index], share);
    }
}

bool StepColumn::taken(const Bucket& bucket) const {
    const std::int64_t length_ns = bucket_ns(level_);
    const std::int64_t start_ns = bucket_start_ns(bucket.newest_ns, length_ns);
    const auto finer = std::lower_bound(finer_.begin(), finer_.end(), start_ns);
    return finer != finer_.end() && *finer - start_ns < length_ns;
}

void StepColumn::add_point(const Bucket& bucket) {
    if (bucket.newest_ns < from_ns_ || bucket.newest_ns >= to_ns_) return;
    points_.push_back(bucket);
    const std::int64_t minute_ns = bucket_start_ns(bucket.newest_ns, kMinuteNs);
    if (own_.empty() || own_.back() != minute_ns) own_.push_back(minute_ns);
}

void StepColumn::see_reset(std::int64_t wall_ns) {
    if (wall_ns < from_ns_ || wall_ns >= to_ns_) return;
    const auto step = [this](std::int64_t at_ns) {
        return step_ns_ > 0 ? (at_ns - from_ns_) / step_ns_ : at_ns;
    };
    if (resets_.empty() || step(resets_.back()) != step(wall_ns)) resets_.push_back(wall_ns);
}

// A counter of 32 bits may have wrapped any number of times in a bucket.
void StepColumn::see_bucket(const Bucket& bucket) {
    if (series_.kind != SeriesKind::counter || series_.is_32_bit) return;
    const Bucket before = std::exchange(bucket_before_, bucket);
    if (before.newest_ns == 0 || bucket.newest_ns <= before.newest_ns) return;
    const bool told = step_ns_ > 0 && step_at(bucket.newest_ns) == nullptr;  // by a finer level
    if (!told && bucket.last_counter < before.last_counter) see_reset(bucket.newest_ns);
}

void StepColumn::add(const DevicePoints::Point& point) {
    if (point.kind != series_.kind) return;
    if (point.reset) see_reset(point.wall_ns);
    if (step_ns_ > 0) {
        Step* const step = step_at(point.wall_ns);
        if (step == nullptr) return;
        Bucket& bucket = step->rolled_up ? samples_[step] : step->bucket;
        if (!step->used) bucket.newest_ns = point.wall_ns;
        step->group = group_;
        step->used = true;
        return bucket.add(point);
    }
    Bucket bucket;
    bucket.newest_ns = point.wall_ns;
    bucket.count = 1;
    bucket.last_counter = point.counter;
    bucket.last_gauge = point.gauge;
    add_point(bucket);
}

void StepColumn::add(const BucketColumn& column) {
    if (column.kind != series_.kind) return;
    for (const Bucket& bucket : column.buckets) {
        see_bucket(bucket);
        if (step_ns_ > 0) {
            add_step(bucket);
        } else if (!taken(bucket)) {
            add_point(bucket);
        }
    }
}

// A bucket does not say how long its rates were for: beside one the samples of a step weigh as many as they
// are.
void StepColumn::join_samples() {
    for (Step& step : steps_) {
        if (!step.rolled_up) continue;
        const auto found = samples_.find(&step);
        if (found == samples_.end()) continue;
        Bucket& samples = found->second;
        samples.sum = samples.mean() * static_cast<double>(samples.count);
        samples.weight = static_cast<double>(samples.count);
        step.bucket.add(samples);
    }
}

HistoryColumn StepColumn::finish() {
    if (!samples_.empty()) join_samples();
    HistoryColumn out;
    out.series = series_.id;
    out.kind = series_.kind;
    std::sort(resets_.begin(), resets_.end());
    resets_.erase(std::unique(resets_.begin(), resets_.end()), resets_.end());
    out.resets = std::move(resets_);
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
