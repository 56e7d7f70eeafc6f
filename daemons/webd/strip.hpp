// SPDX-License-Identifier: GPL-3.0-or-later
// Was it reachable: one tick a step, the worst of the devices and of the step, from the series "up" that
// polld writes at each poll. Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemons/webd/latest.hpp"

namespace outstation::webd {

enum class Tick : std::uint8_t { none, ok, degraded, down };  // worse is larger

struct Strip {
    std::int64_t from_ns = 0;
    std::int64_t step_ns = 0;
    std::vector<Tick> ticks;
    double answered = 0;  // polls
    double made = 0;
};

// One strip a group of devices, over the last hours * 3600 s, the step in progress last. Groups without the
// series, and all of them when stored does not answer, have ticks `none`. Shared for a minute.
using Groups = std::map<std::string, std::vector<std::string>>;
void ask_strips(Site& site, const Groups& groups, std::int64_t hours, std::int64_t ticks,
                std::function<void(std::map<std::string, Strip>)> callback);

// What a step of the series "up" says.
[[nodiscard]] Tick tick_of(std::uint32_t count, double min, double max);
[[nodiscard]] std::string_view tick_name(Tick tick);
[[nodiscard]] nlohmann::ordered_json strip_json(const Strip& strip);

}  // namespace outstation::webd
