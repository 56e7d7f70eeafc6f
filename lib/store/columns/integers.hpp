// SPDX-License-Identifier: GPL-3.0-or-later
// One column of 64-bit numbers as a prediction, a unit, a centre and small residuals. A residual is cut in
// two: its low bits, which look random, are packed as they are; what is above is one octet (or an escape),
// which compresses. docs/formats/columns.md, "Integer column". Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/store/columns/bytes.hpp"

namespace outstation::store::columns {

// What a number is expected to be.
enum class Predictor : std::uint8_t {
    constant = 0,  // the first one
    first = 1,     // the first one plus the centre
    previous = 2,  // the one before plus the centre
    linear = 3,    // as far from the one before as that was from its own
};

struct IntegerModel {
    Predictor predictor = Predictor::constant;
    std::uint8_t low_bits = 0;  // at most kMaxPackedBits
    std::uint64_t first = 0;
    std::uint64_t unit = 1;    // all differences are multiples of it
    std::uint64_t centre = 0;  // of the differences, in units, a multiple of 2^low_bits; wraps
    bool operator==(const IntegerModel&) const = default;
};

// Where the residuals of many columns go, column after column.
struct ResidualSink {
    std::string heads;    // one octet each: the bits above the low ones, kEscape: see `escapes`
    std::string escapes;  // varint: those bits, less kEscape
    std::string bits;     // the low bits, each column from a full octet on
};
inline constexpr std::uint8_t kEscape = 255;

// Memory that one call leaves to the next.
struct IntegerScratch {
    std::vector<std::uint64_t> steps, other;
};

// Chooses the model and appends the residuals of all values but the first. values: at least one.
[[nodiscard]] IntegerModel encode_integers(std::span<const std::uint64_t> values, IntegerScratch& scratch,
                                           ResidualSink& sink);

// Undoes it. heads: one octet a value but the first; low: their packed bits (the caller has checked both
// lengths). out: as many values as there are. False: an escape is damaged.
[[nodiscard]] bool decode_integers(const IntegerModel& model, std::string_view heads, Cursor& escapes,
                                   std::string_view low, std::span<std::uint64_t> out);

}  // namespace outstation::store::columns
