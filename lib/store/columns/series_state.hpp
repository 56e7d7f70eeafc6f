// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of the frame codec remember of one series, and the guess at its next value that follows
// from it. Whole-number arithmetic that wraps, so that both sides always agree. docs/formats/columns.md,
// "Frame".
#pragma once

#include <algorithm>
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
        const unsigned bits = rounded(cost);
        return bits <= kHighBits ? 0 : std::min(bits - kHighBits, kMaxPackedBits);
    }
    // Which stream the head of the next value goes to: still, quiet or busy.
    [[nodiscard]] static std::size_t stream(std::int16_t cost) {
        return (cost > 0 ? 1U : 0U) + (cost >= kCostUnit / 2 ? 1U : 0U);
    }
    // Width and best guess for start() of a later keyed frame.
    [[nodiscard]] std::uint8_t hint() const {
        const std::size_t which = best();
        return static_cast<std::uint8_t>(std::min(rounded(cost_[which]), 63U) | static_cast<unsigned>(which)
                                                                                    << 6U);
    }

    [[nodiscard]] std::uint64_t last() const { return last_; }
    // Whether every guess at this value is right; the same ones will be again.
    [[nodiscard]] bool rests_on(std::uint64_t value) const {
        return ((value ^ last_) | (value ^ level_) | step_) == 0;
    }
    // Learns a value that it rests on.
    void rest() {
        if (seen_ < kSeenEnough) ++seen_;
        for (std::int16_t& cost : cost_) move(cost, 0);
    }

    void learn(std::uint64_t value) { (void)take(value); }
    // How far off the best guess was; learns the value.
    std::uint64_t take(std::uint64_t value) {
        if (rests_on(value)) return rest(), 0;
        const std::size_t which = best();
        const std::uint64_t step = value - last_;
        const std::uint64_t from_level = value - level_;
        const std::uint64_t from_trend = step - step_;
        if (seen_ < kSeenEnough) ++seen_;
        charge(cost_[0], step);
        charge(cost_[1], from_level);
        charge(cost_[2], from_trend);
        level_ += shifted(from_level, kShift[seen_]);
        step_ += shifted(from_trend, kShift[seen_ - 1]);
        last_ = value;
        return which == 0 ? step : which == 1 ? from_level : from_trend;
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
    static constexpr unsigned kHighBits = 2;
    static constexpr std::uint8_t kSeenEnough = 8;
    // The weight of a new value is 1 / 2^shift, by how many there were.
    static constexpr unsigned kShift[kSeenEnough + 1] = {0, 0, 1, 1, 2, 2, 2, 2, 3};

    // Costs are never negative.
    static unsigned rounded(std::int16_t cost) {
        return (static_cast<unsigned>(cost) + kCostUnit / 2) / kCostUnit;
    }
    // Towards the width of a miss.
    static void move(std::int16_t& cost, int width) {
        cost = static_cast<std::int16_t>(cost + ((width * kCostUnit - cost) >> kCostShift));
    }
    // The width of zigzag(miss), which is one more than that of what is below the sign, but for 0.
    static void charge(std::int16_t& cost, std::uint64_t miss) {
        const std::uint64_t below_sign = (miss ^ (0 - (miss >> 63))) << 1 | 1;
        move(cost, static_cast<int>(std::bit_width(below_sign)) - (miss == 0 ? 1 : 0));
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
