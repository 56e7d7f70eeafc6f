// SPDX-License-Identifier: GPL-3.0-or-later
// The decimal form of a column: the first that holds for each of its doubles, and every bit comes back.
#include "lib/store/columns/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace outstation::store::columns {
namespace {

constexpr int kColumns = 20'000;

bool holds(const std::vector<std::uint64_t>& bits, DecimalForm form, double limit) {
    std::uint64_t number = 0;
    for (const std::uint64_t one : bits) {
        if (!integer_of(one, form, number)) return false;
        const auto whole = static_cast<double>(static_cast<std::int64_t>(number));
        if (whole < -limit || whole >= limit) return false;
    }
    return true;
}

// Looked for one by one; small numbers are better.
DecimalForm first_form(const std::vector<std::uint64_t>& bits) {
    for (const double limit : {0x1p51, 0x1p54}) {
        for (unsigned i = 0; i <= kMaxExponent; ++i) {
            const auto form = static_cast<DecimalForm>(kQuotientForm + i);
            if (holds(bits, form, limit)) return form;
        }
        for (unsigned i = 1; i <= kMaxExponent; ++i) {
            const auto form = static_cast<DecimalForm>(kProductForm + i);
            if (holds(bits, form, limit)) return form;
        }
    }
    return kRawForm;
}

std::vector<std::uint64_t> back(std::vector<std::uint64_t> numbers, DecimalForm form) {
    make_bits(numbers, form);
    return numbers;
}

void expect_first_form(const std::vector<std::uint64_t>& bits) {
    std::vector<std::uint64_t> numbers(bits.size());
    const DecimalForm form = integers_of(bits, numbers);
    EXPECT_EQ(form, first_form(bits));
    EXPECT_EQ(back(numbers, form), bits);
}

std::vector<std::uint64_t> bits_of(const std::vector<double>& doubles) {
    std::vector<std::uint64_t> out;
    for (const double one : doubles) out.push_back(std::bit_cast<std::uint64_t>(one));
    return out;
}

TEST(Decimal, TheFirstFormThatHoldsIsTaken) {
    std::mt19937_64 random(11);
    const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    for (int i = 0; i < kColumns && !HasFailure(); ++i) {
        const unsigned width = 1 + below(50);
        const bool product = below(3) == 0;
        const unsigned most = below(kMaxExponent + 1);
        std::vector<double> column(1 + below(80));
        for (double& value : column) {
            const auto number = static_cast<double>(static_cast<std::int64_t>(random()) >> (64 - width));
            const unsigned exponent = below(4) == 0 ? most : 0;
            value = product ? value_of<true>(number, most) : value_of<false>(number, exponent);
        }
        if (below(20) == 0) column[random() % column.size()] = std::bit_cast<double>(random());
        expect_first_form(bits_of(column));
    }
}

TEST(Decimal, WhatIsNoNumberHasNoDecimalForm) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const double odd : {-0.0, kInfinity, -kInfinity, std::nan(""), 5e-324, 1e300, 0x1p-1074})
        for (const std::size_t at : {0U, 3U, 4U, 39U}) {
            std::vector<double> column(40, 1.5);
            column[at] = odd;
            expect_first_form(bits_of(column));
        }
}

// Beyond 2^51 numbers are looked at one by one.
TEST(Decimal, LargeWholeNumbersAreNumbers) {
    for (const double large : {0x1p50, 0x1p51 - 1, 0x1p51, -0x1p51, 0x1p51 + 1, 0x1p52, 0x1p53, -0x1p53}) {
        std::vector<double> column(40, 7.0);
        column[20] = large;
        std::vector<std::uint64_t> numbers(column.size());
        EXPECT_EQ(integers_of(bits_of(column), numbers), kQuotientForm);
        EXPECT_EQ(static_cast<std::int64_t>(numbers[20]), static_cast<std::int64_t>(large));
        expect_first_form(bits_of(column));
    }
}

}  // namespace
}  // namespace outstation::store::columns
