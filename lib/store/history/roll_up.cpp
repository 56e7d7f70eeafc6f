// SPDX-License-Identifier: GPL-3.0-or-later
// Making and reading roll-up blocks.
#include "lib/store/history/roll_up.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace outstation::store {
namespace {

// Bits of the fraction that are kept: an error of at most 1 in 8192 for rates.
constexpr unsigned kRateBits = 12;
// Means of gauges get a decimal place no larger than these parts of the mean and of the distance between
// minimum and maximum (a mean near zero: of that distance alone), because decimal places are what packs well.
// Where nine places are too few they keep so many bits.
constexpr double kMeanParts = 8192;
constexpr double kDistanceParts = 1024;
constexpr double kLeastDistanceParts = 1U << 20;
constexpr double kMaxWhole = 1ULL << 53;
constexpr unsigned kMeanBits = 20;
constexpr unsigned kFractionBits = 52;
constexpr std::size_t kMaxSeriesOfBlock = 1024;         // a reader looks at all columns for each one
constexpr std::uint64_t kMaxCount = 1'000'000'000'000;  // of values in a bucket; more is damage

double rounded(double value, unsigned bits) {
    if (!std::isfinite(value)) return value;
    const unsigned drop = kFractionBits - bits;
    const auto raw = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t up = raw + (std::uint64_t{1} << (drop - 1));
    const auto out = std::bit_cast<double>(up >> drop << drop);
    return std::isfinite(out) ? out : std::bit_cast<double>(raw >> drop << drop);
}

double rounded_mean(const Bucket& bucket) {
    const double distance = bucket.maximum - bucket.minimum;
    if (distance == 0.0) return bucket.minimum;
    if (!std::isfinite(distance)) return rounded(bucket.mean(), kMeanBits);
    const double mean = std::clamp(bucket.mean(), bucket.minimum, bucket.maximum);
    const double place =
        std::clamp(std::fabs(mean) / kMeanParts, distance / kLeastDistanceParts, distance / kDistanceParts);
    double scale = 1;
    for (unsigned places = 0; places < columns::kMaxExponent && scale * place < 1; ++places) scale *= 10;
    if (scale * place < 1 || std::fabs(mean) * scale > kMaxWhole) return rounded(mean, kMeanBits);
    return std::round(mean * scale) / scale;
}

bool same(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

Cell cell(std::uint32_t series, SeriesKind kind, Part part, double gauge, std::uint64_t counter = 0) {
    return {{series, kind, part}, counter, gauge};
}

}  // namespace

std::int64_t bucket_start_ns(std::int64_t time_ns, std::int64_t length_ns) {
    const std::int64_t into = time_ns % length_ns;
    return time_ns - (into < 0 && time_ns >= std::numeric_limits<std::int64_t>::min() + length_ns
                          ? into + length_ns
                          : into);
}

void Bucket::add(const Bucket& other) {
    if (other.count > 0) {
        minimum = count == 0 ? other.minimum : std::min(minimum, other.minimum);
        maximum = count == 0 ? other.maximum : std::max(maximum, other.maximum);
        sum += other.sum;
        weight += other.weight;
        count += other.count;
    }
    if (other.newest_ns < newest_ns) return;
    newest_ns = other.newest_ns;
    last_counter = other.last_counter;
    last_gauge = other.last_gauge;
}

RollUp::Series* RollUp::series(std::uint32_t id, SeriesKind kind) {
    if (last_series_ == nullptr || last_id_ != id) {
        const auto [found, made] = series_.try_emplace(id);
        if (made) found->second.kind = kind;
        last_id_ = id;
        last_series_ = &found->second;
        last_bucket_ = nullptr;
    }
    return last_series_->kind == kind ? last_series_ : nullptr;
}

Bucket& RollUp::bucket(Series& series, std::int64_t newest_ns) {
    // Stamps of a damaged file may be as far apart as numbers go.
    const std::uint64_t behind =
        static_cast<std::uint64_t>(newest_ns) - static_cast<std::uint64_t>(last_start_ns_);
    if (last_bucket_ != nullptr && newest_ns >= last_start_ns_ &&
        behind < static_cast<std::uint64_t>(length_ns_))
        return *last_bucket_;
    last_start_ns_ = bucket_start_ns(newest_ns, length_ns_);
    auto& buckets = series.buckets;
    auto place = buckets.end();
    if (!buckets.empty() && buckets.back().start_ns >= last_start_ns_)
        place = std::lower_bound(
            buckets.begin(), buckets.end(), last_start_ns_,
            [](const Placed& placed, std::int64_t start_ns) { return placed.start_ns < start_ns; });
    if (place == buckets.end() || place->start_ns != last_start_ns_) {
        place = buckets.insert(place, {last_start_ns_, {}});
        place->bucket.newest_ns = newest_ns;
        ++buckets_;
    }
    last_bucket_ = &place->bucket;
    return *last_bucket_;
}

void RollUp::add(const DevicePoints::Point& point) {
    Series* const to = series(point.series, point.kind);
    // A series that changed its kind keeps the first one until the next block.
    if (to != nullptr) bucket(*to, point.wall_ns).add(point);
}

void RollUp::add(const BucketColumn& column) {
    Series* const to = series(column.series, column.kind);
    if (to == nullptr) return;
    for (const Bucket& other : column.buckets) bucket(*to, other.newest_ns).add(other);
}

RollUp::AllSeries RollUp::split_off(Take which) {
    buckets_ = 0;
    last_series_ = nullptr;
    last_bucket_ = nullptr;
    if (which == Take::all) return std::exchange(series_, {});
    std::int64_t newest_ns = std::numeric_limits<std::int64_t>::min();
    for (const auto& [id, series] : series_) {
        if (!series.buckets.empty()) newest_ns = std::max(newest_ns, series.buckets.back().start_ns);
    }
    AllSeries out;
    for (auto& [id, series] : series_) {
        Series& finished = out[id];
        finished.kind = series.kind;
        finished.buckets.swap(series.buckets);
        if (finished.buckets.empty() || finished.buckets.back().start_ns < newest_ns) continue;
        series.buckets.push_back(finished.buckets.back());
        finished.buckets.pop_back();
        ++buckets_;
    }
    return out;
}

// Makes the blocks of some series of a device.
class RollUp::Encoder {
  public:
    Encoder(const std::string& device, const SequenceRange& sequences, std::uint32_t seed)
        : device_(device), sequences_(sequences), seed_(seed) {}

    Result<void> add(AllSeries::const_iterator first, AllSeries::const_iterator last) {
        series_.clear();
        std::vector<std::int64_t> starts;
        for (; first != last; ++first) {
            series_.push_back({first->first, &first->second, is_flat(first->second), 0});
            for (const Placed& placed : first->second.buckets) starts.push_back(placed.start_ns);
        }
        std::sort(starts.begin(), starts.end());
        starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
        rows_ = starts.size();
        start_block();
        for (const std::int64_t start_ns : starts) {
            if (const auto ok = add_row(start_ns); !ok) return ok;
        }
        end_block();
        return {};
    }
    [[nodiscard]] std::vector<BlockRow> take_blocks() { return std::move(blocks_); }
    [[nodiscard]] std::size_t values() const { return values_; }

  private:
    struct Member {
        std::uint32_t id = 0;
        const Series* series = nullptr;
        bool flat = true;      // in every bucket minimum, maximum and mean say no more than the last value
        std::size_t next = 0;  // bucket that no row has yet
    };

    static bool is_flat(const Series& series) {
        const bool gauge = series.kind == SeriesKind::gauge;
        return std::all_of(series.buckets.begin(), series.buckets.end(), [&](const Placed& placed) {
            const Bucket& bucket = placed.bucket;
            const double expected = gauge ? bucket.last_gauge : 0.0;
            return bucket.count == 0 || (same(bucket.minimum, expected) && same(bucket.maximum, expected));
        });
    }
    void start_block() {
        builder_.emplace(device_, rows_);
        row_ = BlockRow();
        row_.device = device_;
        row_.sequences = sequences_;
    }
    void end_block() {
        if (row_.records == 0) return;
        row_.body = builder_->encode();
        row_.crc = checksum_of(row_, seed_);
        blocks_.push_back(std::move(row_));
    }
    Result<void> add_row(std::int64_t start_ns) {
        wire::WireStamp stamp;
        stamp.wall_ns = take_cells(start_ns);
        auto ok = builder_->add_row(0, stamp, cells_);
        if (!ok && ok.error().code == ErrorCode::exhausted && row_.records > 0) {
            end_block();
            start_block();
            ok = builder_->add_row(0, stamp, cells_);
        }
        if (!ok) return ok;
        row_.t0_ns = row_.records == 0 ? stamp.wall_ns : std::min(row_.t0_ns, stamp.wall_ns);
        row_.t1_ns = row_.records == 0 ? stamp.wall_ns : std::max(row_.t1_ns, stamp.wall_ns);
        ++row_.records;
        values_ += cells_.size();
        return {};
    }
    // The next row, counters before gauges as the block has them. Returns its newest stamp.
    std::int64_t take_cells(std::int64_t start_ns) {
        std::int64_t newest_ns = std::numeric_limits<std::int64_t>::min();
        cells_.clear();
        gauges_.clear();
        for (Member& part : series_) {
            const auto& buckets = part.series->buckets;
            if (part.next == buckets.size() || buckets[part.next].start_ns != start_ns) continue;
            const Bucket& bucket = buckets[part.next++].bucket;
            newest_ns = std::max(newest_ns, bucket.newest_ns);
            add_cells(part, bucket);
        }
        cells_.insert(cells_.end(), gauges_.begin(), gauges_.end());
        return newest_ns;
    }
    void add_cells(const Member& part, const Bucket& bucket) {
        const SeriesKind kind = part.series->kind;
        const bool counter = kind == SeriesKind::counter;
        const auto count = static_cast<double>(bucket.count);
        std::vector<Cell>& own = counter ? cells_ : gauges_;
        own.push_back(cell(part.id, kind, Part::count, count, bucket.count));
        own.push_back(cell(part.id, kind, Part::last, bucket.last_gauge, bucket.last_counter));
        if (part.flat) return;
        const auto extreme = [&](double value) { return counter ? rounded(value, kRateBits) : value; };
        const double mean = counter ? rounded(bucket.mean(), kRateBits) : rounded_mean(bucket);
        gauges_.push_back(cell(part.id, SeriesKind::gauge, Part::minimum, extreme(bucket.minimum)));
        gauges_.push_back(cell(part.id, SeriesKind::gauge, Part::maximum, extreme(bucket.maximum)));
        gauges_.push_back(cell(part.id, SeriesKind::gauge, Part::mean, mean));
    }

    const std::string& device_;
    SequenceRange sequences_;
    std::uint32_t seed_;
    std::vector<Member> series_;
    std::size_t rows_ = 0;              // of them all together
    std::vector<Cell> cells_, gauges_;  // of a row
    std::optional<BlockBuilder> builder_;
    BlockRow row_;
    std::vector<BlockRow> blocks_;
    std::size_t values_ = 0;
};

Result<std::vector<BlockRow>> RollUp::take(Take which, const SequenceRange& sequences, std::uint32_t seed) {
    const AllSeries taken = split_off(which);
    Encoder encoder(device_, sequences, seed);
    for (auto first = taken.begin(); first != taken.end();) {
        auto last = first;
        for (std::size_t n = 0; n < kMaxSeriesOfBlock && last != taken.end(); ++n) ++last;
        if (const auto ok = encoder.add(first, last); !ok) return fail(ok.error());
        first = last;
    }
    values_ = encoder.values();
    return encoder.take_blocks();
}

namespace {

// Where the columns of a block are, by key: the first of each.
class Finder {
  public:
    explicit Finder(const BlockReader& block) {
        for (std::size_t i = 0; i < block.columns().size(); ++i) places_.emplace(block.columns()[i], i);
    }
    [[nodiscard]] std::optional<std::size_t> find(const ColumnKey& key) const {
        const auto found = places_.find(key);
        return found == places_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    std::map<ColumnKey, std::size_t> places_;
};

// The mean of equal values is that value, although it was rounded.
void settle_mean(Bucket& row) {
    if (row.minimum <= row.maximum) row.sum = std::clamp(row.sum, row.minimum, row.maximum);
    row.weight = static_cast<double>(row.count);
    row.sum *= row.weight;
}

Result<void> read_extremes(BlockReader& block, const Finder& finder, std::uint32_t series,
                           std::vector<Bucket>& rows) {
    const std::pair<Part, double Bucket::*> parts[] = {
        {Part::minimum, &Bucket::minimum}, {Part::maximum, &Bucket::maximum}, {Part::mean, &Bucket::sum}};
    ColumnData data;
    for (const auto& [part, member] : parts) {
        const auto index = finder.find({series, SeriesKind::gauge, part});
        if (!index) continue;
        if (const auto ok = block.column(*index, data); !ok) return ok;
        for (std::size_t i = 0; i < data.rows.size(); ++i) rows[data.rows[i]].*member = data.gauges[i];
    }
    for (Bucket& row : rows) settle_mean(row);
    return {};
}

// Without columns of its own a gauge's minimum, maximum and mean are its last value, a counter's are zero.
void set_last(const ColumnData& data, std::size_t i, Bucket& row) {
    if (data.key.kind == SeriesKind::counter) {
        row.last_counter = data.counters[i];
    } else {
        row.last_gauge = row.minimum = row.maximum = row.sum = data.gauges[i];
    }
}

std::uint64_t count_of(const ColumnData& data, std::size_t i) {
    if (data.key.kind == SeriesKind::counter) return std::min(data.counters[i], kMaxCount);
    const double held = data.gauges[i];
    return held >= 0 && held <= static_cast<double>(kMaxCount) ? static_cast<std::uint64_t>(held) : 0;
}

Result<BucketColumn> read_kind(BlockReader& block, const Finder& finder, std::uint32_t series,
                               SeriesKind kind) {
    BucketColumn out;
    out.series = series;
    out.kind = kind;
    const auto last = finder.find({series, kind, Part::last});
    const auto count = finder.find({series, kind, Part::count});
    if (!last || !count) return out;
    const auto wall_ns = block.wall_ns();
    if (!wall_ns) return fail(wall_ns.error());
    std::vector<Bucket> rows(block.rows());
    std::vector<bool> has(block.rows());
    ColumnData data;
    if (const auto ok = block.column(*last, data); !ok) return fail(ok.error());
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        has[data.rows[i]] = true;
        rows[data.rows[i]].newest_ns = (**wall_ns)[data.rows[i]];
        set_last(data, i, rows[data.rows[i]]);
    }
    if (const auto ok = block.column(*count, data); !ok) return fail(ok.error());
    for (std::size_t i = 0; i < data.rows.size(); ++i) rows[data.rows[i]].count = count_of(data, i);
    if (const auto ok = read_extremes(block, finder, series, rows); !ok) return fail(ok.error());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (has[i]) out.buckets.push_back(rows[i]);
    }
    return out;
}

}  // namespace

Result<BucketColumn> read_buckets(BlockReader& block, std::uint32_t series) {
    const Finder finder(block);
    for (const SeriesKind kind : {SeriesKind::counter, SeriesKind::gauge}) {
        if (finder.find({series, kind, Part::last})) return read_kind(block, finder, series, kind);
    }
    BucketColumn out;
    out.series = series;
    return out;
}

Result<void> read_buckets(BlockReader& block, const std::function<void(const BucketColumn&)>& visit) {
    const Finder finder(block);
    for (const ColumnKey& key : block.columns()) {
        if (key.part != Part::last) continue;
        const auto column = read_kind(block, finder, key.series, key.kind);
        if (!column) return fail(column.error());
        visit(*column);
    }
    return {};
}

}  // namespace outstation::store
