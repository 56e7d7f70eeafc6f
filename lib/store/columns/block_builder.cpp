// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering the rows of a block: which columns they have, and their values column by column.
#include <algorithm>
#include <bit>

#include "lib/store/columns/block.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kReservedValues = 1U << 16;

std::vector<ColumnKey> shape_of(const wire::SampleRecord& record) {
    std::vector<ColumnKey> shape;
    shape.reserve(record.size());
    for (const std::uint32_t id : record.counter_series)
        shape.push_back({id, SeriesKind::counter, Part::value});
    for (const std::uint32_t id : record.gauge_series) shape.push_back({id, SeriesKind::gauge, Part::value});
    return shape;
}

std::vector<ColumnKey> shape_of(const std::vector<Cell>& cells) {
    std::vector<ColumnKey> shape;
    shape.reserve(cells.size());
    for (const Cell& cell : cells) shape.push_back(cell.key);
    return shape;
}

bool all_differ(std::vector<ColumnKey> shape) {
    std::sort(shape.begin(), shape.end());
    return std::adjacent_find(shape.begin(), shape.end()) == shape.end();
}

bool is_counter(const Cell& cell) {
    return cell.key.kind == SeriesKind::counter;
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

// The columns of the first row, which nearly always are those of all rows.
void BlockBuilder::reserve(std::size_t columns) {
    const std::size_t rows = std::min(expected_rows_, kReservedValues / std::max<std::size_t>(columns, 1));
    for (Column& column : columns_) column.bits.reserve(rows);
}

std::vector<std::uint32_t> BlockBuilder::columns_of(const Shape& shape) {
    std::vector<std::uint32_t> out;
    out.reserve(shape.size());
    if (columns_.empty() && all_differ(shape)) {
        for (const ColumnKey& key : shape) {
            out.push_back(static_cast<std::uint32_t>(columns_.size()));
            columns_.push_back({key, {}});
        }
        return out;
    }
    // Numbered by column_of(), or not yet when they are those of the first layout, which all differ.
    for (std::uint32_t i = 0; column_numbers_.size() < columns_.size(); ++i)
        column_numbers_.emplace(std::pair(columns_[i].key, 0), i);
    std::map<ColumnKey, std::uint32_t> seen;
    for (const ColumnKey& key : shape) out.push_back(column_of(key, seen[key]++));
    return out;
}

std::uint32_t BlockBuilder::layout_of(const Shape& shape) {
    const auto known = layout_numbers_.find(shape);
    if (known != layout_numbers_.end()) return known->second;
    Layout layout;
    layout.columns = columns_of(shape);
    for (const ColumnKey& key : shape) {
        if (key.part != Part::value) continue;
        (key.kind == SeriesKind::counter ? layout.counter_series : layout.gauge_series).push_back(key.series);
    }
    const auto number = static_cast<std::uint32_t>(layouts_.size());
    if (number == 0) reserve(shape.size());
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

bool BlockBuilder::is_last_layout(const std::vector<Cell>& cells) const {
    if (row_layouts_.empty()) return false;
    const std::vector<std::uint32_t>& last = layouts_[row_layouts_.back()].columns;
    return std::equal(
        cells.begin(), cells.end(), last.begin(), last.end(),
        [&](const Cell& cell, std::uint32_t column) { return cell.key == columns_[column].key; });
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
    if (!std::is_partitioned(cells.begin(), cells.end(), &is_counter)) {
        std::vector<Cell> ordered = cells;
        std::stable_partition(ordered.begin(), ordered.end(), &is_counter);
        return add_row(sequence, stamp, ordered);
    }
    if (const auto room = room_for(1, cells.size()); !room) return room;
    const auto boot = boot_of(stamp.boot_id);
    if (!boot) return fail(boot.error());
    const auto layout = is_last_layout(cells) ? row_layouts_.back() : checked_layout(shape_of(cells));
    if (!layout) return fail(layout.error());
    const std::uint32_t* column = layouts_[*layout].columns.data();
    for (const Cell& cell : cells)
        columns_[*column++].bits.push_back(
            cell.key.kind == SeriesKind::counter ? cell.counter : std::bit_cast<std::uint64_t>(cell.gauge));
    add_stamp(sequence, stamp, *boot, *layout);
    return {};
}

bool BlockBuilder::is_in(BlockReader& block) const {
    const auto stamps = block.stamps();
    if (!stamps || block.device() != device_ || **stamps != stamps_ || block.row_layouts_ != row_layouts_ ||
        block.keys_.size() != columns_.size() || block.layouts_.size() != layouts_.size())
        return false;
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
        if (block.layouts_[i].columns != layouts_[i].columns) return false;
    }
    std::vector<std::uint64_t> bits;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (block.keys_[i] != columns_[i].key || !block.bits_of(i, bits) || bits != columns_[i].bits)
            return false;
    }
    return true;
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
