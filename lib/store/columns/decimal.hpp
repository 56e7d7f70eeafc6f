// SPDX-License-Identifier: GPL-3.0-or-later
// Doubles as whole numbers, when one decimal form gives every bit of them back: what a device said before it
// was scaled. docs/formats/columns.md, "Gauge column". Pure functions.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace outstation::store::columns {

// How the doubles of a column follow from whole numbers m of at most 53 bits. 0: m are the bits themselves;
// 1 + e: m / 10^e; 65 + e: m x 10^-e, where 10^-e is the nearest double and the product is rounded once.
using DecimalForm = std::uint8_t;
inline constexpr DecimalForm kRawForm = 0;
inline constexpr DecimalForm kQuotientForm = 1;
inline constexpr DecimalForm kProductForm = 65;
inline constexpr unsigned kMaxExponent = 9;

[[nodiscard]] constexpr bool is_decimal_form(DecimalForm form) {
    return form <= kQuotientForm + kMaxExponent ||
           (form > kProductForm && form <= kProductForm + kMaxExponent);
}

inline constexpr double kPower[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
inline constexpr double kInverse[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};
inline constexpr double kMaxInteger = 0x1p53;  // above it not every whole number is a double

// What a form's exponent makes of a number.
template <bool kProduct>
[[nodiscard]] double value_of(double number, unsigned exponent) {
    if constexpr (kProduct) {
        return number * kInverse[exponent];
    } else {
        return number / kPower[exponent];
    }
}

// The number whose double this is, if there is one.
template <bool kProduct>
[[nodiscard]] bool fits(std::uint64_t bits, unsigned exponent, std::uint64_t& out) {
    const double scaled = std::bit_cast<double>(bits) * kPower[exponent];
    if (!(std::fabs(scaled) <= kMaxInteger)) return false;
    const auto number = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    out = static_cast<std::uint64_t>(number);
    return std::bit_cast<std::uint64_t>(value_of<kProduct>(static_cast<double>(number), exponent)) == bits;
}

// The first form that holds for all of them, raw if there is none; out, of the same length, gets the numbers.
[[nodiscard]] DecimalForm integers_of(std::span<const std::uint64_t> bits_of_doubles,
                                      std::span<std::uint64_t> out);
// Whether one double has this form; out gets its number.
[[nodiscard]] inline bool integer_of(std::uint64_t bits_of_double, DecimalForm form, std::uint64_t& out) {
    if (form >= kProductForm) return fits<true>(bits_of_double, form - kProductForm, out);
    if (form >= kQuotientForm) return fits<false>(bits_of_double, form - kQuotientForm, out);
    out = bits_of_double;
    return true;
}

// The double of a number.
[[nodiscard]] inline double double_of(std::uint64_t number, DecimalForm form) {
    if (form == kRawForm) return std::bit_cast<double>(number);
    const auto whole = static_cast<double>(static_cast<std::int64_t>(number));
    if (form == kQuotientForm) return whole;
    return form < kProductForm ? value_of<false>(whole, form - kQuotientForm)
                               : value_of<true>(whole, form - kProductForm);
}
// The same for many. form: one for which is_decimal_form() holds; any number is allowed.
void doubles_of(std::span<const std::uint64_t> integers, DecimalForm form, std::span<double> out);
// Puts the bits of each double where its number is.
void make_bits(std::span<std::uint64_t> integers, DecimalForm form);

}  // namespace outstation::store::columns
