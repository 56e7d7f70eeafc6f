// SPDX-License-Identifier: GPL-3.0-or-later
// Was it reachable: one tick a step and the shares of time, from the series "up" that polld writes at each
// poll. Time is what is counted, not polls: a device that is down is polled less often. What nobody measured
// is unknown, neither up nor down. Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemons/webd/latest.hpp"

namespace outstation::webd {

// One answer to a poll, or none.
struct UpPoint {
    std::int64_t wall_ns = 0;
    bool up = false;
};

// A strip of `ticks` steps before `to_ns`, from the points of one device in the order of time. A point counts
// until the next one. When that is further away than a poll can be late (three intervals; five when the
// device was down, because it is asked less often then), or not there by `now_ns`, it counts for one interval
// and the rest is unknown. Points before the first step count for what they reach into it.
[[nodiscard]] Strip strip_of(const std::vector<UpPoint>& points, std::int64_t interval_ns, std::int64_t to_ns,
                             std::int64_t step_ns, std::size_t ticks, std::int64_t now_ns);
// Takes the worst of each tick, and adds up the times.
void add_strip(Strip& into, const Strip& strip);
[[nodiscard]] std::string_view tick_name(Tick tick);
[[nodiscard]] nlohmann::ordered_json strip_json(const Strip& strip);

// One strip a group of devices, over the last hours * 3600 s, the step in progress last. Devices without the
// series are unknown, and so are all of them when stored is away and did not answer for these steps before.
using Groups = std::map<std::string, std::vector<std::string>>;
void ask_strips(Site& site, const Groups& groups, std::int64_t hours, std::int64_t ticks,
                std::function<void(std::map<std::string, Strip>)> callback);

}  // namespace outstation::webd
