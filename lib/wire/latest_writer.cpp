// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of latest values.
#include "lib/wire/latest_writer.hpp"

#include <bit>
#include <cstring>
#include <protozero/varint.hpp>

#include "lib/wire/codec.hpp"

namespace outstation::wire {
namespace {

static_assert(std::endian::native == std::endian::little);

// Fields into memory that has room for them.
class FieldWriter {
  public:
    explicit FieldWriter(char* to) : at_(to) {}
    [[nodiscard]] char* end() const { return at_; }

    void length(std::uint32_t tag, std::uint64_t octets) {
        key(tag, protozero::pbf_wire_type::length_delimited);
        varint(octets);
    }
    void operator()(std::uint32_t, const SeriesDef&) {}
    void operator()(std::uint32_t tag, std::int64_t value) {
        (*this)(tag, protozero::encode_zigzag64(value));
    }
    void operator()(std::uint32_t tag, std::uint64_t value) {
        if (value == 0) return;
        key(tag, protozero::pbf_wire_type::varint);
        varint(value);
    }
    void operator()(std::uint32_t tag, double value) {
        if (value == 0.0) return;
        key(tag, protozero::pbf_wire_type::fixed64);
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }

  private:
    void key(std::uint32_t tag, protozero::pbf_wire_type type) {
        varint(tag << 3U | static_cast<std::uint32_t>(type));
    }
    void varint(std::uint64_t value) { at_ += protozero::write_varint(at_, value); }

    char* at_;
};

}  // namespace

void LatestWriter::add(std::string_view series, const LatestRow& row) {
    char numbers[kMaxRowOctets];
    FieldWriter values(numbers);
    LatestRow::fields(values, row);
    const auto octets = static_cast<std::size_t>(values.end() - numbers);
    char definition[16];
    FieldWriter inner(definition);
    inner.length(1, series.size());
    const auto head = static_cast<std::size_t>(inner.end() - definition);
    char row_head[16];
    FieldWriter outer(row_head);
    outer.length(1, head + series.size() + octets);
    bytes_.append(row_head, static_cast<std::size_t>(outer.end() - row_head));
    bytes_.append(definition, head);
    bytes_.append(series);
    bytes_.append(numbers, octets);
}

Encoded<LatestReply> LatestWriter::finish(bool more) {
    LatestReply rest;
    rest.more = more;
    bytes_ += encode(rest);
    return {std::move(bytes_)};
}

}  // namespace outstation::wire
