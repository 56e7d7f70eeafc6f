// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of the frame codec remember of one series, and the guess at its next value that follows
// from it. Whole-number arithmetic that wraps, so that both sides always agree. docs/formats/columns.md,
// "Frame".
#pragma once

#include <bit>
#include <cstdint>

#include "lib/store/columns/bytes.hpp"
#include "lib/store/columns/decimal.hpp"

namespace outstation::store::columns {

// Guesses at the next value, in the order of preference when they did equally well: 0 the last value, 1 the
// mean of the last few, 2 the last value plus the mean of the last few steps.
inline constexpr std::size_t kGuesses = 3;

class SeriesState {
  public:
    // The first value since a keyed frame, and what the encoder knows from before: see hint().
    void start(std::uint64_t value, DecimalForm form, std::uint8_t hint) {
        last_ = level_ = value;
        step_ = 0;
        form_ = form;
        seen_ = 1;
        const auto cost = static_cast<std::int16_t>((hint & 63) * kCostUnit);
        for (std::int16_t& other : cost_) other = static_cast<std::int16_t>(cost + kCostUnit);
        cost_[hint >> 6 < static_cast<int>(kGuesses) ? hint >> 6 : 0] = cost;
    }

    [[nodiscard]] DecimalForm form() const { return form_; }
    [[nodiscard]] std::size_t best() const {
        const std::size_t at = cost_[1] < cost_[0] ? 1 : 0;
        return cost_[2] < cost_[at] ? 2 : at;
    }
    [[nodiscard]] std::uint64_t guess(std::size_t which) const {
        return which == 0 ? last_ : which == 1 ? level_ : last_ + step_;
    }
    // How many bits the guess was off by, of late, in sixteenths.
    [[nodiscard]] std::int16_t cost(std::size_t which) const { return cost_[which]; }
    // Below these bits the next difference is expected to look random.
    [[nodiscard]] static unsigned low_bits(std::int16_t cost) {
        const int bits = (cost + kCostUnit / 2) / kCostUnit - kHighBits;
        if (bits <= 0) return 0;
        return static_cast<unsigned>(bits) < kMaxPackedBits ? static_cast<unsigned>(bits) : kMaxPackedBits;
    }
    // Which stream the head of the next value goes to: still, quiet or busy.
    [[nodiscard]] static std::size_t stream(std::int16_t cost) {
        return cost <= 0 ? 0 : cost < kCostUnit / 2 ? 1 : 2;
    }
    // Width and best guess for start() of a later keyed frame.
    [[nodiscard]] std::uint8_t hint() const {
        const std::size_t which = best();
        const int bits = (cost_[which] + kCostUnit / 2) / kCostUnit;
        return static_cast<std::uint8_t>((bits < 63 ? bits : 63) | static_cast<int>(which << 6));
    }

    void learn(std::uint64_t value) {
        const std::uint64_t step = value - last_;
        const std::uint64_t from_level = value - level_;
        charge(cost_[0], step);
        charge(cost_[1], from_level);
        charge(cost_[2], step - step_);
        if (seen_ < kSeenEnough) ++seen_;
        level_ += shifted(from_level, kShift[seen_]);
        step_ += shifted(step - step_, kShift[seen_ - 1]);
        last_ = value;
    }

    // The next value has another form. What is remembered follows when only decimals are added.
    void change_form(DecimalForm form) {
        const int decimals = decimals_of(form) - decimals_of(form_);
        if (form == kRawForm || form_ == kRawForm || decimals < 0) {
            last_ = level_ = step_ = 0;
        } else {
            for (int i = 0; i < decimals; ++i) {
                last_ *= 10;
                level_ *= 10;
                step_ *= 10;
            }
        }
        form_ = form;
    }

  private:
    static constexpr int kCostUnit = 16;
    static constexpr int kCostShift = 3;
    static constexpr int kHighBits = 2;
    static constexpr std::uint8_t kSeenEnough = 8;
    // The weight of a new value is 1 / 2^shift, by how many there were.
    static constexpr unsigned kShift[kSeenEnough + 1] = {0, 0, 1, 1, 2, 2, 2, 2, 3};

    // Moves the mean of the widths towards that of a miss.
    static void charge(std::int16_t& cost, std::uint64_t miss) {
        const auto width = static_cast<int>(std::bit_width(zigzag(miss)));
        cost = static_cast<std::int16_t>(cost + ((width * kCostUnit - cost) >> kCostShift));
    }
    static std::uint64_t shifted(std::uint64_t difference, unsigned shift) {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(difference) >> shift);
    }
    static int decimals_of(DecimalForm form) {
        return form >= kProductForm ? form - kProductForm : form - kQuotientForm;
    }

    std::uint64_t last_ = 0;
    std::uint64_t level_ = 0;
    std::uint64_t step_ = 0;
    std::int16_t cost_[kGuesses] = {};
    DecimalForm form_ = kQuotientForm;
    std::uint8_t seen_ = 0;
};

}  // namespace outstation::store::columns
