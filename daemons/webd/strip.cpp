// SPDX-License-Identifier: GPL-3.0-or-later
// Ticks and shares of time from the series "up".
#include "daemons/webd/strip.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/metric_names.hpp"
#include "daemons/webd/range.hpp"

namespace outstation::webd {
namespace {

constexpr std::int64_t kNsPerHour = 3'600'000'000'000;
constexpr std::size_t kSeriesARequest = 64;
constexpr std::int64_t kIntervalsUp = 3;
constexpr std::int64_t kIntervalsDown = 5;  // polld asks a dead device every fourth interval

// The steps that are asked for, the last of them in progress.
struct Window {
    std::int64_t to_ns = 0;
    std::int64_t step_ns = 0;
    std::int64_t ticks = 0;
    [[nodiscard]] std::int64_t from_ns() const { return to_ns - ticks * step_ns; }
};

struct Work {
    Site& site;
    Groups groups;
    Window window;
    std::unordered_map<std::string, std::int64_t> interval_of;  // ns, of the devices that are asked about
    std::function<void(std::map<std::string, Strip>)> callback;

    [[nodiscard]] StripShelf::Key key_of(const std::string& device) const {
        return {device, window.step_ns, window.ticks};
    }
};

// [begin, end) was up or down.
void add_time(Strip& strip, std::int64_t begin_ns, std::int64_t end_ns, bool up) {
    const std::int64_t to_ns = strip.from_ns + strip.step_ns * static_cast<std::int64_t>(strip.ticks.size());
    begin_ns = std::max(begin_ns, strip.from_ns);
    end_ns = std::min(end_ns, to_ns);
    if (begin_ns >= end_ns) return;
    (up ? strip.up_ns : strip.down_ns) += end_ns - begin_ns;
    const std::int64_t last = (end_ns - 1 - strip.from_ns) / strip.step_ns;
    for (std::int64_t i = (begin_ns - strip.from_ns) / strip.step_ns; i <= last; ++i) {
        Tick& tick = strip.ticks[static_cast<std::size_t>(i)];
        const Tick now = up ? Tick::ok : Tick::down;
        tick = tick == Tick::none || tick == now ? now : Tick::degraded;
    }
}

std::map<std::string, Strip> put_together(const Work& work) {
    std::map<std::string, Strip> strips;
    const std::int64_t now_ns = work.site.now_ns();
    const auto& window = work.window;
    for (const auto& [group, devices] : work.groups) {
        Strip& strip = strips[group];
        const auto ticks = static_cast<std::size_t>(window.ticks);
        strip = strip_of({}, 1, window.to_ns, window.step_ns, ticks, now_ns);
        strip.window_ns = 0;
        for (const std::string& device : devices) {
            const Strip* kept = work.site.strips().find(work.key_of(device), window.from_ns());
            const Strip unknown = strip_of({}, 1, window.to_ns, window.step_ns, ticks, now_ns);
            add_strip(strip, kept != nullptr ? *kept : unknown);
        }
    }
    return strips;
}

void keep_strips(const Work& work, const wire::RangeReply& range) {
    const std::int64_t now_ns = work.site.now_ns();
    for (const wire::RangeColumn& column : range.columns) {
        const auto interval = work.interval_of.find(column.series.device);
        if (interval == work.interval_of.end()) continue;
        std::vector<UpPoint> points;
        for (std::size_t i = 0; i < std::min(column.wall_ns.size(), column.gauges.size()); ++i)
            points.push_back({column.wall_ns[i], column.gauges[i] > 0});
        const auto& window = work.window;
        work.site.strips().keep(work.key_of(column.series.device),
                                strip_of(points, interval->second, window.to_ns, window.step_ns,
                                         static_cast<std::size_t>(window.ticks), now_ns),
                                work.site.loop().now());
    }
}

void ask_points(const std::shared_ptr<Work>& work, const std::vector<std::uint32_t>& series) {
    auto join = std::make_shared<Join>([work] { work->callback(put_together(*work)); });
    std::int64_t reach_ns = 0;
    for (const auto& [device, interval_ns] : work->interval_of)
        reach_ns = std::max(reach_ns, kIntervalsDown * interval_ns);
    for (std::size_t first = 0; first < series.size(); first += kSeriesARequest) {
        const std::size_t last = std::min(series.size(), first + kSeriesARequest);
        const PointsQuery query{{series.begin() + static_cast<std::ptrdiff_t>(first),
                                 series.begin() + static_cast<std::ptrdiff_t>(last)},
                                work->window.from_ns() - reach_ns,
                                work->window.to_ns};
        join->begin();
        ask_range_points(work->site.stored(), query, [work, join](const Result<wire::RangeReply>& range) {
            if (range) keep_strips(*work, *range);
            join->finish();
        });
    }
    join->close();
}

}  // namespace

Strip strip_of(const std::vector<UpPoint>& points, std::int64_t interval_ns, std::int64_t to_ns,
               std::int64_t step_ns, std::size_t ticks, std::int64_t now_ns) {
    Strip strip;
    strip.step_ns = step_ns;
    strip.from_ns = to_ns - step_ns * static_cast<std::int64_t>(ticks);
    strip.ticks.assign(ticks, Tick::none);
    strip.window_ns = std::max<std::int64_t>(std::min(to_ns, now_ns) - strip.from_ns, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
        const UpPoint& point = points[i];
        const std::int64_t next_ns = i + 1 < points.size() ? points[i + 1].wall_ns : now_ns;
        const std::int64_t patience_ns = (point.up ? kIntervalsUp : kIntervalsDown) * interval_ns;
        const bool is_gap = next_ns - point.wall_ns > patience_ns;
        add_time(strip, point.wall_ns, is_gap ? point.wall_ns + interval_ns : next_ns, point.up);
    }
    return strip;
}

void add_strip(Strip& into, const Strip& strip) {
    for (std::size_t i = 0; i < std::min(into.ticks.size(), strip.ticks.size()); ++i)
        into.ticks[i] = std::max(into.ticks[i], strip.ticks[i]);
    into.up_ns += strip.up_ns;
    into.down_ns += strip.down_ns;
    into.window_ns += strip.window_ns;
}

void ask_strips(Site& site, const Groups& groups, std::int64_t hours, std::int64_t ticks,
                std::function<void(std::map<std::string, Strip>)> callback) {
    auto work = std::make_shared<Work>(Work{site, groups, {}, {}, std::move(callback)});
    Window& window = work->window;
    window.ticks = ticks;
    window.step_ns = std::max<std::int64_t>(hours * kNsPerHour / ticks, 1);
    window.to_ns = (site.now_ns() / window.step_ns + 1) * window.step_ns;
    const auto config = site.config();
    std::unordered_map<std::string, const wire::DeviceConfig*> configs;
    for (const auto& device : config->devices) configs.emplace(device.id, &device);
    for (const auto& [group, devices] : groups) {
        for (const std::string& device : devices) {
            const auto found = configs.find(device);
            if (found == configs.end()) continue;
            if (site.strips().is_fresh(work->key_of(device), window.from_ns(), site.loop().now())) continue;
            work->interval_of.emplace(device, interval_of(*config, found->second));
        }
    }
    if (work->interval_of.empty()) return work->callback(put_together(*work));
    const std::string only = work->interval_of.size() == 1 ? work->interval_of.begin()->first : "";
    ask_latest(site, only, metric::kUp, [work](const Rows& rows) {
        std::vector<std::uint32_t> series;
        rows.each([&](const wire::LatestRow& row) {
            if (work->interval_of.contains(row.series.device)) series.push_back(row.series.id);
        });
        ask_points(work, series);
    });
}

std::string_view tick_name(Tick tick) {
    constexpr std::string_view kNames[] = {"none", "ok", "degraded", "down"};
    return kNames[static_cast<std::size_t>(tick)];
}

Json strip_json(const Strip& strip) {
    Json ticks = Json::array();
    for (const Tick tick : strip.ticks) ticks.push_back(tick_name(tick));
    const auto known_ns = static_cast<double>(strip.up_ns + strip.down_ns);
    const auto window_ns = static_cast<double>(strip.window_ns);
    return Json{
        {"from", static_cast<double>(strip.from_ns) / 1e9},
        {"step_s", static_cast<double>(strip.step_ns) / 1e9},
        {"ticks", std::move(ticks)},
        {"available_ratio", known_ns > 0 ? Json(static_cast<double>(strip.up_ns) / known_ns) : Json(nullptr)},
        {"measured_ratio", window_ns > 0 ? Json(known_ns / window_ns) : Json(nullptr)}};
}

}  // namespace outstation::webd
