// SPDX-License-Identifier: GPL-3.0-or-later
// Search for the decimal form of a column.
#include "lib/store/columns/decimal.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace outstation::store::columns {
namespace {

constexpr double kPower[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr double kInverse[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};
constexpr double kMaxInteger = 9007199254740992.0;  // 2^53: above it not every whole number is a double

// The exponent of a form and how it makes a double of a number.
template <bool kProduct>
double value_of(double number, unsigned exponent) {
    if constexpr (kProduct) {
        return number * kInverse[exponent];
    } else {
        return number / kPower[exponent];
    }
}

template <bool kProduct>
bool fits(std::uint64_t bits, unsigned exponent, std::uint64_t& out) {
    const double scaled = std::bit_cast<double>(bits) * kPower[exponent];
    if (!(std::fabs(scaled) <= kMaxInteger)) return false;
    const auto number = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    out = static_cast<std::uint64_t>(number);
    return std::bit_cast<std::uint64_t>(value_of<kProduct>(static_cast<double>(number), exponent)) == bits;
}

// The smallest exponent, or one above the largest.
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

}  // namespace

DecimalForm integers_of(std::span<const std::uint64_t> bits_of_doubles, std::span<std::uint64_t> out) {
    const unsigned quotient = search<false>(bits_of_doubles, out, 0);
    if (quotient <= kMaxExponent) return static_cast<DecimalForm>(kQuotientForm + quotient);
    const unsigned product = search<true>(bits_of_doubles, out, 1);
    if (product <= kMaxExponent) return static_cast<DecimalForm>(kProductForm + product);
    std::copy(bits_of_doubles.begin(), bits_of_doubles.end(), out.begin());
    return kRawForm;
}

bool integer_of(std::uint64_t bits_of_double, DecimalForm form, std::uint64_t& out) {
    if (form >= kProductForm) return fits<true>(bits_of_double, form - kProductForm, out);
    if (form >= kQuotientForm) return fits<false>(bits_of_double, form - kQuotientForm, out);
    out = bits_of_double;
    return true;
}

double double_of(std::uint64_t number, DecimalForm form) {
    if (form == kRawForm) return std::bit_cast<double>(number);
    const auto whole = static_cast<double>(static_cast<std::int64_t>(number));
    if (form == kQuotientForm) return whole;
    return form < kProductForm ? value_of<false>(whole, form - kQuotientForm)
                               : value_of<true>(whole, form - kProductForm);
}

void doubles_of(std::span<const std::uint64_t> integers, DecimalForm form, std::span<double> out) {
    const auto number = [&](std::size_t i) {
        return static_cast<double>(static_cast<std::int64_t>(integers[i]));
    };
    if (form == kRawForm) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::bit_cast<double>(integers[i]);
    } else if (form == kQuotientForm) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = number(i);
    } else if (form < kProductForm) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = value_of<false>(number(i), form - kQuotientForm);
    } else {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = value_of<true>(number(i), form - kProductForm);
    }
}

}  // namespace outstation::store::columns
