// SPDX-License-Identifier: GPL-3.0-or-later
// Reading packed rows.
#include "lib/store/recent/row_chunk.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <span>
#include <vector>

#include "lib/store/columns/decimal.hpp"
#include "lib/store/recent/packed_rows.hpp"

namespace outstation::store {
namespace {

// The bytes are our own and whole. Each layout becomes a group.
class RowReader {
  public:
    RowReader(const std::string& bytes, std::vector<RowGroup>& groups)
        : at_(bytes.data()), end_(bytes.data() + bytes.size() - kSlackOctets), groups_(groups) {}

    void run() {
        groups_.resize(varint());
        for (RowGroup& group : groups_) {
            read_series(group.counter_series);
            read_series(group.gauge_series);
            group.stamps.clear();
        }
        Row row;
        layouts_.resize(varint());
        for (std::size_t& layout : layouts_) {
            read_row(row);
            layout = row.layout;
            put(row, groups_[layout].stamps);
        }
        for (RowGroup& group : groups_) read_columns(group);
        assert(at_ == end_);
    }
    // Of each row.
    [[nodiscard]] const std::vector<std::size_t>& layouts() const { return layouts_; }

  private:
    struct Row {
        std::uint64_t sequence = 0;
        std::uint64_t wall_ns = 0;
        std::uint64_t mono_ns = 0;
        std::string_view boot_id;
        std::size_t layout = 0;
        ClockQuality quality = ClockQuality::unknown;
    };

    unsigned octet() { return static_cast<unsigned char>(*at_++); }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const unsigned part = octet();
            value |= static_cast<std::uint64_t>(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
    void read_series(std::vector<std::uint32_t>& series) {
        const std::size_t count = varint();
        series.clear();
        series.reserve(count);
        std::uint64_t next = 0;
        while (series.size() < count) {
            next += columns::unzigzag(varint());
            for (std::uint64_t run = varint(); run > 0; --run)
                series.push_back(static_cast<std::uint32_t>(next++));
        }
    }
    // `row` is the one before.
    void read_row(Row& row) {
        const unsigned flags = octet();
        row.quality = static_cast<ClockQuality>(flags & kQualityMask);
        if ((flags & kNewBoot) != 0) {
            const std::size_t octets = octet();
            row.boot_id = {at_, octets};
            at_ += octets;
        }
        if ((flags & kNewLayout) != 0) row.layout = octet();
        row.sequence += varint();
        const std::uint64_t wall = columns::unzigzag(varint());
        row.wall_ns += wall;
        row.mono_ns += wall + columns::unzigzag(varint());
    }
    static void put(const Row& row, RowStamps& to) {
        if (to.boots.empty() || to.boots.back() != row.boot_id) to.boots.emplace_back(row.boot_id);
        to.sequence.push_back(row.sequence);
        to.wall_ns.push_back(static_cast<std::int64_t>(row.wall_ns));
        to.mono_ns.push_back(static_cast<std::int64_t>(row.mono_ns));
        to.quality.push_back(row.quality);
        to.boot.push_back(static_cast<std::uint32_t>(to.boots.size() - 1));
    }
    void read_columns(RowGroup& group) {
        const std::size_t rows = group.rows();
        group.values.resize(rows * group.columns());
        if (rows == 0) return;
        const std::span<std::uint64_t> all = group.values;
        for (std::size_t i = 0; i < group.columns(); ++i) {
            const unsigned octets = octet();
            const bool counter = i < group.counter_series.size();
            const auto form = counter ? columns::kRawForm : static_cast<columns::DecimalForm>(octet());
            read_column(octets, form, all.subspan(i * rows, rows));
        }
    }
    void read_column(unsigned octets, columns::DecimalForm form, std::span<std::uint64_t> out) {
        std::uint64_t value = columns::unzigzag(varint());
        if (octets == 0) {
            std::fill(out.begin(), out.end(), std::bit_cast<std::uint64_t>(columns::double_of(value, form)));
            return;
        }
        const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * octets);
        const char* at = at_;
        std::uint64_t* number = out.data();
        *number = value;
        for (std::size_t i = 1; i < out.size(); ++i) {
            *++number = value += columns::unzigzag(columns::load_u64(at) & mask);
            at += octets;
        }
        at_ = at;
        columns::make_bits(out, form);
    }

    const char* at_;
    const char* end_;
    std::vector<RowGroup>& groups_;
    std::vector<std::size_t> layouts_;
};

}  // namespace

bool RowChunk::read(std::uint64_t first_sequence, std::uint64_t last_sequence, std::vector<RowGroup>& memory,
                    const Take& take) const {
    RowReader reader(bytes_, memory);
    reader.run();
    std::span<const std::size_t> layouts = reader.layouts();
    std::vector<std::size_t> places(memory.size());  // of the next row in each group
    while (!layouts.empty()) {
        RowGroup& group = memory[layouts.front()];
        std::size_t& place = places[layouts.front()];
        const auto next = std::find_if(layouts.begin(), layouts.end(),
                                       [&](std::size_t layout) { return layout != layouts.front(); });
        const auto begin = group.stamps.sequence.begin() + static_cast<std::ptrdiff_t>(place);
        const auto end = begin + (next - layouts.begin());
        const auto first = std::lower_bound(begin, end, first_sequence);
        const auto behind = std::upper_bound(first, end, last_sequence);
        const std::size_t from = place + static_cast<std::size_t>(first - begin);
        const std::size_t to = from + static_cast<std::size_t>(behind - first);
        place += static_cast<std::size_t>(end - begin);
        layouts = {next, layouts.end()};
        if (from == to) continue;
        RowGroup part;
        const bool all = to - from == group.rows();
        if (!all) part = group.part(from, to);
        if (!take(all ? group : part)) return false;
    }
    return true;
}

}  // namespace outstation::store
