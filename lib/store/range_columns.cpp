// SPDX-License-Identifier: GPL-3.0-or-later
// Raw points; rates of counters and values of gauges by steps.
#include "lib/store/range_columns.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "lib/model/counter.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kDistancesLearned = 32;
constexpr std::int64_t kGapFactor = 3;

class RawColumn : public RangeSink {
  public:
    RawColumn(wire::SeriesDef series, const wire::RangeRequest& request)
        : series_(std::move(series)), request_(request), is_32_bit_(series_.is_32_bit()) {}
    void add(const RangePoint& point) override {
        const bool reset_before = std::exchange(restarted_, false) || fell_to(point);
        last_ = point;
        if (point.wall_ns < request_.from_ns || point.wall_ns >= request_.to_ns) return;
        points_.push_back(point);
        if (reset_before) reset(point.wall_ns);
    }
    void restart() override { restarted_ = true; }
    void reset(std::int64_t wall_ns) override { resets_.push_back(wall_ns); }
    void times(std::vector<std::int64_t>& out) const override {
        for (const RangePoint& point : points_) out.push_back(point.wall_ns);
    }
    wire::RangeColumn finish(std::int64_t complete_to_ns) override {
        std::stable_sort(points_.begin(), points_.end(),
                         [](const RangePoint& a, const RangePoint& b) { return a.wall_ns < b.wall_ns; });
        wire::RangeColumn out;
        out.series = std::move(series_);
        std::sort(resets_.begin(), resets_.end());
        resets_.erase(std::unique(resets_.begin(), resets_.end()), resets_.end());
        for (const std::int64_t wall_ns : resets_) {
            if (wall_ns < complete_to_ns) out.resets.push_back(wall_ns);
        }
        for (const RangePoint& point : points_) {
            if (point.wall_ns >= complete_to_ns) break;
            out.wall_ns.push_back(point.wall_ns);
            if (out.series.kind == SeriesKind::counter) {
                out.counters.push_back(point.counter);
            } else {
                out.gauges.push_back(point.gauge);
            }
        }
        return out;
    }

  private:
    // Of what is sealed history says it, which knows where it has every sample.
    [[nodiscard]] bool fell_to(const RangePoint& point) const {
        return series_.kind == SeriesKind::counter && !point.sealed && last_.wall_ns != 0 &&
               point.wall_ns > last_.wall_ns && !counter_increase(last_.counter, point.counter, is_32_bit_);
    }

    wire::SeriesDef series_;
    const wire::RangeRequest& request_;
    std::vector<RangePoint> points_;
    bool is_32_bit_;
    bool restarted_ = false;
    RangePoint last_;
    std::vector<std::int64_t> resets_;
};

// One point a step. The first samples are held back to learn their usual distance, which tells a gap.
class SteppedColumn : public RangeSink {
  public:
    SteppedColumn(wire::SeriesDef series, const wire::RangeRequest& request, std::size_t steps)
        : series_(std::move(series)),
          request_(request),
          is_32_bit_(series_.is_32_bit()),
          max_gap_ns_(request.max_gap_ns),
          from_ns_(request.from_ns),
          steps_(steps) {}

    void add(const RangePoint& point) override {
        if (series_.kind == SeriesKind::gauge) return add_value(point.wall_ns, point.gauge);
        RangePoint counted = point;
        counted.after_restart = std::exchange(restarted_, false);
        if (max_gap_ns_ > 0) return add_counter(counted);
        held_.push_back(counted);
        if (held_.size() > kDistancesLearned) release();
    }
    void restart() override { restarted_ = true; }
    void reset(std::int64_t wall_ns) override { resets_.push_back(wall_ns); }
    void count_from(std::int64_t wall_ns) override { from_ns_ = std::max(from_ns_, wall_ns); }
    wire::RangeColumn finish(std::int64_t) override {
        if (!held_.empty()) release();
        wire::RangeColumn out;
        out.series = std::move(series_);
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            const Step& step = steps_[i];
            out.wall_ns.push_back(request_.from_ns + static_cast<std::int64_t>(i) * request_.step_ns);
            out.count.push_back(step.count);
            out.min.push_back(step.count == 0 ? 0.0 : step.min);
            out.max.push_back(step.count == 0 ? 0.0 : step.max);
            out.mean.push_back(step.count == 0 ? 0.0 : step.sum / step.count);
        }
        std::sort(resets_.begin(), resets_.end());
        resets_.erase(std::unique(resets_.begin(), resets_.end()), resets_.end());
        out.resets = std::move(resets_);
        return out;
    }

  private:
    struct Step {
        std::uint32_t count = 0;
        double min = std::numeric_limits<double>::infinity();
        double max = -std::numeric_limits<double>::infinity();
        double sum = 0.0;
    };

    void release() {
        std::vector<std::int64_t> distances;
        for (std::size_t i = 1; i < held_.size(); ++i)
            distances.push_back(std::abs(held_[i].wall_ns - held_[i - 1].wall_ns));
        max_gap_ns_ = std::numeric_limits<std::int64_t>::max();
        if (!distances.empty()) {
            const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
            std::nth_element(distances.begin(), middle, distances.end());
            max_gap_ns_ = *middle > max_gap_ns_ / kGapFactor ? max_gap_ns_ : *middle * kGapFactor;
        }
        for (const RangePoint& point : held_) add_counter(point);
        held_.clear();
    }

    // A rate belongs to the step of the later sample. A step back in time, a reset, a restart of the device
    // and a gap give none.
    void add_counter(const RangePoint& point) {
        const std::int64_t distance_ns = point.wall_ns - last_.wall_ns;
        const auto increase = counter_increase(last_.counter, point.counter, is_32_bit_);
        if (last_.wall_ns != 0 && distance_ns > 0 && (!increase || point.after_restart))
            see_reset(point.wall_ns);
        if (last_.wall_ns != 0 && distance_ns > 0 && distance_ns <= max_gap_ns_ && increase &&
            !point.after_restart)
            add_value(point.wall_ns, static_cast<double>(*increase) * 1e9 / static_cast<double>(distance_ns));
        last_ = point;
    }

    // One a step.
    void see_reset(std::int64_t wall_ns) {
        if (wall_ns < from_ns_ || wall_ns >= request_.to_ns) return;
        const auto step = [this](std::int64_t at_ns) {
            return (at_ns - request_.from_ns) / request_.step_ns;
        };
        if (resets_.empty() || step(resets_.back()) != step(wall_ns)) resets_.push_back(wall_ns);
    }

    void add_value(std::int64_t wall_ns, double value) {
        if (wall_ns < from_ns_ || wall_ns >= request_.to_ns) return;
        Step& step = steps_[static_cast<std::size_t>((wall_ns - request_.from_ns) / request_.step_ns)];
        ++step.count;
        step.min = std::min(step.min, value);
        step.max = std::max(step.max, value);
        step.sum += value;
    }

    wire::SeriesDef series_;
    const wire::RangeRequest& request_;
    bool is_32_bit_;
    bool restarted_ = false;
    std::int64_t max_gap_ns_;
    std::int64_t from_ns_;
    std::vector<Step> steps_;
    std::vector<std::int64_t> resets_;
    std::vector<RangePoint> held_;
    RangePoint last_;
};

}  // namespace

std::unique_ptr<RangeSink> make_raw_column(wire::SeriesDef series, const wire::RangeRequest& request) {
    return std::make_unique<RawColumn>(std::move(series), request);
}

std::unique_ptr<RangeSink> make_stepped_column(wire::SeriesDef series, const wire::RangeRequest& request,
                                               std::size_t steps) {
    return std::make_unique<SteppedColumn>(std::move(series), request, steps);
}

}  // namespace outstation::store
