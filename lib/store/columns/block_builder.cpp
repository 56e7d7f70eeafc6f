// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering the rows of a block: which columns they have, and their values column by column.
#include <algorithm>
#include <bit>

#include "lib/store/columns/block.hpp"

namespace outstation::store {
namespace {

std::vector<ColumnKey> shape_of(const wire::SampleRecord& record) {
    std::vector<ColumnKey> shape;
    shape.reserve(record.size());
    for (const std::uint32_t id : record.counter_series)
        shape.push_back({id, SeriesKind::counter, Part::value});
    for (const std::uint32_t id : record.gauge_series) shape.push_back({id, SeriesKind::gauge, Part::value});
    return shape;
}

}  // namespace

Result<void> BlockBuilder::room_for(std::size_t more_rows, std::size_t more_values) const {
    if (device_.size() > kMaxBlockNameOctets) return fail(ErrorCode::exhausted, "block: name of the device");
    if (rows() + more_rows > kMaxBlockRows) return fail(ErrorCode::exhausted, "block: rows");
    if (values_ + more_values > kMaxBlockValues) return fail(ErrorCode::exhausted, "block: values");
    return {};
}

Result<std::uint32_t> BlockBuilder::boot_of(std::string_view boot_id) {
    auto& boots = stamps_.boots;
    // The last one is the likely one, and there are few.
    const auto found = std::find(boots.rbegin(), boots.rend(), boot_id);
    if (found != boots.rend()) return static_cast<std::uint32_t>(boots.rend() - found - 1);
    if (boots.size() == kMaxBlockBoots || boot_octets_ + boot_id.size() > kMaxBlockNameOctets)
        return fail(ErrorCode::exhausted, "block: boots");
    boot_octets_ += boot_id.size();
    boots.emplace_back(boot_id);
    return static_cast<std::uint32_t>(boots.size() - 1);
}

std::uint32_t BlockBuilder::column_of(const ColumnKey& key, std::uint32_t occurrence) {
    const auto number = static_cast<std::uint32_t>(columns_.size());
    const auto [at, is_new] = column_numbers_.emplace(std::pair(key, occurrence), number);
    if (is_new) columns_.push_back({key, {}});
    return at->second;
}

Result<std::uint32_t> BlockBuilder::checked_layout(const Shape& shape) {
    if (!layout_numbers_.contains(shape) && columns_.size() + shape.size() > kMaxBlockColumns)
        return fail(ErrorCode::exhausted, "block: columns");
    return layout_of(shape);
}

std::uint32_t BlockBuilder::layout_of(const Shape& shape) {
    const auto known = layout_numbers_.find(shape);
    if (known != layout_numbers_.end()) return known->second;
    Layout layout;
    std::map<ColumnKey, std::uint32_t> seen;
    for (const ColumnKey& key : shape) {
        layout.columns.push_back(column_of(key, seen[key]++));
        if (key.part != Part::value) continue;
        (key.kind == SeriesKind::counter ? layout.counter_series : layout.gauge_series).push_back(key.series);
    }
    const auto number = static_cast<std::uint32_t>(layouts_.size());
    layouts_.push_back(std::move(layout));
    layout_numbers_.emplace(shape, number);
    return number;
}

void BlockBuilder::add_stamp(std::uint64_t sequence, const wire::WireStamp& stamp, std::uint32_t boot,
                             std::uint32_t layout) {
    stamps_.sequence.push_back(sequence);
    stamps_.wall_ns.push_back(stamp.wall_ns);
    stamps_.mono_ns.push_back(stamp.mono_ns);
    stamps_.quality.push_back(stamp.quality);
    stamps_.boot.push_back(boot);
    row_layouts_.push_back(layout);
    ++layouts_[layout].rows;
    values_ += layouts_[layout].columns.size();
}

bool BlockBuilder::is_last_layout(const wire::SampleRecord& record) const {
    if (row_layouts_.empty()) return false;
    const Layout& last = layouts_[row_layouts_.back()];
    return last.columns.size() == record.size() && last.counter_series == record.counter_series &&
           last.gauge_series == record.gauge_series;
}

Result<void> BlockBuilder::add(std::uint64_t sequence, const wire::SampleRecord& record) {
    if (record.device != device_ || !record.valid())
        return fail(ErrorCode::malformed, "block: record of another device, or of unequal columns");
    if (const auto room = room_for(1, record.size()); !room) return room;
    const auto boot = boot_of(record.stamp.boot_id);
    if (!boot) return fail(boot.error());
    const auto layout = is_last_layout(record) ? row_layouts_.back() : checked_layout(shape_of(record));
    if (!layout) return fail(layout.error());
    const std::uint32_t* column = layouts_[*layout].columns.data();
    for (const std::uint64_t counter : record.counters) columns_[*column++].bits.push_back(counter);
    for (const double gauge : record.gauges)
        columns_[*column++].bits.push_back(std::bit_cast<std::uint64_t>(gauge));
    add_stamp(sequence, record.stamp, *boot, *layout);
    return {};
}

Result<void> BlockBuilder::add_row(std::uint64_t sequence, const wire::WireStamp& stamp,
                                   const std::vector<Cell>& cells) {
    if (const auto room = room_for(1, cells.size()); !room) return room;
    const auto boot = boot_of(stamp.boot_id);
    if (!boot) return fail(boot.error());
    std::vector<Cell> ordered = cells;
    std::stable_partition(ordered.begin(), ordered.end(),
                          [](const Cell& cell) { return cell.key.kind == SeriesKind::counter; });
    Shape shape;
    for (const Cell& cell : ordered) shape.push_back(cell.key);
    const auto layout = checked_layout(shape);
    if (!layout) return fail(layout.error());
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const bool counter = ordered[i].key.kind == SeriesKind::counter;
        columns_[layouts_[*layout].columns[i]].bits.push_back(
            counter ? ordered[i].counter : std::bit_cast<std::uint64_t>(ordered[i].gauge));
    }
    add_stamp(sequence, stamp, *boot, *layout);
    return {};
}

Result<void> BlockBuilder::add_block(BlockReader& block) {
    if (block.device() != device_) return fail(ErrorCode::malformed, "block: of another device");
    if (const auto room = room_for(block.rows(), block.values()); !room) return room;
    if (columns_.size() + block.columns().size() > kMaxBlockColumns)
        return fail(ErrorCode::exhausted, "block: columns");
    const auto stamps = block.stamps();
    if (!stamps) return fail(stamps.error());
    // Everything that can fail comes first, so that a block is added whole or not at all.
    std::vector<std::vector<std::uint64_t>> values(block.columns().size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (const auto read = block.bits_of(i, values[i]); !read) return read;
    }
    std::vector<std::uint32_t> boots;
    for (const std::string& boot_id : (*stamps)->boots) {
        const auto boot = boot_of(boot_id);
        if (!boot) return fail(boot.error());
        boots.push_back(*boot);
    }
    std::vector<std::uint32_t> layouts;
    for (const auto& theirs : block.layouts_) {
        Shape shape;
        for (const std::uint32_t column : theirs.columns) shape.push_back(block.keys_[column]);
        layouts.push_back(layout_of(shape));
    }
    std::vector<std::size_t> taken(values.size());
    for (std::size_t row = 0; row < block.rows(); ++row) {
        const std::uint32_t theirs = block.row_layouts_[row];
        const std::uint32_t ours = layouts[theirs];
        const auto& from = block.layouts_[theirs].columns;
        for (std::size_t i = 0; i < from.size(); ++i)
            columns_[layouts_[ours].columns[i]].bits.push_back(values[from[i]][taken[from[i]]++]);
        add_stamp((*stamps)->sequence[row], (*stamps)->stamp(row), boots[(*stamps)->boot[row]], ours);
    }
    return {};
}

}  // namespace outstation::store
