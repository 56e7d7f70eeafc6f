// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of integer columns: the model of each, and columns one behind another with their models
// apart. docs/formats/columns.md, "Frame".
#pragma once

#include <span>
#include <string>

#include "lib/store/columns/integers.hpp"

namespace outstation::store::columns {

// The octet that says how a column is modelled: the predictor and which numbers follow, or kWidths alone:
// each number stands as its width in bits among the heads and what is below its top bit among the low bits,
// which suits numbers of very different size.
inline constexpr std::uint8_t kPredictorMask = 3;
inline constexpr std::uint8_t kHasUnit = 4;
inline constexpr std::uint8_t kHasCentre = 8;
inline constexpr std::uint8_t kWidths = 16;

// Centres are multiples of 2^low_bits and written without those zeros.
[[nodiscard]] inline std::uint64_t short_centre(const IntegerModel& model) {
    return zigzag(static_cast<std::uint64_t>(static_cast<std::int64_t>(model.centre) >> model.low_bits));
}
[[nodiscard]] inline std::uint8_t mode_of(const IntegerModel& model) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(model.predictor) |
                                     (model.unit != 1 ? kHasUnit : 0U) |
                                     (model.centre != 0 ? kHasCentre : 0U));
}

class IntegerColumnsOut {
  public:
    // Nothing is written for an empty column.
    void add(std::span<const std::uint64_t> values);
    // The same where the numbers may be of very different size.
    void add_any(std::span<const std::uint64_t> values);

    std::string models;
    ResidualSink sink;

  private:
    void add_widths(std::span<const std::uint64_t> values);

    IntegerScratch scratch_;
};

class IntegerColumnsIn {
  public:
    IntegerColumnsIn(std::string_view models, std::string_view heads, std::string_view escapes,
                     std::string_view bits)
        : models_(models), heads_(heads), escapes_(escapes), bits_(bits) {}

    // The next column, as many values as `out` has room for. False: damaged.
    [[nodiscard]] bool read(std::span<std::uint64_t> out);

    [[nodiscard]] bool at_end_of_models() const { return models_.ok() && models_.left() == 0; }
    // What the columns so far left.
    [[nodiscard]] Cursor& escapes() { return escapes_; }
    [[nodiscard]] std::string_view bits() const { return bits_; }

  private:
    [[nodiscard]] bool read_widths(std::span<std::uint64_t> out);

    Cursor models_, heads_, escapes_;
    std::string_view bits_;
};

}  // namespace outstation::store::columns
