// SPDX-License-Identifier: GPL-3.0-or-later
// What a device may be told to do, by name: "loss 20%", "restart every 10 min", "silent from 60 s until 2
// min". Behaviours add up, and each has its times. The table of all of them is in behaviours.cpp, and nowhere
// else.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"
#include "tests/sim/conduct.hpp"

namespace outstation::sim {

// A time in which a behaviour is in force: the n-th, from 0, and when it began.
struct Occurrence {
    std::uint32_t number = 0;
    double began_s = 0;  // since the simulator began
    double lasted_s = 0;
};

struct Behaviour {
    enum class Kind : std::uint8_t { network, life, hostile };
    enum class Unit : std::uint8_t { none, duration, share, count };

    const char* name;
    Kind kind;
    Unit unit;       // of its amount
    double amount;   // unless one is given: seconds, a share of 1, a number
    double every_s;  // unless given; 0: all the time
    const char* what;
    void (*apply)(Conduct& conduct, double amount, const Occurrence& occurrence);
};

[[nodiscard]] std::span<const Behaviour> all_behaviours();
[[nodiscard]] const Behaviour* find_behaviour(std::string_view name);

// A behaviour, how much of it, and when. Times are since the simulator began.
struct Scheduled {
    const Behaviour* behaviour = nullptr;
    double amount = 0;
    Duration from{0};
    Duration until = Duration::max();
    Duration every{0};  // 0: once
    Duration lasts = Duration::max();

    [[nodiscard]] std::optional<Occurrence> at(Duration elapsed) const;
};

// "NAME [AMOUNT] [from T] [until T] [every T] [for T]"; T like "90 s", AMOUNT like "200 ms", "20 %" or "50".
[[nodiscard]] Result<Scheduled> parse_behaviour(std::string_view text);

[[nodiscard]] Conduct conduct_at(const std::vector<Scheduled>& schedule, Duration elapsed);

// The table as people read it, one line a behaviour.
[[nodiscard]] std::string describe_behaviours();

}  // namespace outstation::sim
