// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a block: the head into tables whose every length is checked, then columns on demand.
#include <algorithm>
#include <bit>
#include <numeric>

#include "lib/store/columns/block.hpp"
#include "lib/store/columns/block_format.hpp"
#include "lib/store/columns/compress.hpp"
#include "lib/store/columns/integer_columns.hpp"
#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {

using namespace columns;

namespace {

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(ErrorCode::malformed, "block: " + std::string(what) + " is damaged");
}

}  // namespace

// Fills a reader from the plain head.
class BlockHeadReader {
  public:
    BlockHeadReader(std::string_view head, BlockReader& block) : in_(head), block_(block) {}

    bool read(std::size_t payload_at) {
        names();
        keys();
        layouts();
        if (!in_.ok() || block_.rows_ > kMaxBlockRows || block_.values_ > kMaxBlockValues) return false;
        if (block_.rows_ > 0) models();
        groups(payload_at);
        return in_.ok() && in_.left() == 0;
    }

  private:
    using Packed = BlockReader::Packed;

    std::string text() {
        const std::uint64_t octets = in_.varint_up_to(kMaxBlockNameOctets);
        return std::string(in_.bytes(octets));
    }

    void names() {
        block_.device_ = text();
        const std::uint64_t boots = in_.varint_up_to(kMaxBlockBoots);
        for (std::uint64_t i = 0; i < boots && in_.ok(); ++i) block_.stamps_.boots.push_back(text());
    }

    void keys() {
        const std::uint64_t count = in_.varint_up_to(std::min(kMaxBlockColumns, in_.left()));
        std::uint64_t series = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            series += unzigzag(in_.varint());
            if (series > UINT32_MAX) in_.broken();
            block_.keys_.push_back({static_cast<std::uint32_t>(series), SeriesKind::gauge, Part::value});
            ++series;
        }
        for (ColumnKey& key : block_.keys_) {
            const std::uint8_t octet = in_.octet();
            if (octet > kMaxKeyOctet) in_.broken();
            key.kind = SeriesKind{static_cast<std::uint8_t>(octet & 1)};
            key.part = Part{static_cast<std::uint8_t>(octet >> 1)};
        }
        block_.columns_.resize(block_.keys_.size());
    }

    // Each column must have a row and each layout too: what has none is not written.
    void layouts() {
        const std::uint64_t count = in_.varint_up_to(std::min(kMaxBlockRows, in_.left()));
        std::vector<std::uint64_t> last_layout(block_.columns_.size());
        for (std::uint64_t i = 0; i < count && in_.ok(); ++i) layout(i + 1, last_layout);
        for (const auto& column : block_.columns_)
            if (column.packed.values == 0) in_.broken();
    }

    void layout(std::uint64_t number, std::vector<std::uint64_t>& last_layout) {
        BlockReader::Layout layout;
        layout.rows = static_cast<std::uint32_t>(in_.varint_up_to(kMaxBlockRows));
        const std::uint64_t count = in_.varint_up_to(std::min(block_.columns_.size(), in_.left()));
        block_.rows_ += layout.rows;
        block_.values_ += layout.rows * count;
        if (layout.rows == 0 || block_.rows_ > kMaxBlockRows || block_.values_ > kMaxBlockValues)
            in_.broken();
        layout.columns.reserve(count);
        std::uint64_t column = 0;
        for (std::uint64_t i = 0; i < count && in_.ok(); ++i, ++column) {
            column += unzigzag(in_.varint());
            if (column >= block_.columns_.size() || last_layout[column] == number) {
                in_.broken();
                return;
            }
            last_layout[column] = number;
            block_.columns_[column].packed.values += layout.rows;
            layout.columns.push_back(static_cast<std::uint32_t>(column));
        }
        block_.layouts_.push_back(std::move(layout));
    }

    void models() {
        std::vector<Packed*> all;
        all.reserve(BlockReader::kStampColumns + block_.columns_.size());
        for (Packed& packed : block_.stamp_columns_) {
            packed.values = static_cast<std::uint32_t>(block_.rows_);
            all.push_back(&packed);
        }
        for (auto& column : block_.columns_) all.push_back(&column.packed);
        const std::string_view modes = in_.bytes(all.size());
        if (!in_.ok()) return;
        for (std::size_t i = 0; i < all.size(); ++i) mode(static_cast<std::uint8_t>(modes[i]), *all[i]);
        for (Packed* packed : all) {
            if (constant(*packed)) continue;
            packed->model.low_bits = in_.octet();
            if (packed->model.low_bits > kMaxPackedBits || packed->values < 2) in_.broken();
        }
        for (std::size_t i = 0; i < block_.columns_.size(); ++i) {
            if (block_.keys_[i].kind == SeriesKind::counter) continue;
            block_.columns_[i].form = in_.octet();
            if (!is_decimal_form(block_.columns_[i].form)) in_.broken();
        }
        for (Packed* packed : all) {
            if (!constant(*packed))
                packed->escape_octets =
                    static_cast<std::uint32_t>(in_.varint_up_to(std::uint64_t{10} * packed->values));
        }
        if (!in_.ok()) return;
        for (std::size_t i = 0; i < all.size(); ++i) numbers(static_cast<std::uint8_t>(modes[i]), *all[i]);
    }

    void mode(std::uint8_t octet, Packed& packed) {
        if (octet > (kPredictorMask | kHasUnit | kHasCentre)) in_.broken();
        packed.model.predictor = Predictor{static_cast<std::uint8_t>(octet & kPredictorMask)};
    }

    void numbers(std::uint8_t mode, Packed& packed) {
        IntegerModel& model = packed.model;
        model.first = unzigzag(in_.varint());
        if ((mode & kHasUnit) != 0) model.unit = in_.varint();
        if ((mode & kHasCentre) != 0) model.centre = unzigzag(in_.varint()) << model.low_bits;
    }

    static bool constant(const Packed& packed) { return packed.model.predictor == Predictor::constant; }

    void groups(std::size_t at) {
        std::vector<Packed*> all;
        all.reserve(BlockReader::kStampColumns + block_.columns_.size());
        if (block_.rows_ > 0)
            for (Packed& packed : block_.stamp_columns_) all.push_back(&packed);
        for (auto& column : block_.columns_) all.push_back(&column.packed);
        for (std::size_t next = 0; next < all.size() && in_.ok();) {
            const std::uint64_t count = in_.varint_up_to(all.size() - next);
            BlockReader::Group group;
            group.offset = at;
            group.octets = in_.varint_up_to(kMaxPlainOctets);
            group.crc = in_.fixed<std::uint32_t>();
            if (count == 0) in_.broken();
            place({all.data() + next, count}, group);
            at += group.octets + group.bits_octets;
            if (at > block_.bytes_.size()) in_.broken();
            block_.groups_.push_back(std::move(group));
            next += count;
        }
        if (at != block_.bytes_.size()) in_.broken();
    }

    // Gives the columns of a group their places: heads one behind another, then the escapes; the bits apart.
    void place(std::span<Packed* const> columns, BlockReader::Group& group) {
        for (Packed* packed : columns) {
            packed->group = static_cast<std::uint32_t>(block_.groups_.size());
            if (constant(*packed)) continue;
            const std::size_t residuals = packed->values - 1;
            packed->heads = group.plain_octets;
            packed->bits = group.bits_octets;
            group.plain_octets += residuals;
            group.bits_octets += octets_of_bits(residuals * packed->model.low_bits);
        }
        for (Packed* packed : columns) {
            packed->escapes = group.plain_octets;
            group.plain_octets += packed->escape_octets;
        }
    }

    Cursor in_;
    BlockReader& block_;
};

Result<BlockReader> BlockReader::open(std::string bytes) {
    BlockReader block;
    Cursor in(bytes);
    const std::string_view magic = in.bytes(kBlockMagic.size());
    const auto version = in.fixed<std::uint16_t>();
    const auto features = in.fixed<std::uint16_t>();
    const auto octets = in.fixed<std::uint32_t>();
    const auto plain_octets = in.fixed<std::uint32_t>();
    const auto crc = in.fixed<std::uint32_t>();
    const std::string_view packed = in.bytes(octets);
    if (!in.ok() || magic != kBlockMagic) return damaged("beginning");
    if (crc != crc32c(packed, crc32c(std::string_view(bytes).substr(0, kBlockPrefixOctets - 4))))
        return damaged("head");
    if (version != kBlockVersion || features != 0)
        return fail(ErrorCode::refused, "block of format version " + std::to_string(version));
    const auto head = decompress(packed, plain_octets);
    if (!head) return fail(head.error().in("block: head"));
    block.bytes_ = std::move(bytes);
    if (!BlockHeadReader(*head, block).read(kBlockPrefixOctets + octets)) return damaged("head");
    return block;
}

Result<std::size_t> BlockReader::find(const ColumnKey& key) const {
    const auto at = std::find(keys_.begin(), keys_.end(), key);
    if (at == keys_.end()) return fail(ErrorCode::not_found, "block: no such column");
    return static_cast<std::size_t>(at - keys_.begin());
}

Result<void> BlockReader::load(Group& group) const {
    if (group.loaded) return {};
    const auto bytes = std::string_view(bytes_).substr(group.offset, group.octets + group.bits_octets);
    if (crc32c(bytes) != group.crc) return damaged("a group of columns");
    auto plain = decompress(bytes.substr(0, group.octets), group.plain_octets);
    if (!plain) return fail(plain.error().in("block"));
    group.plain = std::move(*plain);
    group.loaded = true;
    return {};
}

Result<void> BlockReader::numbers(const Packed& packed, std::vector<std::uint64_t>& out) {
    out.resize(packed.values);
    if (packed.model.predictor == Predictor::constant) {
        std::fill(out.begin(), out.end(), packed.model.first);
        return {};
    }
    Group& group = groups_[packed.group];
    if (const auto loaded = load(group); !loaded) return loaded;
    const std::size_t residuals = packed.values - 1;
    const std::string_view plain = group.plain;
    const auto bits = std::string_view(bytes_).substr(group.offset + group.octets + packed.bits,
                                                      octets_of_bits(residuals * packed.model.low_bits));
    Cursor escapes(plain.substr(packed.escapes, packed.escape_octets));
    if (!decode_integers(packed.model, plain.substr(packed.heads, residuals), escapes, bits, out))
        return damaged("a column");
    return {};
}

Result<const RowStamps*> BlockReader::stamps() {
    if (const auto read = read_stamps(); !read) return fail(read.error());
    return &stamps_;
}

Result<const std::vector<std::int64_t>*> BlockReader::wall_ns() {
    if (const auto read = read_rows(); !read) return fail(read.error());
    return &stamps_.wall_ns;
}

// All is checked before anything is kept.
Result<void> BlockReader::read_rows() {
    if (rows_known_ || rows_ == 0) return {};
    std::vector<std::uint64_t> layout, wall;
    if (const auto ok = numbers(stamp_columns_[kLayout], layout); !ok) return ok;
    if (const auto ok = numbers(stamp_columns_[kWall], wall); !ok) return ok;
    std::vector<std::uint32_t> rows(layouts_.size());
    for (const std::uint64_t number : layout) {
        if (number >= layouts_.size() || ++rows[number] > layouts_[number].rows) return damaged("a stamp");
    }
    row_layouts_.assign(layout.begin(), layout.end());
    stamps_.wall_ns.assign(wall.begin(), wall.end());
    rows_known_ = true;
    return {};
}

Result<void> BlockReader::read_stamps() {
    static_assert(kStampColumns == kStampColumnCount);
    if (stamps_known_ || rows_ == 0) return {};
    if (const auto known = read_rows(); !known) return known;
    std::vector<std::uint64_t> sequence, mono, boot, quality;
    if (const auto ok = numbers(stamp_columns_[kSequence], sequence); !ok) return ok;
    if (const auto ok = numbers(stamp_columns_[kMonoLessWall], mono); !ok) return ok;
    if (const auto ok = numbers(stamp_columns_[kBoot], boot); !ok) return ok;
    if (const auto ok = numbers(stamp_columns_[kQuality], quality); !ok) return ok;
    for (std::size_t i = 0; i < rows_; ++i) {
        if (boot[i] >= stamps_.boots.size() || quality[i] > 255) return damaged("a stamp");
    }
    stamps_.sequence = std::move(sequence);
    stamps_.boot.assign(boot.begin(), boot.end());
    for (std::size_t i = 0; i < rows_; ++i) {
        stamps_.mono_ns.push_back(
            static_cast<std::int64_t>(static_cast<std::uint64_t>(stamps_.wall_ns[i]) + mono[i]));
        stamps_.quality.push_back(ClockQuality{static_cast<std::uint8_t>(quality[i])});
    }
    stamps_known_ = true;
    return {};
}

Result<void> BlockReader::bits_of(std::size_t column, std::vector<std::uint64_t>& out) {
    const Column& from = columns_[column];
    if (const auto ok = numbers(from.packed, out); !ok) return ok;
    if (keys_[column].kind == SeriesKind::gauge) make_bits(out, from.form);
    return {};
}

void BlockReader::rows_of(std::size_t column, std::vector<std::uint32_t>& out) const {
    const bool are_all = out.size() == rows_ && rows_ > 0 && out.back() == rows_ - 1;  // of another column
    out.resize(columns_[column].packed.values);
    if (out.size() == rows_ && are_all) return;
    if (out.size() == rows_) return std::iota(out.begin(), out.end(), 0U);
    std::vector<char> has(layouts_.size());
    for (std::size_t i = 0; i < layouts_.size(); ++i)
        has[i] = std::find(layouts_[i].columns.begin(), layouts_[i].columns.end(), column) !=
                 layouts_[i].columns.end();
    std::size_t at = 0;
    for (std::size_t row = 0; row < rows_; ++row)
        if (has[row_layouts_[row]] != 0) out[at++] = static_cast<std::uint32_t>(row);
}

Result<void> BlockReader::column(std::size_t index, ColumnData& out) {
    if (const auto known = read_rows(); !known) return known;
    const Column& from = columns_[index];
    out.key = keys_[index];
    out.counters.clear();
    out.gauges.clear();
    rows_of(index, out.rows);
    if (out.key.kind == SeriesKind::counter) return numbers(from.packed, out.counters);
    if (const auto ok = numbers(from.packed, numbers_); !ok) return ok;
    out.gauges.resize(numbers_.size());
    doubles_of(numbers_, from.form, out.gauges);
    return {};
}

Result<std::vector<NumberedRecord>> BlockReader::records() {
    if (const auto known = stamps(); !known) return fail(known.error());
    std::vector<std::vector<std::uint64_t>> values(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (keys_[i].part != Part::value)
            return fail(ErrorCode::refused, "block: holds roll-ups, not records");
        if (const auto ok = bits_of(i, values[i]); !ok) return fail(ok.error());
    }
    std::vector<std::size_t> taken(keys_.size());
    std::vector<NumberedRecord> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
        out[row].sequence = stamps_.sequence[row];
        wire::SampleRecord& record = out[row].record;
        record.device = device_;
        record.stamp = stamps_.stamp(row);
        for (const std::uint32_t column : layouts_[row_layouts_[row]].columns) {
            const std::uint64_t bits = values[column][taken[column]++];
            if (keys_[column].kind == SeriesKind::counter) {
                record.counter_series.push_back(keys_[column].series);
                record.counters.push_back(bits);
            } else {
                record.gauge_series.push_back(keys_[column].series);
                record.gauges.push_back(std::bit_cast<double>(bits));
            }
        }
    }
    return out;
}

Result<void> BlockReader::verify() {
    for (Group& group : groups_) {
        if (const auto loaded = load(group); !loaded) return loaded;
    }
    if (const auto known = stamps(); !known) return fail(known.error());
    for (const Column& column : columns_) {
        if (const auto ok = numbers(column.packed, numbers_); !ok) return ok;
    }
    return {};
}

}  // namespace outstation::store
