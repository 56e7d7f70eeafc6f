// SPDX-License-Identifier: GPL-3.0-or-later
// Gathers the answer for one series of a range question: points as they come, or one bucket a step. Pure
// computation. Threads: one.
#pragma once

#include <map>
#include <vector>

#include "lib/store/history/reader.hpp"
#include "lib/store/history/roll_up.hpp"

namespace outstation::store {

class StepColumn {
  public:
    StepColumn(const HistorySeries& series, const HistoryRange& question);

    // From now on points come from another level. Without a step, stretches of time that have something
    // already take no more.
    void start_level(Level level);
    // Whether what comes now may join what other levels put into a step, because no record is in both; else
    // it only goes where they put nothing.
    void set_joins(bool joins) { group_ = joins ? kJoined : static_cast<std::uint8_t>(level_); }
    void add(const DevicePoints::Point& point);
    void add(const BucketColumn& column);
    [[nodiscard]] std::size_t points() const { return points_.size(); }
    [[nodiscard]] HistoryColumn finish();

  private:
    struct Step {
        Bucket bucket;
        std::uint8_t group = 0;
        bool used = false;
        bool rolled_up = false;  // it has buckets
    };
    static constexpr std::uint8_t kJoined = kLevelCount;  // else the level
    [[nodiscard]] bool is_free(const Step& step) const { return !step.used || step.group == group_; }
    void put(Step& step, const Bucket& bucket);
    [[nodiscard]] Step* step_at(std::int64_t wall_ns);
    void join_samples();
    void add_step(const Bucket& bucket);
    void spread(const Bucket& bucket);
    void add_point(const Bucket& bucket);
    void see_reset(std::int64_t wall_ns);
    void see_bucket(const Bucket& bucket);
    [[nodiscard]] bool taken(const Bucket& bucket) const;

    HistorySeries series_;
    std::int64_t from_ns_, to_ns_, step_ns_;
    Level level_ = Level::raw;
    std::uint8_t group_ = kJoined;
    std::vector<Step> steps_;
    std::vector<std::int64_t> resets_;
    Bucket bucket_before_;                   // of this level; newest_ns 0: none
    std::map<const Step*, Bucket> samples_;  // in steps that have buckets
    // Without a step: points, and the minutes in which finer levels, and this one, have some.
    std::vector<Bucket> points_;
    std::vector<std::int64_t> finer_, own_;
};

}  // namespace outstation::store
