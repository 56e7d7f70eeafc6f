// SPDX-License-Identifier: GPL-3.0-or-later
// Search for the decimal form of a column.
#include "lib/store/columns/decimal.hpp"

#include <algorithm>
#include <bit>

namespace outstation::store::columns {
namespace {

// Added to a double of less than 2^51 this makes the nearest whole number of it, which stands in the lowest
// bits: in whole loops compilers do that for several doubles at once.
constexpr double kRounder = 0x1.8p52;
constexpr std::uint64_t kRounderBits = std::bit_cast<std::uint64_t>(kRounder);
constexpr unsigned kFractionBits = 52;
constexpr std::size_t kFirstRun = 4;  // most exponents that do not fit are seen by then
constexpr std::size_t kRun = 32;

// The same as fits() for all of a run, but for numbers of 2^51 and more.
template <bool kProduct>
bool all_fit(const std::uint64_t* bits, std::size_t count, unsigned exponent, std::uint64_t* out) {
    const double power = kPower[exponent];
    const double inverse = kInverse[exponent];
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double moved = std::bit_cast<double>(bits[i]) * power + kRounder;
        const double whole = moved - kRounder;
        const double back = kProduct ? whole * inverse : whole / power;
        const auto moved_bits = std::bit_cast<std::uint64_t>(moved);
        wrong |= std::bit_cast<std::uint64_t>(back) ^ bits[i];
        wrong |= (moved_bits ^ kRounderBits) >> kFractionBits;
        out[i] = moved_bits - kRounderBits;
    }
    return wrong == 0;
}

// The smallest exponent, or one above the largest.
template <bool kProduct>
unsigned search_run(std::span<const std::uint64_t> bits, std::span<std::uint64_t> out, unsigned exponent) {
    for (std::size_t i = 0; i < bits.size();) {
        const std::size_t count = std::min(i == 0 ? kFirstRun : kRun, bits.size() - i);
        if (all_fit<kProduct>(bits.data() + i, count, exponent, out.data() + i)) {
            i += count;
        } else {
            if (++exponent > kMaxExponent) break;
            i = 0;
        }
    }
    return exponent;
}

// The same one by one.
template <bool kProduct>
unsigned search(std::span<const std::uint64_t> bits, std::span<std::uint64_t> out, unsigned exponent) {
    for (std::size_t i = 0; i < bits.size();) {
        if (fits<kProduct>(bits[i], exponent, out[i])) {
            ++i;
        } else {
            if (++exponent > kMaxExponent) break;
            i = 0;
        }
    }
    return exponent;
}

template <typename Put>
void make_doubles(std::span<const std::uint64_t> integers, DecimalForm form, const Put& put) {
    const std::uint64_t* number = integers.data();
    const std::uint64_t* const end = number + integers.size();
    const auto whole = [](std::uint64_t integer) {
        return static_cast<double>(static_cast<std::int64_t>(integer));
    };
    if (form == kRawForm) {
        for (; number != end; ++number) put(std::bit_cast<double>(*number));
    } else if (form == kQuotientForm) {
        for (; number != end; ++number) put(whole(*number));
    } else if (form < kProductForm) {
        const double power = kPower[form - kQuotientForm];
        for (; number != end; ++number) put(whole(*number) / power);
    } else {
        const double inverse = kInverse[form - kProductForm];
        for (; number != end; ++number) put(whole(*number) * inverse);
    }
}

}  // namespace

DecimalForm integers_of(std::span<const std::uint64_t> bits_of_doubles, std::span<std::uint64_t> out) {
    const auto& bits = bits_of_doubles;
    unsigned exponent = search_run<false>(bits, out, 0);
    if (exponent <= kMaxExponent) return static_cast<DecimalForm>(kQuotientForm + exponent);
    exponent = search_run<true>(bits, out, 1);
    if (exponent <= kMaxExponent) return static_cast<DecimalForm>(kProductForm + exponent);
    exponent = search<false>(bits, out, 0);
    if (exponent <= kMaxExponent) return static_cast<DecimalForm>(kQuotientForm + exponent);
    exponent = search<true>(bits, out, 1);
    if (exponent <= kMaxExponent) return static_cast<DecimalForm>(kProductForm + exponent);
    std::copy(bits.begin(), bits.end(), out.begin());
    return kRawForm;
}

void doubles_of(std::span<const std::uint64_t> integers, DecimalForm form, std::span<double> out) {
    double* to = out.data();
    make_doubles(integers, form, [&to](double value) { *to++ = value; });
}

void make_bits(std::span<std::uint64_t> integers, DecimalForm form) {
    if (form == kRawForm) return;
    std::uint64_t* to = integers.data();
    make_doubles(integers, form, [&to](double value) { *to++ = std::bit_cast<std::uint64_t>(value); });
}

}  // namespace outstation::store::columns
