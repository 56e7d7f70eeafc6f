// SPDX-License-Identifier: GPL-3.0-or-later
// Roll-ups: minimum, maximum, mean, count and last of each series in each bucket of time, as rows of a block.
// Rates and means are rounded (docs/formats/history.md, "Roll-ups"); minimum, maximum and last of gauges and
// the last of counters are exact. Pure computation. Threads: one.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/store/columns/block.hpp"
#include "lib/store/history/points.hpp"
#include "lib/store/history/rows.hpp"

namespace outstation::store {

// What is known of one series in one bucket. `count` values went into minimum, maximum and mean; the last
// sample may be one without a value (the first of a counter).
struct Bucket {
    std::int64_t newest_ns = 0;  // stamp of the last sample
    std::uint64_t count = 0;
    double minimum = 0.0;
    double maximum = 0.0;
    double sum = 0.0;     // of value times weight
    double weight = 0.0;  // seconds of rates; how many values of a gauge, and of a bucket that was read
    std::uint64_t last_counter = 0;
    double last_gauge = 0.0;

    void add(const DevicePoints::Point& point) {
        if (point.value) {
            minimum = count == 0 ? *point.value : std::min(minimum, *point.value);
            maximum = count == 0 ? *point.value : std::max(maximum, *point.value);
            sum += *point.value * point.weight;
            weight += point.weight;
            ++count;
        }
        if (point.wall_ns < newest_ns) return;
        newest_ns = point.wall_ns;
        last_counter = point.counter;
        last_gauge = point.gauge;
    }
    void add_gauge(std::int64_t wall_ns, double value) {
        if (!std::isnan(value)) {
            minimum = count == 0 || value < minimum ? value : minimum;
            maximum = count == 0 || value > maximum ? value : maximum;
            sum += value;
            weight += 1.0;
            ++count;
        }
        if (wall_ns < newest_ns) return;
        newest_ns = wall_ns;
        last_gauge = value;
    }
    void add(const Bucket& other);
    [[nodiscard]] double mean() const { return weight > 0.0 ? sum / weight : 0.0; }
};

// Start of the bucket that holds a time.
[[nodiscard]] std::int64_t bucket_start_ns(std::int64_t time_ns, std::int64_t length_ns);

// One series of a roll-up block, decoded: the buckets that have it, ascending.
struct BucketColumn {
    std::uint32_t series = 0;
    SeriesKind kind = SeriesKind::gauge;
    std::vector<Bucket> buckets;
    std::int64_t last_start_ns = 0;  // of the last one, where add() made it

    // Into the last bucket where it belongs there, else into a new one.
    void add(const DevicePoints::Point& point, std::int64_t length_ns) {
        if (buckets.empty() || point.wall_ns < last_start_ns || point.wall_ns - last_start_ns >= length_ns) {
            buckets.emplace_back().newest_ns = point.wall_ns;
            last_start_ns = bucket_start_ns(point.wall_ns, length_ns);
        }
        buckets.back().add(point);
    }
    // The values of a gauge's column, the same way.
    template <typename Believed>
    void add_gauges(const ColumnData& data, const std::vector<std::int64_t>& wall_ns, std::int64_t length_ns,
                    const Believed& believed);
};

template <typename Believed>
void BucketColumn::add_gauges(const ColumnData& data, const std::vector<std::int64_t>& wall_ns,
                              std::int64_t length_ns, const Believed& believed) {
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        const std::int64_t at_ns = wall_ns[data.rows[i]];
        if (!believed(at_ns)) continue;
        if (buckets.empty() || at_ns < last_start_ns || at_ns - last_start_ns >= length_ns) {
            buckets.emplace_back().newest_ns = at_ns;
            last_start_ns = bucket_start_ns(at_ns, length_ns);
        }
        buckets.back().add_gauge(at_ns, data.gauges[i]);
    }
}

// A series that the block does not have gives an empty column. malformed: the block is damaged.
[[nodiscard]] Result<BucketColumn> read_buckets(BlockReader& block, std::uint32_t series);
// All series of a block, one after the other.
[[nodiscard]] Result<void> read_buckets(BlockReader& block,
                                        const std::function<void(const BucketColumn&)>& visit);

// Gathers the roll-up of one device.
class RollUp {
  public:
    RollUp(std::string device, Level level) : device_(std::move(device)), length_ns_(bucket_ns(level)) {}

    void add(const DevicePoints::Point& point);
    // Buckets of this length, or of a shorter one that divides it.
    void add(const BucketColumn& column);
    [[nodiscard]] std::int64_t length_ns() const { return length_ns_; }
    // How many are gathered, of all series.
    [[nodiscard]] std::size_t buckets() const { return buckets_; }
    // Takes out all, or the finished ones: those before the newest bucket of any series. Gives them as blocks
    // (as many as the limits of a block ask for), their checksums started with `seed`.
    enum class Take : std::uint8_t { all, finished };
    [[nodiscard]] Result<std::vector<BlockRow>> take(Take which, const SequenceRange& sequences,
                                                     std::uint32_t seed);
    // How many numbers the last take() gave.
    [[nodiscard]] std::size_t values() const { return values_; }

  private:
    struct Placed {
        std::int64_t start_ns = 0;
        Bucket bucket;
    };
    struct Series {
        SeriesKind kind = SeriesKind::gauge;
        std::vector<Placed> buckets;  // ascending by start
    };
    using AllSeries = std::map<std::uint32_t, Series>;
    class Encoder;
    [[nodiscard]] Series* series(std::uint32_t id, SeriesKind kind);
    [[nodiscard]] Bucket& bucket(Series& series, std::int64_t newest_ns);
    [[nodiscard]] AllSeries split_off(Take which);

    std::string device_;
    std::int64_t length_ns_;
    AllSeries series_;
    // Where the last point went: the next one nearly always goes there too.
    std::uint32_t last_id_ = 0;
    Series* last_series_ = nullptr;
    Bucket* last_bucket_ = nullptr;  // of last_series_, or none
    std::int64_t last_start_ns_ = 0;
    std::size_t buckets_ = 0;
    std::size_t values_ = 0;
};

}  // namespace outstation::store
