// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing how to predict a column, and packing what the prediction left.
#include "lib/store/columns/integers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace outstation::store::columns {
namespace {

std::uint64_t magnitude(std::uint64_t difference) {
    return (difference >> 63) != 0 ? 0 - difference : difference;
}

unsigned width(std::uint64_t value) {
    return static_cast<unsigned>(std::bit_width(value));
}

// The differences of neighbours. Returns the bits that any of them has.
std::uint64_t take_steps(std::span<const std::uint64_t> values, std::vector<std::uint64_t>& steps) {
    steps.resize(values.size() - 1);
    std::uint64_t any = 0;
    for (std::size_t i = 1; i < values.size(); ++i) any |= steps[i - 1] = values[i] - values[i - 1];
    return any;
}

// The largest number that divides them all.
std::uint64_t unit_of(const std::vector<std::uint64_t>& steps) {
    std::uint64_t unit = 0;
    for (const std::uint64_t step : steps) {
        const std::uint64_t size = magnitude(step);
        if (unit == 0 || size % unit != 0) unit = std::gcd(unit, size);  // nearly always it divides
        if (unit == 1) break;
    }
    return unit;
}

void divide(std::vector<std::uint64_t>& steps, std::uint64_t unit) {
    for (std::uint64_t& step : steps) {
        const std::uint64_t quotient = magnitude(step) / unit;
        step = (step >> 63) != 0 ? 0 - quotient : quotient;
    }
}

constexpr std::size_t kFewSteps = 16;

double as_double(std::uint64_t difference) {
    return static_cast<double>(static_cast<std::int64_t>(difference));
}

// The mean without what lies far off, so that a reset or a burst does not move it.
std::uint64_t centre_of(const std::vector<std::uint64_t>& residuals) {
    double sum = 0;
    for (const std::uint64_t r : residuals) sum += as_double(r);
    const double count = static_cast<double>(residuals.size());
    const double mean = sum / count;
    double spread = 0;
    for (const std::uint64_t r : residuals) spread += std::fabs(as_double(r) - mean);
    spread = 2 * spread / count;
    double near_sum = 0;
    double near_count = 0;
    for (const std::uint64_t r : residuals) {
        const double value = as_double(r);
        const bool is_near = std::fabs(value - mean) <= spread;
        near_sum += is_near ? value : 0;
        near_count += is_near ? 1 : 0;
    }
    const double centre = near_count > 0 ? near_sum / near_count : mean;
    if (!(std::fabs(centre) < 9e18)) return 0;
    return static_cast<std::uint64_t>(std::llround(centre));
}

// Bits that the residuals around a centre need, all together.
std::uint64_t cost_of(const std::vector<std::uint64_t>& residuals, std::uint64_t centre) {
    std::uint64_t bits = 0;
    for (const std::uint64_t r : residuals) bits += width(zigzag(r - centre));
    return bits;
}

// Below this width a residual's bits look random: five in six residuals are wider.
unsigned low_bits_of(const std::vector<std::uint64_t>& residuals, std::uint64_t centre) {
    std::array<std::uint32_t, 65> of_width{};
    for (const std::uint64_t r : residuals) ++of_width[width(zigzag(r - centre))];
    const std::size_t narrow = residuals.size() / 6;
    std::size_t seen = 0;
    unsigned bits = 0;
    while (seen + of_width[bits] <= narrow) seen += of_width[bits++];
    return std::min(bits > 0 ? bits - 1 : 0, kMaxPackedBits);
}

// The nearest multiple of 2^bits.
std::uint64_t round_to(std::uint64_t centre, unsigned bits) {
    if (bits == 0) return centre;
    const std::uint64_t half = std::uint64_t{1} << (bits - 1);
    return (centre + half) & ~((half << 1) - 1);
}

void append_residuals(const std::vector<std::uint64_t>& residuals, const IntegerModel& model,
                      ResidualSink& sink) {
    const unsigned low = model.low_bits;
    BitWriter bits(sink.bits, residuals.size() * low);
    const std::size_t at = sink.heads.size();
    sink.heads.resize(at + residuals.size());
    char* head = sink.heads.data() + at;
    for (const std::uint64_t r : residuals) {
        const std::uint64_t z = zigzag(r - model.centre);
        const std::uint64_t high = z >> low;
        if (low != 0) bits.put(z, low);
        if (high >= kEscape) put_varint(sink.escapes, high - kEscape);
        *head++ = static_cast<char>(std::min<std::uint64_t>(high, kEscape));
    }
    bits.finish();
}

void read_residuals(const IntegerModel& model, std::string_view heads, Cursor& escapes, std::string_view low,
                    std::span<std::uint64_t> out) {
    BitReader bits(low);
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::uint64_t z = static_cast<unsigned char>(heads[i]);
        if (z == kEscape) z += escapes.varint();
        if (model.low_bits > 0) z = z << model.low_bits | bits.get(model.low_bits);
        out[i] = unzigzag(z) + model.centre;
    }
}

}  // namespace

IntegerModel encode_integers(std::span<const std::uint64_t> values, IntegerScratch& scratch,
                             ResidualSink& sink) {
    IntegerModel model;
    model.first = values[0];
    auto& steps = scratch.steps;
    const std::uint64_t any = values.size() > 1 ? take_steps(values, steps) : 0;
    if (any == 0) return model;
    model.unit = unit_of(steps);
    if (model.unit > 1) divide(steps, model.unit);
    auto& sums = scratch.sums;
    auto& turns = scratch.turns;
    turns.resize(steps.size());
    std::adjacent_difference(steps.begin(), steps.end(), turns.begin());
    const std::uint64_t centre_of_steps = centre_of(steps);
    const std::uint64_t previous = cost_of(steps, centre_of_steps);
    const std::uint64_t linear = cost_of(turns, 0);
    std::uint64_t first = UINT64_MAX, centre_of_sums = 0;
    // What never falls is ever further from its first value.
    if ((any >> 63) != 0 || steps.size() < kFewSteps) {
        sums.resize(steps.size());
        std::partial_sum(steps.begin(), steps.end(), sums.begin());
        centre_of_sums = centre_of(sums);
        first = cost_of(sums, centre_of_sums);
    }
    const std::vector<std::uint64_t>* residuals = &turns;
    model.predictor = Predictor::linear;
    if (previous <= linear) {
        model.predictor = Predictor::previous;
        residuals = &steps;
        model.centre = centre_of_steps;
    }
    if (first <= std::min(previous, linear)) {
        model.predictor = Predictor::first;
        residuals = &sums;
        model.centre = centre_of_sums;
    }
    const unsigned low = low_bits_of(*residuals, model.centre);
    model.low_bits = static_cast<std::uint8_t>(low);
    model.centre = round_to(model.centre, low);
    append_residuals(*residuals, model, sink);
    return model;
}

bool decode_integers(const IntegerModel& model, std::string_view heads, Cursor& escapes, std::string_view low,
                     std::span<std::uint64_t> out) {
    if (model.predictor == Predictor::constant) {
        std::fill(out.begin(), out.end(), model.first);
        return true;
    }
    const auto residuals = out.subspan(1);
    read_residuals(model, heads, escapes, low, residuals);
    out[0] = model.first;
    std::uint64_t before = model.first, step = 0;
    switch (model.predictor) {
        case Predictor::first:
            for (std::uint64_t& number : residuals) number = model.first + number * model.unit;
            break;
        case Predictor::linear:
            for (std::uint64_t& number : residuals) number = before += (step += number) * model.unit;
            break;
        default:
            for (std::uint64_t& number : residuals) number = before += number * model.unit;
    }
    return escapes.ok();
}

}  // namespace outstation::store::columns
