// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing how to predict a column, and packing what the prediction left.
#include "lib/store/columns/integers.hpp"

#include <algorithm>
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

using Numbers = std::vector<std::uint64_t>;

// What of a difference is not its sign.
std::uint64_t below_sign(std::uint64_t difference) {
    return difference ^ (0 - (difference >> 63));
}

// The differences of neighbours. Returns the bits that any of them has.
std::uint64_t take_steps(std::span<const std::uint64_t> values, Numbers& steps) {
    steps.resize(values.size() - 1);
    const std::uint64_t* const value = values.data();
    std::uint64_t* const step = steps.data();
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) any |= step[i] = value[i + 1] - value[i];
    return any;
}

// The largest number that divides them all; `any`: the bits that any of them has.
std::uint64_t unit_of(const Numbers& steps, std::uint64_t any) {
    const auto twos = static_cast<unsigned>(std::countr_zero(any));
    std::uint64_t odd = 0;
    for (const std::uint64_t step : steps) {
        const std::uint64_t size = magnitude(step) >> twos;
        if (odd == 0 || size % odd != 0) odd = std::gcd(odd, size);  // nearly always it divides
        if (odd == 1) break;
    }
    return odd << twos;
}

void divide(Numbers& steps, std::uint64_t unit) {
    if (std::has_single_bit(unit)) {
        const int twos = std::countr_zero(unit);
        for (std::uint64_t& step : steps)
            step = static_cast<std::uint64_t>(static_cast<std::int64_t>(step) >> twos);
        return;
    }
    for (std::uint64_t& step : steps) {
        const std::uint64_t quotient = magnitude(step) / unit;
        step = (step >> 63) != 0 ? 0 - quotient : quotient;
    }
}

constexpr std::size_t kFewSteps = 16;
// So many residuals tell what all of them will cost, nearly.
constexpr std::size_t kEnoughSteps = 64;
// The sum of as many residuals as a column has, each no wider than this, is no wider than 63 bits.
constexpr unsigned kSummedBits = 45;

// The mean without what lies far off, so that a reset or a burst does not move it. Residuals are taken
// without their lowest `drop` bits. Plain arithmetic on 64 bits, which compilers do for several at once.
template <bool kDrop>
std::uint64_t centre_without(const Numbers& residuals, unsigned drop) {
    const std::uint64_t* const all = residuals.data();
    const std::size_t count = residuals.size();
    const auto at = [all, drop](std::size_t i) {
        return kDrop ? static_cast<std::uint64_t>(static_cast<std::int64_t>(all[i]) >> drop) : all[i];
    };
    const auto signed_count = static_cast<std::int64_t>(count);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += at(i);
    const auto mean = static_cast<std::uint64_t>(static_cast<std::int64_t>(sum) / signed_count);
    std::uint64_t spread = 0;
    for (std::size_t i = 0; i < count; ++i) spread += below_sign(at(i) - mean);
    spread = 2 * spread / count + 1;
    std::uint64_t near_sum = 0;
    std::uint64_t near_count = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t is_near = (below_sign(at(i) - mean) - spread) >> 63;
        near_sum += at(i) & (0 - is_near);
        near_count += is_near;
    }
    const double centre =
        static_cast<double>(static_cast<std::int64_t>(near_sum)) / static_cast<double>(near_count);
    return static_cast<std::uint64_t>(std::llround(centre)) << drop;
}

std::uint64_t centre_of(const Numbers& residuals) {
    std::uint64_t any = 0;
    for (const std::uint64_t r : residuals) any |= below_sign(r);
    const unsigned bits = width(any);
    return bits <= kSummedBits ? centre_without<false>(residuals, 0)
                               : centre_without<true>(residuals, bits - kSummedBits);
}

// Bits that residuals need: `at(i)` less the centre for some of i < count.
template <typename At>
std::uint64_t cost_of(std::size_t count, std::uint64_t centre, const At& at) {
    const std::size_t stride = 1 + count / kEnoughSteps;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; i += stride) bits += width(zigzag(at(i) - centre));
    return bits;
}

// Below this width a residual's bits look random: five in six residuals are wider.
unsigned low_bits_of(const Numbers& residuals, std::uint64_t centre) {
    std::uint32_t of_width[65] = {};
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

char head_of(std::uint64_t high, ResidualSink& sink) {
    if (high < kEscape) return static_cast<char>(high);
    put_varint(sink.escapes, high - kEscape);
    return static_cast<char>(kEscape);
}

void append_residuals(const Numbers& residuals, const IntegerModel& model, ResidualSink& sink) {
    const unsigned low = model.low_bits;
    const std::size_t at = sink.heads.size();
    sink.heads.resize(at + residuals.size());
    char* head = sink.heads.data() + at;
    if (low == 0) {
        for (const std::uint64_t r : residuals) *head++ = head_of(zigzag(r - model.centre), sink);
        return;
    }
    BitWriter bits(sink.bits, residuals.size() * low);
    for (const std::uint64_t r : residuals) {
        const std::uint64_t z = zigzag(r - model.centre);
        bits.put(z, low);
        *head++ = head_of(z >> low, sink);
    }
    bits.finish();
}

void read_heads(std::string_view heads, Cursor& escapes, std::span<std::uint64_t> out) {
    std::uint64_t* const to = out.data();
    const char* const head = heads.data();
    for (std::size_t i = 0; i < out.size(); ++i) to[i] = static_cast<unsigned char>(head[i]);
    constexpr char kEscapeHead = static_cast<char>(kEscape);
    for (std::size_t i = heads.find(kEscapeHead); i < out.size(); i = heads.find(kEscapeHead, i + 1))
        to[i] += escapes.varint();
}

// Puts the low bits behind the heads: without a look at the end as long as it is far.
void read_low_bits(std::string_view octets, unsigned bits, std::span<std::uint64_t> out) {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    const std::size_t far = octets.size() < 8 ? 0 : ((octets.size() - 8) * 8 + 7) / bits + 1;
    const std::size_t quick = std::min(far, out.size());
    std::uint64_t* const to = out.data();
    for (std::size_t i = 0; i < quick; ++i) {
        const std::size_t at = i * bits;
        to[i] = to[i] << bits | (load_u64(octets.data() + at / 8) >> (at % 8) & mask);
    }
    BitReader rest(octets, quick * bits);
    for (std::size_t i = quick; i < out.size(); ++i) to[i] = to[i] << bits | rest.get(bits);
}

// What the predictor makes of the residuals that stand in `numbers`.
void sum_up(const IntegerModel& model, std::span<std::uint64_t> numbers) {
    std::uint64_t before = model.first, step = 0;
    const auto residual = [centre = model.centre](std::uint64_t z) { return unzigzag(z) + centre; };
    switch (model.predictor) {
        case Predictor::first:
            for (std::uint64_t& number : numbers) number = model.first + residual(number) * model.unit;
            break;
        case Predictor::linear:
            for (std::uint64_t& number : numbers) number = before += (step += residual(number)) * model.unit;
            break;
        default:
            for (std::uint64_t& number : numbers) number = before += residual(number) * model.unit;
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
    model.unit = unit_of(steps, any);
    if (model.unit > 1) divide(steps, model.unit);
    const std::size_t count = steps.size();
    const std::uint64_t* const step = steps.data();
    const std::uint64_t centre_of_steps = centre_of(steps);
    const std::uint64_t previous = cost_of(count, centre_of_steps, [=](std::size_t i) { return step[i]; });
    const std::uint64_t linear =
        cost_of(count, 0, [=](std::size_t i) { return i == 0 ? step[0] : step[i] - step[i - 1]; });
    std::uint64_t first = UINT64_MAX, centre_of_sums = 0;
    auto& other = scratch.other;
    // What never falls is ever further from its first value.
    if ((any >> 63) != 0 || count < kFewSteps) {
        other.resize(count);
        std::partial_sum(steps.begin(), steps.end(), other.begin());
        centre_of_sums = centre_of(other);
        first = cost_of(count, centre_of_sums, [sum = other.data()](std::size_t i) { return sum[i]; });
    }
    const Numbers* residuals = &other;
    if (first <= std::min(previous, linear)) {
        model.predictor = Predictor::first;
        model.centre = centre_of_sums;
    } else if (previous <= linear) {
        model.predictor = Predictor::previous;
        residuals = &steps;
        model.centre = centre_of_steps;
    } else {
        model.predictor = Predictor::linear;
        other.resize(count);
        std::adjacent_difference(steps.begin(), steps.end(), other.begin());
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
    out[0] = model.first;
    const auto residuals = out.subspan(1);
    read_heads(heads, escapes, residuals);
    if (model.low_bits > 0) read_low_bits(low, model.low_bits, residuals);
    sum_up(model, residuals);
    return escapes.ok();
}

}  // namespace outstation::store::columns
