// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a count grows, seen at irregular times: over the last two minutes, so that bursts of polls even
// out. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "lib/event/loop.hpp"

namespace outstation::webd {

class Throughput {
  public:
    void add(MonoTime now, std::uint64_t count) {
        if (!looks_.empty() && count < looks_.back().count) looks_.clear();  // the counter began anew
        if (looks_.empty() || now - looks_.back().at >= kApart) looks_.push_back({now, count});
        while (looks_.size() > 2 && now - looks_.front().at > kWindow) looks_.pop_front();
    }
    [[nodiscard]] std::optional<double> per_second() const {
        if (looks_.size() < 2) return std::nullopt;
        const auto span = std::chrono::duration<double>(looks_.back().at - looks_.front().at).count();
        return static_cast<double>(looks_.back().count - looks_.front().count) / span;
    }

  private:
    static constexpr Duration kApart = std::chrono::seconds(5);
    static constexpr Duration kWindow = std::chrono::minutes(2);
    struct Look {
        MonoTime at;
        std::uint64_t count;
    };
    std::deque<Look> looks_;
};

}  // namespace outstation::webd
