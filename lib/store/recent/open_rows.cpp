// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering rows and packing them.
#include "lib/store/recent/open_rows.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <span>

#include "lib/store/columns/decimal.hpp"
#include "lib/store/recent/packed_rows.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kMaxBootOctets = 16;
constexpr std::size_t kVarintOctets = 10;

}  // namespace

std::uint8_t OpenRows::layout_of(const wire::SampleRecord& record) {
    if (!rows_.empty() && layouts_[rows_.back().layout].is_of(record)) return rows_.back().layout;
    auto found = std::find_if(layouts_.begin(), layouts_.end(),
                              [&](const Layout& layout) { return layout.is_of(record); });
    if (found == layouts_.end()) {
        found = layouts_.insert(found, Layout{record.counter_series, record.gauge_series, false});
        layout_octets_ += found->octets();
    }
    found->used = true;
    return static_cast<std::uint8_t>(found - layouts_.begin());
}

std::uint8_t OpenRows::boot_of(const std::string& boot_id) {
    if (boots_.empty() || boots_.back() != boot_id) boots_.push_back(boot_id);
    return static_cast<std::uint8_t>(boots_.size() - 1);
}

void OpenRows::add(std::uint64_t sequence, const wire::SampleRecord& record) {
    assert(record.valid() && record.stamp.boot_id.size() <= kMaxBootOctets && !full());
    Row row;
    row.sequence = sequence;
    row.wall_ns = record.stamp.wall_ns;
    row.mono_ns = record.stamp.mono_ns;
    row.values = values_.size();
    row.boot = boot_of(record.stamp.boot_id);
    row.layout = layout_of(record);
    row.quality = record.stamp.quality;
    rows_.push_back(row);
    if (values_.empty()) values_.reserve(std::min(kMaxRows * record.size(), kManyValues));
    values_.insert(values_.end(), record.counters.begin(), record.counters.end());
    for (const double gauge : record.gauges) {
        const auto bits = std::bit_cast<std::uint64_t>(gauge);
        values_.push_back(bits);
    }
}

void OpenRows::clear() {
    rows_.clear();
    values_.clear();
    std::erase_if(layouts_, [](const Layout& layout) { return !layout.used; });
    layout_octets_ = 0;
    for (Layout& layout : layouts_) {
        layout.used = false;
        layout_octets_ += layout.octets();
    }
    if (boots_.size() > 1) boots_.erase(boots_.begin(), boots_.end() - 1);
}

std::size_t OpenRows::octets() const {
    return rows_.capacity() * sizeof(Row) + values_.capacity() * sizeof(std::uint64_t) + layout_octets_;
}

class RowPacker {
  public:
    explicit RowPacker(const OpenRows& from)
        : from_(from), room_(std::make_unique_for_overwrite<char[]>(most_octets(from))), at_(room_.get()) {}

    std::string run() {
        varint(from_.layouts_.size());
        for (const auto& layout : from_.layouts_) {
            put_series(layout.counter_series);
            put_series(layout.gauge_series);
        }
        put_rows();
        for (std::size_t i = 0; i < from_.layouts_.size(); ++i) put_columns(i);
        std::fill_n(at_, kSlackOctets, '\0');
        return {room_.get(), at_ + kSlackOctets};
    }

  private:
    static std::size_t most_octets(const OpenRows& rows) {
        constexpr std::size_t kRowOctets = 3 + kMaxBootOctets + 3 * kVarintOctets;
        constexpr std::size_t kColumnOctets = 3 * kVarintOctets + 2;  // run of a series; what is before steps
        std::size_t octets = 2 * kVarintOctets + rows.rows_.size() * kRowOctets + kSlackOctets;
        for (const auto& layout : rows.layouts_)
            octets += 2 * kVarintOctets + layout.columns() * kColumnOctets;
        return octets + rows.values_.size() * sizeof(std::uint64_t);
    }
    void octet(unsigned value) { *at_++ = static_cast<char>(value); }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) octet(static_cast<unsigned>(value & 0x7F) | 0x80);
        octet(static_cast<unsigned>(value));
    }
    void put_series(const std::vector<std::uint32_t>& series) {
        varint(series.size());
        std::uint64_t expected = 0;
        for (std::size_t i = 0; i < series.size();) {
            std::size_t end = i + 1;
            while (end < series.size() && series[end] == series[end - 1] + std::uint64_t{1}) ++end;
            varint(columns::zigzag(series[i] - expected));
            varint(end - i);
            expected = series[end - 1] + std::uint64_t{1};
            i = end;
        }
    }
    static std::uint64_t step(std::int64_t from, std::int64_t to) {
        return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    }
    // The monotonic clock nearly always steps as the wall clock does.
    void put_rows() {
        varint(from_.rows_.size());
        OpenRows::Row before;
        bool first = true;
        for (const OpenRows::Row& row : from_.rows_) {
            const bool boot = first || row.boot != before.boot;
            const bool layout = first || row.layout != before.layout;
            octet(static_cast<unsigned>(row.quality) | (boot ? kNewBoot : 0) | (layout ? kNewLayout : 0));
            if (boot) put_text(from_.boots_[row.boot]);
            if (layout) octet(row.layout);
            const std::uint64_t wall = step(before.wall_ns, row.wall_ns);
            varint(row.sequence - before.sequence);
            varint(columns::zigzag(wall));
            varint(columns::zigzag(step(before.mono_ns, row.mono_ns) - wall));
            before = row;
            first = false;
        }
    }
    void put_text(const std::string& text) {
        octet(static_cast<unsigned>(text.size()));
        at_ = std::copy(text.begin(), text.end(), at_);
    }
    void put_columns(std::size_t number) {
        const OpenRows::Layout& layout = from_.layouts_[number];
        const std::uint64_t* rows[OpenRows::kMaxRows] = {};
        std::size_t count = 0;
        for (const OpenRows::Row& row : from_.rows_) {
            if (row.layout == number) rows[count++] = from_.values_.data() + row.values;
        }
        if (count == 0) return;
        for (std::size_t c = 0; c < layout.columns(); ++c) {
            const bool counter = c < layout.counter_series.size();
            if (count == OpenRows::kMaxRows) {
                put_column(rows, OpenRows::kMaxRows, c, counter);  // as a rule: a number that compilers know
            } else {
                put_column(rows, count, c, counter);
            }
        }
    }
    [[gnu::always_inline]] void put_column(const std::uint64_t* const* rows, std::size_t count, std::size_t c,
                                           bool counter) {
        std::uint64_t column[OpenRows::kMaxRows];
        for (std::size_t i = 0; i < count; ++i) column[i] = rows[i][c];
        if (counter) {
            put_counters(column, count);
        } else {
            put_gauges(column, count);
        }
    }
    [[gnu::always_inline]] void put_counters(const std::uint64_t* values, std::size_t count) {
        std::uint64_t steps[OpenRows::kMaxRows];
        const unsigned octets = take_steps(values, count, steps);
        octet(octets);
        put_steps(values[0], steps, count, octets);
    }
    // One that stays needs one number only.
    [[gnu::always_inline]] void put_gauges(const std::uint64_t* bits, std::size_t count) {
        std::uint64_t any = 0;
        for (std::size_t i = 1; i < count; ++i) any |= bits[i] ^ bits[0];
        std::uint64_t numbers[OpenRows::kMaxRows];
        const std::size_t moving = any == 0 ? 1 : count;
        const columns::DecimalForm form = columns::integers_of({bits, moving}, {numbers, moving});
        std::uint64_t steps[OpenRows::kMaxRows];
        const unsigned octets = any == 0 ? 0 : take_steps(numbers, count, steps);
        octet(octets);
        octet(form);
        put_steps(numbers[0], steps, count, octets);
    }
    // Returns how many octets the largest needs.
    [[gnu::always_inline]] static unsigned take_steps(const std::uint64_t* values, std::size_t count,
                                                      std::uint64_t* steps) {
        std::uint64_t any = 0;
        for (std::size_t i = 1; i < count; ++i) any |= steps[i] = columns::zigzag(values[i] - values[i - 1]);
        return (static_cast<unsigned>(std::bit_width(any)) + 7) / 8;
    }
    [[gnu::always_inline]] void put_steps(std::uint64_t first, const std::uint64_t* steps, std::size_t count,
                                          unsigned octets) {
        varint(columns::zigzag(first));
        if (octets == 0) return;
        for (std::size_t i = 1; i < count; ++i) {
            const std::uint64_t ordered = columns::little_endian(steps[i]);
            std::memcpy(at_, &ordered, sizeof ordered);  // what is too much is written over
            at_ += octets;
        }
    }

    const OpenRows& from_;
    std::unique_ptr<char[]> room_;
    char* at_;
};

RowChunk OpenRows::pack() const {
    return {RowPacker(*this).run(), first_sequence(), last_sequence()};
}

}  // namespace outstation::store
