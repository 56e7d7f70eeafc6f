// SPDX-License-Identifier: GPL-3.0-or-later
// Making, checking and rolling up blocks.
#include "lib/store/history/blocks.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

Result<BlockRow> finish(const BlockBuilder& builder, std::uint32_t seed) {
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

std::size_t name_octets(const wire::SampleRecord& record) {
    return record.device.size() + record.stamp.boot_id.size();
}

}  // namespace

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

Result<std::vector<BlockRow>> make_blocks(const std::string& device,
                                          const std::vector<NumberedRecord>& records, std::uint32_t seed) {
    std::vector<BlockRow> out;
    for (std::size_t first = 0; first < records.size();) {
        BlockBuilder builder(device, records.size() - first);
        std::size_t next = first, names = 0;
        while (next < records.size()) {
            names += name_octets(records[next].record);
            if (names > kMaxRecordNameOctets && next > first) break;
            const auto ok = builder.add(records[next].sequence, records[next].record);
            if (!ok && (ok.error().code != ErrorCode::exhausted || next == first)) return fail(ok.error());
            if (!ok) break;
            ++next;
        }
        auto block = finish(builder, seed);
        if (!block) return fail(block.error());
        out.push_back(std::move(*block));
        first = next;
    }
    return out;
}

TimeRange believable(const Head& head) {
    return {head.start_ns - kMaxStrayNs, span_end_ns(head.span, head.start_ns) + kMaxStrayNs};
}

Result<void> roll_up_block(BlockReader& block, DevicePoints& points, const TimeRange& believed,
                           RollUp& roll_up) {
    const auto stamps = block.stamps();
    if (!stamps) return fail(stamps.error());
    const std::vector<std::int64_t>& wall_ns = (*stamps)->wall_ns;
    points.start_block(wall_ns);
    ColumnData data;
    BucketColumn gathered;
    for (std::size_t i = 0; i < block.columns().size(); ++i) {
        const ColumnKey& key = block.columns()[i];
        if (key.part != Part::value) continue;
        if (const auto ok = block.column(i, data); !ok) return ok;
        gathered.series = key.series;
        gathered.kind = key.kind;
        gathered.buckets.clear();
        points.column(data, wall_ns, [&](const DevicePoints::Point& point) {
            if (believed.contains(point.wall_ns)) gathered.add(point, roll_up.length_ns());
        });
        roll_up.add(gathered);
    }
    return {};
}

Result<void> learn_counters(BlockReader& block, CounterPoints& last) {
    const auto stamps = block.stamps();
    if (!stamps) return fail(stamps.error());
    const std::int64_t gap_ns = max_gap_ns((*stamps)->wall_ns).value_or(0);
    ColumnData data;
    for (std::size_t i = 0; i < block.columns().size(); ++i) {
        const ColumnKey& key = block.columns()[i];
        if ((key.part != Part::value && key.part != Part::last) || key.kind != SeriesKind::counter) continue;
        if (const auto ok = block.column(i, data); !ok) return ok;
        if (!data.rows.empty())
            last[key.series] = {(*stamps)->wall_ns[data.rows.back()], data.counters.back(), gap_ns};
    }
    return {};
}

}  // namespace outstation::store
