// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering the rows of a block: which columns they have, and their values column by column.
#include <algorithm>
#include <bit>

#include "lib/store/columns/block.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kReservedValues = 1U << 16;

std::vector<ColumnKey> shape_of(const std::vector<std::uint32_t>& counter_series,
                                const std::vector<std::uint32_t>& gauge_series) {
    std::vector<ColumnKey> shape;
    shape.reserve(counter_series.size() + gauge_series.size());
    for (const std::uint32_t id : counter_series) shape.push_back({id, SeriesKind::counter, Part::value});
    for (const std::uint32_t id : gauge_series) shape.push_back({id, SeriesKind::gauge, Part::value});
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

RowGroup RowGroup::part(std::size_t begin, std::size_t end) const {
    const auto cut = [begin, end](const auto& from, auto& to, std::size_t at = 0) {
        to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(at + begin),
                  from.begin() + static_cast<std::ptrdiff_t>(at + end));
    };
    RowGroup out;
    cut(stamps.sequence, out.stamps.sequence);
    cut(stamps.wall_ns, out.stamps.wall_ns);
    cut(stamps.mono_ns, out.stamps.mono_ns);
    cut(stamps.quality, out.stamps.quality);
    cut(stamps.boot, out.stamps.boot);
    out.stamps.boots = stamps.boots;
    out.counter_series = counter_series;
    out.gauge_series = gauge_series;
    for (std::size_t at = 0; at < values.size(); at += rows()) cut(values, out.values, at);
    return out;
}

wire::SampleRecord RowGroup::record(const std::string& device, std::size_t row) const {
    wire::SampleRecord out;
    out.device = device;
    out.stamp = stamps.stamp(row);
    out.counter_series = counter_series;
    out.gauge_series = gauge_series;
    for (std::size_t at = row; at < values.size(); at += rows()) {
        if (out.counters.size() < counter_series.size()) {
            out.counters.push_back(values[at]);
        } else {
            out.gauges.push_back(std::bit_cast<double>(values[at]));
        }
    }
    return out;
}

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

Result<std::uint32_t> BlockBuilder::layout_of(const std::vector<std::uint32_t>& counter_series,
                                              const std::vector<std::uint32_t>& gauge_series) {
    if (!row_layouts_.empty()) {
        const Layout& last = layouts_[row_layouts_.back()];
        if (last.columns.size() == counter_series.size() + gauge_series.size() &&
            last.counter_series == counter_series && last.gauge_series == gauge_series)
            return row_layouts_.back();
    }
    return checked_layout(shape_of(counter_series, gauge_series));
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
    const auto layout = layout_of(record.counter_series, record.gauge_series);
    if (!layout) return fail(layout.error());
    const std::uint32_t* column = layouts_[*layout].columns.data();
    for (const std::uint64_t counter : record.counters) columns_[*column++].bits.push_back(counter);
    for (const double gauge : record.gauges) {
        const auto bits = std::bit_cast<std::uint64_t>(gauge);
        columns_[*column++].bits.push_back(bits);
    }
    add_stamp(sequence, record.stamp, *boot, *layout);
    return {};
}

Result<void> BlockBuilder::add(const RowGroup& group) {
    const RowStamps& stamps = group.stamps;
    const std::size_t rows = group.rows();
    if (const auto room = room_for(rows, rows * group.columns()); !room) return room;
    std::vector<std::uint32_t> boots;
    for (const std::uint32_t number : stamps.boot) {
        const auto boot = boot_of(stamps.boots[number]);
        if (!boot) return fail(boot.error());
        boots.push_back(*boot);
    }
    const auto layout = layout_of(group.counter_series, group.gauge_series);
    if (!layout) return fail(layout.error());
    const std::uint64_t* value = group.values.data();
    for (const std::uint32_t number : layouts_[*layout].columns) {
        auto& bits = columns_[number].bits;
        const std::size_t at = bits.size();
        bits.resize(at + rows);
        std::uint64_t* const to = bits.data() + at;
        for (std::size_t i = 0; i < rows; ++i) to[i] = *value++;
    }
    for (std::size_t i = 0; i < rows; ++i)
        add_stamp(stamps.sequence[i], {stamps.wall_ns[i], stamps.mono_ns[i], {}, stamps.quality[i]}, boots[i],
                  *layout);
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

}  // namespace outstation::store
