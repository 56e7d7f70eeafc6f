// SPDX-License-Identifier: GPL-3.0-or-later
// A block's rows to bytes: every column modelled, residuals gathered into groups, the head in front.
#include "lib/store/columns/block.hpp"
#include "lib/store/columns/block_format.hpp"
#include "lib/store/columns/compress.hpp"
#include "lib/store/columns/integer_columns.hpp"
#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {
namespace {

using namespace columns;

// Collects packed columns: their models for the head, their residuals in groups.
class Packer {
  public:
    void add(std::span<const std::uint64_t> values) {
        const std::size_t escapes = sink_.escapes.size();
        const IntegerModel model = encode_integers(values, scratch_, sink_);
        const bool constant = model.predictor == Predictor::constant;
        modes_.push_back(static_cast<char>(mode_of(model)));
        put_varint(numbers_, zigzag(model.first));
        if (model.unit != 1) put_varint(numbers_, model.unit);
        if (model.centre != 0) put_varint(numbers_, short_centre(model));
        if (!constant) {
            low_bits_.push_back(static_cast<char>(model.low_bits));
            put_varint(escape_octets_, sink_.escapes.size() - escapes);
        }
        ++in_group_;
        if (sink_.heads.size() >= kGroupHeadOctets) close_group();
    }
    void add_gauges(std::span<const std::uint64_t> bits) {
        integers_.resize(bits.size());
        forms_.push_back(static_cast<char>(integers_of(bits, integers_)));
        add(integers_);
    }
    void finish() {
        if (in_group_ > 0) close_group();
    }
    void put_head(std::string& head) const {
        head += modes_;
        head += low_bits_;
        head += forms_;
        head += escape_octets_;
        head += numbers_;
        head += groups_;
    }
    [[nodiscard]] const std::string& payload() const { return payload_; }

  private:
    void close_group() {
        const std::size_t at = payload_.size();
        const std::size_t octets = append_compressed(payload_, sink_.heads += sink_.escapes);
        payload_ += sink_.bits;
        put_varint(groups_, in_group_);
        put_varint(groups_, octets);
        put_fixed(groups_, crc32c(std::string_view(payload_).substr(at)));
        sink_.heads.clear();
        sink_.escapes.clear();
        sink_.bits.clear();
        in_group_ = 0;
    }

    IntegerScratch scratch_;
    ResidualSink sink_;
    std::vector<std::uint64_t> integers_;
    std::string modes_, low_bits_, forms_, escape_octets_, numbers_, groups_;
    std::string payload_;
    std::size_t in_group_ = 0;
};

template <typename T>
void add_stamps(Packer& packer, const std::vector<T>& from) {
    std::vector<std::uint64_t> values;
    values.reserve(from.size());
    for (const T value : from) values.push_back(static_cast<std::uint64_t>(value));
    packer.add(values);
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
}

void put_layout(std::string& out, std::size_t rows, const std::vector<std::uint32_t>& columns) {
    put_varint(out, rows);
    put_varint(out, columns.size());
    std::uint64_t expected = 0;
    for (const std::uint64_t column : columns) {
        put_varint(out, zigzag(column - expected));
        expected = column + 1;
    }
}

void pack_stamps(Packer& packer, const RowStamps& stamps, const std::vector<std::uint32_t>& layouts) {
    std::vector<std::uint64_t> offsets;
    offsets.reserve(stamps.wall_ns.size());
    for (std::size_t i = 0; i < stamps.wall_ns.size(); ++i)
        offsets.push_back(static_cast<std::uint64_t>(stamps.mono_ns[i]) -
                          static_cast<std::uint64_t>(stamps.wall_ns[i]));
    static_assert(kSequence == 0 && kWall == 1 && kMonoLessWall == 2 && kQuality == 3 && kBoot == 4 &&
                  kLayout == 5);
    add_stamps(packer, stamps.sequence);
    add_stamps(packer, stamps.wall_ns);
    add_stamps(packer, offsets);
    add_stamps(packer, stamps.quality);
    add_stamps(packer, stamps.boot);
    add_stamps(packer, layouts);
}

std::string with_prefix(std::string_view head, std::string_view payload) {
    std::string packed_head;
    append_compressed(packed_head, head);
    std::string out(kBlockMagic);
    put_fixed(out, kBlockVersion);
    put_fixed(out, std::uint16_t{0});
    put_fixed(out, static_cast<std::uint32_t>(packed_head.size()));
    put_fixed(out, static_cast<std::uint32_t>(head.size()));
    put_fixed(out, crc32c(packed_head, crc32c(out)));
    out += packed_head;
    out += payload;
    return out;
}

}  // namespace

std::string BlockBuilder::encode() const {
    Packer packer;
    if (rows() > 0) pack_stamps(packer, stamps_, row_layouts_);
    std::string head;
    put_text(head, device_);
    put_varint(head, stamps_.boots.size());
    for (const std::string& boot_id : stamps_.boots) put_text(head, boot_id);
    put_varint(head, columns_.size());
    std::uint64_t expected = 0;
    for (const Column& column : columns_) {
        put_varint(head, zigzag(column.key.series - expected));
        expected = column.key.series + std::uint64_t{1};
    }
    for (const Column& column : columns_) {
        head.push_back(static_cast<char>(static_cast<unsigned>(column.key.kind) |
                                         static_cast<unsigned>(column.key.part) << 1));
        if (column.key.kind == SeriesKind::counter) {
            packer.add(column.bits);
        } else {
            packer.add_gauges(column.bits);
        }
    }
    packer.finish();
    put_varint(head, layouts_.size());
    for (const Layout& layout : layouts_) put_layout(head, layout.rows, layout.columns);
    packer.put_head(head);
    return with_prefix(head, packer.payload());
}

}  // namespace outstation::store
