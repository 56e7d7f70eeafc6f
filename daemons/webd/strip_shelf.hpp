// SPDX-License-Identifier: GPL-3.0-or-later
// The strips of devices that were made lately. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lib/event/loop.hpp"

namespace outstation::webd {

enum class Tick : std::uint8_t { none, ok, degraded, down };  // worse is larger

struct Strip {
    std::int64_t from_ns = 0;
    std::int64_t step_ns = 0;
    std::vector<Tick> ticks;
    std::int64_t up_ns = 0;
    std::int64_t down_ns = 0;
    std::int64_t window_ns = 0;  // up, down and unknown
};

// The strips of devices, kept for a minute: they are asked for by every open overview. While stored is away
// an older one is given again, but only for the window that it was made of: `from_ns` is where the asked
// window begins.
class StripShelf {
  public:
    using Key = std::tuple<std::string, std::int64_t, std::int64_t>;  // device, step_ns, ticks
    static constexpr std::size_t kMostKept = 16384;
    static constexpr Duration kShareFor = std::chrono::minutes(1);

    [[nodiscard]] bool is_fresh(const Key& key, std::int64_t from_ns, MonoTime now) const;
    [[nodiscard]] const Strip* find(const Key& key, std::int64_t from_ns) const;
    void keep(const Key& key, Strip strip, MonoTime now);
    [[nodiscard]] std::size_t size() const { return kept_.size(); }

  private:
    struct Kept {
        Strip strip;
        MonoTime at;
    };
    std::map<Key, Kept> kept_;
};

}  // namespace outstation::webd
