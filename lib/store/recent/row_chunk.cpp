// SPDX-License-Identifier: GPL-3.0-or-later
// Packing of rows. A row is: flags, sequence step, stamp steps, what the flags announce (boot id, the series
// of its columns), counter steps, gauge changes. Numbers are varints, signed ones zigzag.
#include "lib/store/recent/row_chunk.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace outstation::store {
namespace {

constexpr unsigned kQualityMask = 3;  // flags: clock quality
constexpr unsigned kNewBoot = 4;      // flags: a boot id follows
constexpr unsigned kNewColumns = 8;   // flags: the series follow
// A changed gauge: this bit, the count of equal octets at the high end, at the low end (three bits each).
constexpr unsigned kChanged = 0x40;

void put_octet(std::string& out, unsigned value) {
    out.push_back(static_cast<char>(value));
}

void put_number(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        put_octet(out, static_cast<unsigned>(value & 0x7FU) | 0x80U);
        value >>= 7U;
    }
    put_octet(out, static_cast<unsigned>(value));
}

// The step from one number to another, whichever way is shorter.
void put_step(std::string& out, std::uint64_t from, std::uint64_t to) {
    const std::uint64_t step = to - from;
    put_number(out, (step << 1U) ^ (0 - (step >> 63U)));
}

void put_gauge(std::string& out, double from, double to) {
    const auto difference = std::bit_cast<std::uint64_t>(from) ^ std::bit_cast<std::uint64_t>(to);
    if (difference == 0) return put_octet(out, 0);
    const auto high = static_cast<unsigned>(std::countl_zero(difference)) / 8;
    const auto low = static_cast<unsigned>(std::countr_zero(difference)) / 8;
    put_octet(out, kChanged | high << 3U | low);
    for (unsigned i = low; i < 8 - high; ++i)
        put_octet(out, static_cast<unsigned>(difference >> (8 * i)) & 0xFFU);
}

// Reads what the functions above wrote; the bytes are our own and whole.
class Cursor {
  public:
    explicit Cursor(const std::string& bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
    [[nodiscard]] bool more() const { return at_ != end_; }

    unsigned octet() {
        assert(at_ != end_);
        return static_cast<unsigned char>(*at_++);
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const unsigned part = octet();
            value |= static_cast<std::uint64_t>(part & 0x7FU) << shift;
            if (part < 0x80) return value;
        }
    }
    std::uint64_t step(std::uint64_t from) {
        const std::uint64_t coded = number();
        return from + ((coded >> 1U) ^ (0 - (coded & 1U)));
    }
    double gauge(double from) {
        const unsigned control = octet();
        if (control == 0) return from;
        const unsigned high = control >> 3U & 7U;
        const unsigned low = control & 7U;
        std::uint64_t difference = 0;
        for (unsigned i = low; i < 8 - high; ++i)
            difference |= static_cast<std::uint64_t>(octet()) << (8 * i);
        return std::bit_cast<double>(std::bit_cast<std::uint64_t>(from) ^ difference);
    }
    std::string text(std::size_t length) {
        assert(static_cast<std::size_t>(end_ - at_) >= length);
        std::string out(at_, length);
        at_ += length;
        return out;
    }

  private:
    const char* at_;
    const char* end_;
};

std::uint64_t bits(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

void put_series(std::string& out, const std::vector<std::uint32_t>& series) {
    put_number(out, series.size());
    std::uint64_t before = 0;
    for (const std::uint32_t id : series) {
        put_step(out, before, id);
        before = id;
    }
}

void read_series(Cursor& in, std::vector<std::uint32_t>& series) {
    series.resize(in.number());
    std::uint64_t before = 0;
    for (std::uint32_t& id : series) {
        before = in.step(before);
        id = static_cast<std::uint32_t>(before);
    }
}

void read_row(Cursor& in, std::uint64_t& sequence, wire::SampleRecord& row) {
    const unsigned flags = in.octet();
    sequence += in.number();
    row.stamp.quality = static_cast<ClockQuality>(flags & kQualityMask);
    const std::int64_t wall_before = row.stamp.wall_ns;
    row.stamp.wall_ns = static_cast<std::int64_t>(in.step(bits(wall_before)));
    // The monotonic clock nearly always steps as the wall clock does.
    row.stamp.mono_ns = static_cast<std::int64_t>(
        in.step(bits(row.stamp.mono_ns) + bits(row.stamp.wall_ns) - bits(wall_before)));
    if ((flags & kNewBoot) != 0) row.stamp.boot_id = in.text(in.octet());
    if ((flags & kNewColumns) != 0) {
        read_series(in, row.counter_series);
        read_series(in, row.gauge_series);
        row.counters.assign(row.counter_series.size(), 0);
        row.gauges.assign(row.gauge_series.size(), 0.0);
    }
    for (std::uint64_t& counter : row.counters) counter = in.step(counter);
    for (double& gauge : row.gauges) gauge = in.gauge(gauge);
}

}  // namespace

void RowChunk::put_head(std::uint64_t sequence, const wire::SampleRecord& record) {
    const wire::WireStamp& stamp = record.stamp;
    const bool columns = rows_ == 0 || record.counter_series != last_.counter_series ||
                         record.gauge_series != last_.gauge_series;
    const bool boot = stamp.boot_id != last_.stamp.boot_id;
    put_octet(bytes_,
              static_cast<unsigned>(stamp.quality) | (boot ? kNewBoot : 0) | (columns ? kNewColumns : 0));
    put_number(bytes_, sequence - last_sequence_);
    put_step(bytes_, bits(last_.stamp.wall_ns), bits(stamp.wall_ns));
    put_step(bytes_, bits(last_.stamp.mono_ns) + bits(stamp.wall_ns) - bits(last_.stamp.wall_ns),
             bits(stamp.mono_ns));
    if (boot) {
        put_octet(bytes_, static_cast<unsigned>(stamp.boot_id.size()));
        bytes_ += stamp.boot_id;
    }
    if (columns) {
        put_series(bytes_, record.counter_series);
        put_series(bytes_, record.gauge_series);
        last_.counters.assign(record.counters.size(), 0);
        last_.gauges.assign(record.gauges.size(), 0.0);
    }
}

void RowChunk::add(std::uint64_t sequence, const wire::SampleRecord& record) {
    assert(record.valid() && record.stamp.boot_id.size() <= 16);
    put_head(sequence, record);
    for (std::size_t i = 0; i < record.counters.size(); ++i)
        put_step(bytes_, last_.counters[i], record.counters[i]);
    for (std::size_t i = 0; i < record.gauges.size(); ++i)
        put_gauge(bytes_, last_.gauges[i], record.gauges[i]);
    last_ = record;
    last_.device.clear();
    if (rows_ == 0) first_sequence_ = sequence;
    last_sequence_ = sequence;
    ++rows_;
}

void RowChunk::close() {
    bytes_.shrink_to_fit();
    last_ = {};
}

void RowChunk::read(const Take& take) const {
    Cursor in(bytes_);
    wire::SampleRecord row;
    std::uint64_t sequence = 0;
    while (in.more()) {
        read_row(in, sequence, row);
        if (!take(sequence, row)) return;
    }
}

std::size_t RowChunk::octets() const {
    return sizeof(RowChunk) + bytes_.capacity() + last_.counter_series.capacity() * 12 +
           last_.gauge_series.capacity() * 12;
}

}  // namespace outstation::store
