// SPDX-License-Identifier: GPL-3.0-or-later
// Making, checking and rolling up blocks.
#include "lib/store/history/blocks.hpp"

#include <algorithm>

#include "lib/store/history/bucket_runs.hpp"

namespace outstation::store {
namespace {

Result<BlockRow> checked_block(const BlockBuilder& builder, std::uint32_t seed) {
    BlockRow out;
    out.device = builder.device();
    out.records = static_cast<std::uint32_t>(builder.rows());
    out.body = builder.encode();
    auto block = BlockReader::open(out.body);
    if (!block) return fail(ErrorCode::bug, "a block cannot be read again: " + block.error().text);
    if (!builder.is_in(*block))
        return fail(ErrorCode::bug, "a block of " + out.device + " is not what was put in");
    const RowStamps& stamps = **block->stamps();
    const auto [first, last] = std::minmax_element(stamps.sequence.begin(), stamps.sequence.end());
    const auto [t0_ns, t1_ns] = std::minmax_element(stamps.wall_ns.begin(), stamps.wall_ns.end());
    out.sequences = {*first, *last};
    out.t0_ns = *t0_ns;
    out.t1_ns = *t1_ns;
    out.crc = checksum_of(out, seed);
    return out;
}

}  // namespace

RecordBlocks::RecordBlocks(std::string device, std::size_t rows, std::uint32_t seed)
    : rows_expected_(rows), seed_(seed), builder_(std::move(device), rows) {}

Result<void> RecordBlocks::close_block() {
    auto block = checked_block(builder_, seed_);
    if (!block) return fail(block.error());
    blocks_.push_back(std::move(*block));
    builder_ = BlockBuilder(builder_.device(), rows_expected_);
    name_octets_ = 0;
    return {};
}

Result<void> RecordBlocks::add(std::uint64_t sequence, const wire::SampleRecord& record) {
    const std::size_t names = record.device.size() + record.stamp.boot_id.size();
    const bool long_names = builder_.rows() > 0 && name_octets_ + names > kMaxRecordNameOctets;
    auto ok = long_names ? close_block() : Result<void>();
    if (ok) ok = builder_.add(sequence, record);
    if (!ok && ok.error().code == ErrorCode::exhausted && builder_.rows() > 0) {
        ok = close_block();
        if (ok) ok = builder_.add(sequence, record);
    }
    if (!ok) return ok;
    name_octets_ += names;
    ++rows_;
    return {};
}

// As a whole, or where a block ends in between row by row.
Result<void> RecordBlocks::add(const RowGroup& group) {
    std::size_t names = group.rows() * builder_.device().size();
    for (const std::uint32_t boot : group.stamps.boot) names += group.stamps.boots[boot].size();
    const bool long_names = name_octets_ + names > kMaxRecordNameOctets;
    const auto whole = long_names ? fail(ErrorCode::exhausted, "long names") : builder_.add(group);
    if (whole) {
        name_octets_ += names;
        rows_ += group.rows();
    }
    if (whole || whole.error().code != ErrorCode::exhausted) return whole;
    for (std::size_t i = 0; i < group.rows(); ++i) {
        const auto ok = add(group.stamps.sequence[i], group.record(builder_.device(), i));
        if (!ok) return ok;
    }
    return {};
}

Result<std::vector<BlockRow>> RecordBlocks::finish() {
    if (builder_.rows() > 0) {
        if (const auto closed = close_block(); !closed) return fail(closed.error());
    }
    return std::move(blocks_);
}

Result<std::vector<NumberedRecord>> records_of(std::string body) {
    auto block = BlockReader::open(std::move(body));
    if (!block) return fail(block.error());
    const auto stamps = block->stamps();
    if (!stamps) return fail(stamps.error());
    std::size_t octets = block->rows() * block->device().size();
    for (const std::uint32_t boot : (*stamps)->boot) octets += (*stamps)->boots[boot].size();
    if (octets > kMaxRecordNameOctets) return fail(ErrorCode::malformed, "the names in a block are too long");
    return block->records();
}

TimeRange believable(const Head& head) {
    return {head.start_ns - kMaxStrayNs, span_end_ns(head.span, head.start_ns) + kMaxStrayNs};
}

Result<std::vector<double>> uptimes_of(BlockReader& block, std::optional<std::uint32_t> series,
                                       std::size_t rows) {
    std::vector<double> out;
    if (!series) return out;
    for (const Part part : {Part::value, Part::last}) {
        const auto index = block.find({*series, SeriesKind::gauge, part});
        if (!index) continue;
        ColumnData data;
        if (const auto ok = block.column(*index, data); !ok) return fail(ok.error());
        out.resize(rows, std::nan(""));
        for (std::size_t i = 0; i < data.rows.size(); ++i) out[data.rows[i]] = data.gauges[i];
    }
    return out;
}

Result<void> roll_up_block(BlockReader& block, DevicePoints& points, std::optional<std::uint32_t> uptime,
                           const TimeRange& believed, RollUp& roll_up) {
    const auto times = block.wall_ns();
    if (!times) return fail(times.error());
    const std::vector<std::int64_t>& wall_ns = **times;
    auto uptimes = uptimes_of(block, uptime, wall_ns.size());
    if (!uptimes) return fail(uptimes.error());
    points.start_block(wall_ns, std::move(*uptimes));
    const auto runs = BucketRuns::of(wall_ns, roll_up.length_ns(), believed);
    const std::vector<RowStep> steps = points.steps(wall_ns);
    const auto is_believed = [&believed](std::int64_t time_ns) { return believed.contains(time_ns); };
    ColumnData data;
    BucketColumn gathered;
    for (std::size_t i = 0; i < block.columns().size(); ++i) {
        const ColumnKey& key = block.columns()[i];
        if (key.part != Part::value) continue;
        if (const auto ok = block.column(i, data); !ok) return ok;
        gathered.series = key.series;
        gathered.kind = key.kind;
        gathered.buckets.clear();
        const bool whole = runs && data.rows.size() == wall_ns.size();
        if (whole && key.kind == SeriesKind::gauge) {
            runs->add_gauge(data.gauges, gathered.buckets);
        } else if (whole && !steps.empty()) {
            const auto first = points.whole_counter(data, wall_ns);
            runs->add_counter(first, data.counters, steps, gathered.buckets);
        } else if (key.kind == SeriesKind::gauge) {
            gathered.add_gauges(data, wall_ns, roll_up.length_ns(), is_believed);
        } else {
            points.column(data, wall_ns, [&](const DevicePoints::Point& point) {
                if (is_believed(point.wall_ns)) gathered.add(point, roll_up.length_ns());
            });
        }
        roll_up.add(gathered);
    }
    return {};
}

Result<void> learn_counters(BlockReader& block, std::optional<std::uint32_t> uptime, CounterPoints& last) {
    const auto wall_ns = block.wall_ns();
    if (!wall_ns) return fail(wall_ns.error());
    const std::int64_t gap_ns = max_gap_ns(**wall_ns).value_or(0);
    const auto uptimes = uptimes_of(block, uptime, (*wall_ns)->size());
    if (!uptimes) return fail(uptimes.error());
    ColumnData data;
    for (std::size_t i = 0; i < block.columns().size(); ++i) {
        const ColumnKey& key = block.columns()[i];
        if ((key.part != Part::value && key.part != Part::last) || key.kind != SeriesKind::counter) continue;
        if (const auto ok = block.column(i, data); !ok) return ok;
        if (data.rows.empty()) continue;
        const std::uint32_t row = data.rows.back();
        const double known = uptimes->empty() ? std::nan("") : (*uptimes)[row];
        CounterPoint& to = last[key.series];
        to = {(**wall_ns)[row], data.counters.back(), gap_ns, std::isnan(known) ? to.uptime : known};
    }
    return {};
}

Result<void> verify_block(const BlockRow& row) {
    auto block = BlockReader::open(row.body);
    if (!block) return fail(block.error());
    if (const auto ok = block->verify(); !ok) return fail(ok.error());
    if (block->rows() != row.records || block->device() != row.device)
        return fail(ErrorCode::malformed, "a block is another one");
    return {};
}

}  // namespace outstation::store
