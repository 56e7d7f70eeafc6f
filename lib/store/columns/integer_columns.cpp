// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading a run of integer columns.
#include "lib/store/columns/integer_columns.hpp"

#include <algorithm>
#include <bit>

namespace outstation::store::columns {
namespace {

// About how many bits a head becomes, of a residual and of a width.
constexpr std::uint64_t kResidualHeadBits = 6;
constexpr std::uint64_t kWidthBits = 5;
constexpr unsigned kMaxWidth = 64;
constexpr unsigned kHalf = 32;

unsigned bits_below_top(unsigned width) {
    return width == 0 ? 0 : width - 1;
}

std::uint64_t cost_of_widths(std::span<const std::uint64_t> values) {
    std::uint64_t bits = kWidthBits * values.size();
    for (const std::uint64_t value : values)
        bits += bits_below_top(static_cast<unsigned>(std::bit_width(zigzag(value))));
    return bits;
}

}  // namespace

void IntegerColumnsOut::add(std::span<const std::uint64_t> values) {
    if (values.empty()) return;
    const IntegerModel model = encode_integers(values, scratch_, sink);
    models.push_back(static_cast<char>(mode_of(model)));
    if (model.predictor != Predictor::constant) models.push_back(static_cast<char>(model.low_bits));
    put_varint(models, zigzag(model.first));
    if (model.unit != 1) put_varint(models, model.unit);
    if (model.centre != 0) put_varint(models, short_centre(model));
}

void IntegerColumnsOut::add_any(std::span<const std::uint64_t> values) {
    const std::size_t models_before = models.size();
    const std::size_t heads = sink.heads.size();
    const std::size_t escapes = sink.escapes.size();
    const std::size_t bits = sink.bits.size();
    add(values);
    const std::uint64_t cost = kResidualHeadBits * (sink.heads.size() - heads) +
                               8 * (sink.escapes.size() - escapes + sink.bits.size() - bits);
    if (cost_of_widths(values) >= cost) return;
    models.resize(models_before);
    sink.heads.resize(heads);
    sink.escapes.resize(escapes);
    sink.bits.resize(bits);
    add_widths(values);
}

void IntegerColumnsOut::add_widths(std::span<const std::uint64_t> values) {
    models.push_back(static_cast<char>(kWidths));
    BitWriter bits(sink.bits, values.size() * (kMaxWidth - 1));
    for (const std::uint64_t value : values) {
        const std::uint64_t z = zigzag(value);
        const auto width = static_cast<unsigned>(std::bit_width(z));
        sink.heads.push_back(static_cast<char>(width));
        const unsigned below = bits_below_top(width);
        bits.put(z, std::min(below, kHalf));
        if (below > kHalf) bits.put(z >> kHalf, below - kHalf);
    }
    bits.finish();
}

bool IntegerColumnsIn::read_widths(std::span<std::uint64_t> out) {
    const std::string_view heads = heads_.bytes(out.size());
    if (!heads_.ok()) return false;
    BitReader bits(bits_);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const unsigned width = static_cast<unsigned char>(heads[i]);
        if (width > kMaxWidth) return false;
        const unsigned below = bits_below_top(width);
        std::uint64_t z = bits.get(std::min(below, kHalf));
        if (below > kHalf) z |= bits.get(below - kHalf) << kHalf;
        if (width > 0) z |= std::uint64_t{1} << below;
        out[i] = unzigzag(z);
    }
    const std::size_t octets = octets_of_bits(bits.position());
    if (octets > bits_.size()) return false;
    bits_.remove_prefix(octets);
    return true;
}

bool IntegerColumnsIn::read(std::span<std::uint64_t> out) {
    if (out.empty()) return true;
    const std::uint8_t mode = models_.octet();
    if (mode == kWidths) return read_widths(out);
    if (mode > (kPredictorMask | kHasUnit | kHasCentre)) return false;
    IntegerModel model;
    model.predictor = Predictor{static_cast<std::uint8_t>(mode & kPredictorMask)};
    const bool constant = model.predictor == Predictor::constant;
    if (!constant) model.low_bits = models_.octet();
    if (model.low_bits > kMaxPackedBits) return false;
    model.first = unzigzag(models_.varint());
    if ((mode & kHasUnit) != 0) model.unit = models_.varint();
    if ((mode & kHasCentre) != 0) model.centre = unzigzag(models_.varint()) << model.low_bits;
    const std::size_t residuals = constant ? 0 : out.size() - 1;
    const std::string_view heads = heads_.bytes(residuals);
    const std::size_t bits_octets = octets_of_bits(std::uint64_t{residuals} * model.low_bits);
    if (!models_.ok() || !heads_.ok() || bits_octets > bits_.size()) return false;
    const std::string_view low = bits_.substr(0, bits_octets);
    bits_.remove_prefix(bits_octets);
    return decode_integers(model, heads, escapes_, low, out);
}

}  // namespace outstation::store::columns
