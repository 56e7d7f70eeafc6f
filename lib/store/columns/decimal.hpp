// SPDX-License-Identifier: GPL-3.0-or-later
// Doubles as whole numbers, when one decimal form gives every bit of them back: what a device said before it
// was scaled. docs/formats/columns.md, "Gauge column". Pure functions.
#pragma once

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

// The first form that holds for all of them, raw if there is none; out, of the same length, gets the numbers.
[[nodiscard]] DecimalForm integers_of(std::span<const std::uint64_t> bits_of_doubles,
                                      std::span<std::uint64_t> out);
// Whether one double has this form; out gets its number.
[[nodiscard]] bool integer_of(std::uint64_t bits_of_double, DecimalForm form, std::uint64_t& out);
// The double of a number.
[[nodiscard]] double double_of(std::uint64_t number, DecimalForm form);
// The same for many. form: one for which is_decimal_form() holds; any number is allowed.
void doubles_of(std::span<const std::uint64_t> integers, DecimalForm form, std::span<double> out);

}  // namespace outstation::store::columns
