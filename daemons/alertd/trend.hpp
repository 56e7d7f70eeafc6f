// SPDX-License-Identifier: GPL-3.0-or-later
// A straight line through the past of a series by least squares, in constant memory: what is older counts
// less, by half after a third of the window. Pure arithmetic.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace outstation::alertd {

class Trend {
  public:
    // `t` in nanoseconds, later than that of the sample before; `window_s` above 0.
    void add_at(double value, std::int64_t t, double window_s) {
        const double dt_s = samples_ == 0 ? 0 : static_cast<double>(t - last_t_) / 1e9;
        last_t_ = t;
        const double keep = std::exp(-dt_s * kForget / window_s);
        // Times count back from the newest sample: all move by dt, then fade.
        sum_tt_ = keep * (sum_tt_ - 2 * dt_s * sum_t_ + dt_s * dt_s * weight_);
        sum_tx_ = keep * (sum_tx_ - dt_s * sum_x_);
        sum_t_ = keep * (sum_t_ - dt_s * weight_);
        sum_x_ = keep * sum_x_ + value;
        weight_ = keep * weight_ + 1;
        span_s_ += dt_s;
        ++samples_;
    }
    // Seconds until the line reaches `limit`, coming from below (or from above); infinite when it does not.
    // 0 when it is there. Says nothing before half the window and kFewest samples were seen.
    [[nodiscard]] std::optional<double> seconds_to(double limit, bool from_below, double window_s) const {
        if (samples_ < kFewest || span_s_ < window_s / 2) return std::nullopt;
        const double spread = weight_ * sum_tt_ - sum_t_ * sum_t_;
        if (!(spread > 0)) return std::nullopt;
        const double slope = (weight_ * sum_tx_ - sum_t_ * sum_x_) / spread;
        const double now = (sum_x_ - slope * sum_t_) / weight_;
        const double distance = from_below ? limit - now : now - limit;
        if (distance <= 0) return 0;
        const double speed = from_below ? slope : -slope;
        return speed > 0 ? distance / speed : kNever;
    }

    static constexpr double kNever = std::numeric_limits<double>::infinity();

  private:
    static constexpr double kForget = 2.0794415416798357;  // 3 ln 2
    static constexpr std::uint32_t kFewest = 10;
    std::int64_t last_t_ = 0;
    double weight_ = 0;
    double sum_t_ = 0;
    double sum_x_ = 0;
    double sum_tt_ = 0;
    double sum_tx_ = 0;
    double span_s_ = 0;
    std::uint32_t samples_ = 0;
};

}  // namespace outstation::alertd
