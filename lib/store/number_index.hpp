// SPDX-License-Identifier: GPL-3.0-or-later
// Finds numbers by what they stand for, which lies with the caller: a table of numbers alone, eight to
// sixteen octets each. Threads: one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace outstation::store {

class NumberIndex {
  public:
    // The number with this hash of which `is(number)` says that it is the one; 0: there is none.
    template <typename Is>
    [[nodiscard]] std::uint32_t find(std::size_t hash, Is is) const {
        if (slots_.empty()) return 0;
        for (std::size_t at = hash;; ++at) {
            const std::uint32_t number = slots_[at % slots_.size()];
            if (number == 0) return 0;
            if (number != kGone && is(number)) return number;
        }
    }
    // A number that is not there, from 1 on; `hash_of(number)` tells its hash, and those of all others.
    template <typename HashOf>
    void add(std::uint32_t number, HashOf hash_of) {
        if ((taken_ + 1) * 2 > slots_.size()) {
            std::vector<std::uint32_t> before(std::max<std::size_t>(size_ * 4, kLeastSlots));
            before.swap(slots_);
            taken_ = size_ = 0;
            for (const std::uint32_t other : before) {
                if (other != 0 && other != kGone) put(other, hash_of(other));
            }
        }
        put(number, hash_of(number));
    }
    void remove(std::uint32_t number, std::size_t hash) {
        for (std::size_t at = hash; !slots_.empty(); ++at) {
            std::uint32_t& slot = slots_[at % slots_.size()];
            if (slot == 0) return;
            if (slot != number) continue;
            slot = kGone;
            --size_;
            return;
        }
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static constexpr std::uint32_t kGone = UINT32_MAX;  // was there: look on
    static constexpr std::size_t kLeastSlots = 64;

    void put(std::uint32_t number, std::size_t hash) {
        std::size_t at = hash;
        while (slots_[at % slots_.size()] != 0) ++at;
        slots_[at % slots_.size()] = number;
        ++taken_;
        ++size_;
    }

    std::vector<std::uint32_t> slots_;  // 0: free; at most half of them are not
    std::size_t taken_ = 0;             // slots that are not free
    std::size_t size_ = 0;              // numbers
};

}  // namespace outstation::store
