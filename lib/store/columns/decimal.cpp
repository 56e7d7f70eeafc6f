// SPDX-License-Identifier: GPL-3.0-or-later
// Search for the decimal form of a column.
#include "lib/store/columns/decimal.hpp"

#include <algorithm>
#include <bit>

namespace outstation::store::columns {
namespace {

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
