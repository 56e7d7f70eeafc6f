// SPDX-License-Identifier: GPL-3.0-or-later
// Making and reading roll-up blocks.
#include "lib/store/history/roll_up.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

namespace outstation::store {
namespace {

// Bits of the fraction that are kept: an error of at most 1 in 8192 for rates, 1 in 2 million for means.
constexpr unsigned kRateBits = 12;
constexpr unsigned kMeanBits = 20;
constexpr unsigned kFractionBits = 52;
constexpr std::uint64_t kMaxCount = 1'000'000'000'000;  // of values in a bucket; more is damage

double rounded(double value, unsigned bits) {
    if (!std::isfinite(value)) return value;
    const unsigned drop = kFractionBits - bits;
    const auto raw = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t up = raw + (std::uint64_t{1} << (drop - 1));
    const auto out = std::bit_cast<double>(up >> drop << drop);
    return std::isfinite(out) ? out : std::bit_cast<double>(raw >> drop << drop);
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

void Bucket::add(const DevicePoints::Point& point) {
    if (point.value) {
        minimum = count == 0 ? *point.value : std::min(minimum, *point.value);
        maximum = count == 0 ? *point.value : std::max(maximum, *point.value);
        sum += *point.value;
        ++count;
    }
    if (point.wall_ns < newest_ns) return;
    newest_ns = point.wall_ns;
    last_counter = point.counter;
    last_gauge = point.gauge;
}

void Bucket::add(const Bucket& other) {
    if (other.count > 0) {
        minimum = count == 0 ? other.minimum : std::min(minimum, other.minimum);
        maximum = count == 0 ? other.maximum : std::max(maximum, other.maximum);
        sum += other.sum;
        count += other.count;
    }
    if (other.newest_ns < newest_ns) return;
    newest_ns = other.newest_ns;
    last_counter = other.last_counter;
    last_gauge = other.last_gauge;
}

RollUp::Series* RollUp::series(std::uint32_t id, SeriesKind kind) {
    const auto [found, made] = series_.try_emplace(id);
    if (made) found->second.kind = kind;
    return found->second.kind == kind ? &found->second : nullptr;
}

void RollUp::add(const DevicePoints::Point& point) {
    Series* const to = series(point.series, point.kind);
    if (to == nullptr) return;  // a series that changed its kind keeps the first one until the next block
    const auto [bucket, made] = to->buckets.try_emplace(bucket_start_ns(point.wall_ns, length_ns_));
    if (made) bucket->second.newest_ns = point.wall_ns;
    bucket->second.add(point);
}

void RollUp::add(const BucketColumn& column) {
    Series* const to = series(column.series, column.kind);
    if (to == nullptr) return;
    for (const Bucket& bucket : column.buckets) {
        const auto [found, made] = to->buckets.try_emplace(bucket_start_ns(bucket.newest_ns, length_ns_));
        if (made) {
            found->second = bucket;
        } else {
            found->second.add(bucket);
        }
    }
}

void RollUp::find_flat() {
    for (auto& [id, series] : series_) {
        const bool gauge = series.kind == SeriesKind::gauge;
        series.flat = std::all_of(series.buckets.begin(), series.buckets.end(), [&](const auto& entry) {
            const Bucket& bucket = entry.second;
            const double expected = gauge ? bucket.last_gauge : 0.0;
            return bucket.count == 0 || (same(bucket.minimum, expected) && same(bucket.maximum, expected));
        });
    }
}

std::vector<Cell> RollUp::row(std::int64_t start_ns, std::int64_t& newest_ns) {
    std::vector<Cell> out;
    bool first = true;
    for (auto& [id, series] : series_) {
        const auto found = series.buckets.find(start_ns);
        if (found == series.buckets.end()) continue;
        const Bucket& bucket = found->second;
        newest_ns = first ? bucket.newest_ns : std::max(newest_ns, bucket.newest_ns);
        first = false;
        const bool counter = series.kind == SeriesKind::counter;
        out.push_back(cell(id, series.kind, Part::count, static_cast<double>(bucket.count), bucket.count));
        out.push_back(cell(id, series.kind, Part::last, bucket.last_gauge, bucket.last_counter));
        if (series.flat) continue;
        const auto extreme = [&](double value) { return counter ? rounded(value, kRateBits) : value; };
        const double mean = rounded(bucket.mean(), counter ? kRateBits : kMeanBits);
        out.push_back(cell(id, SeriesKind::gauge, Part::minimum, extreme(bucket.minimum)));
        out.push_back(cell(id, SeriesKind::gauge, Part::maximum, extreme(bucket.maximum)));
        out.push_back(cell(id, SeriesKind::gauge, Part::mean, mean));
    }
    values_ += out.size();
    return out;
}

Result<BlockRow> RollUp::encode(const SequenceRange& sequences, std::uint32_t seed) {
    find_flat();
    std::set<std::int64_t> starts;
    for (const auto& [id, series] : series_) {
        for (const auto& [start_ns, bucket] : series.buckets) starts.insert(start_ns);
    }
    BlockRow out;
    out.device = device_;
    out.sequences = sequences;
    BlockBuilder builder(device_);
    for (const std::int64_t start_ns : starts) {
        wire::WireStamp stamp;
        const std::vector<Cell> cells = row(start_ns, stamp.wall_ns);
        if (const auto ok = builder.add_row(0, stamp, cells); !ok) return fail(ok.error());
        out.t0_ns = out.records == 0 ? stamp.wall_ns : std::min(out.t0_ns, stamp.wall_ns);
        out.t1_ns = out.records == 0 ? stamp.wall_ns : std::max(out.t1_ns, stamp.wall_ns);
        ++out.records;
    }
    out.body = builder.encode();
    out.crc = checksum_of(out, seed);
    return out;
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
    row.sum *= static_cast<double>(row.count);
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
    const auto stamps = block.stamps();
    if (!stamps) return fail(stamps.error());
    std::vector<Bucket> rows(block.rows());
    std::vector<bool> has(block.rows());
    ColumnData data;
    if (const auto ok = block.column(*last, data); !ok) return fail(ok.error());
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        has[data.rows[i]] = true;
        rows[data.rows[i]].newest_ns = (*stamps)->wall_ns[data.rows[i]];
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

Result<std::vector<BucketColumn>> read_buckets(BlockReader& block) {
    const Finder finder(block);
    std::vector<BucketColumn> out;
    for (const ColumnKey& key : block.columns()) {
        if (key.part != Part::last) continue;
        auto column = read_kind(block, finder, key.series, key.kind);
        if (!column) return fail(column.error());
        out.push_back(std::move(*column));
    }
    return out;
}

}  // namespace outstation::store
