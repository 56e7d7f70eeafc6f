// SPDX-License-Identifier: GPL-3.0-or-later
// Ticks from the series "up".
#include "daemons/webd/strip.hpp"

#include <algorithm>
#include <unordered_map>

#include "daemons/webd/json.hpp"
#include "daemons/webd/metric_names.hpp"
#include "daemons/webd/range.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kNsPerHour = 3'600'000'000'000;
constexpr std::size_t kSeriesARequest = 64;
constexpr Duration kShareFor = 60s;

struct Work {
    Site& site;
    std::map<std::string, Strip> strips;
    std::unordered_map<std::string, std::string> group_of;  // by device
    RangeQuery query;
    std::function<void(std::map<std::string, Strip>)> callback;
};

void add_column(Strip& strip, const wire::RangeColumn& column) {
    for (std::size_t i = 0; i < std::min(strip.ticks.size(), column.count.size()); ++i) {
        strip.ticks[i] = std::max(strip.ticks[i], tick_of(column.count[i], column.min[i], column.max[i]));
        strip.made += column.count[i];
        if (column.count[i] > 0) strip.answered += column.mean[i] * column.count[i];
    }
}

void ask_ranges(const std::shared_ptr<Work>& work, const std::vector<std::uint32_t>& series) {
    auto join = std::make_shared<Join>([work] { work->callback(std::move(work->strips)); });
    for (std::size_t first = 0; first < series.size(); first += kSeriesARequest) {
        const std::size_t last = std::min(series.size(), first + kSeriesARequest);
        RangeQuery query = work->query;
        query.series.assign(series.begin() + static_cast<std::ptrdiff_t>(first),
                            series.begin() + static_cast<std::ptrdiff_t>(last));
        join->begin();
        ask_range(
            work->site.stored(), query,
            [work, join](const Result<RangeColumns>& range) {
                if (range) {
                    for (const wire::RangeColumn& column : range->columns)
                        add_column(work->strips[work->group_of[column.series.device]], column);
                }
                join->finish();
            },
            kShareFor);
    }
    join->close();
}

}  // namespace

void ask_strips(Site& site, const Groups& groups, std::int64_t hours, std::int64_t ticks,
                std::function<void(std::map<std::string, Strip>)> callback) {
    auto work = std::make_shared<Work>(Work{site, {}, {}, {}, std::move(callback)});
    const std::int64_t step_ns = std::max<std::int64_t>(hours * kNsPerHour / ticks, 1);
    work->query.step_ns = step_ns;
    work->query.to_ns = (site.now_ns() / step_ns + 1) * step_ns;
    work->query.from_ns = work->query.to_ns - ticks * step_ns;
    for (const auto& [group, devices] : groups) {
        work->strips[group] = Strip{work->query.from_ns, step_ns,
                                    std::vector<Tick>(static_cast<std::size_t>(ticks), Tick::none), 0, 0};
        for (const std::string& device : devices) work->group_of[device] = group;
    }
    ask_latest(site, "", metric::kUp, [work](const Rows& rows) {
        std::vector<std::uint32_t> series;
        rows.each([&](const wire::LatestRow& row) {
            if (work->group_of.contains(row.series.device)) series.push_back(row.series.id);
        });
        ask_ranges(work, series);
    });
}

Tick tick_of(std::uint32_t count, double min, double max) {
    if (count == 0) return Tick::none;
    if (max <= 0) return Tick::down;
    return min < 1 ? Tick::degraded : Tick::ok;
}

std::string_view tick_name(Tick tick) {
    constexpr std::string_view kNames[] = {"none", "ok", "degraded", "down"};
    return kNames[static_cast<std::size_t>(tick)];
}

Json strip_json(const Strip& strip) {
    Json ticks = Json::array();
    for (const Tick tick : strip.ticks) ticks.push_back(tick_name(tick));
    return Json{{"from", static_cast<double>(strip.from_ns) / 1e9},
                {"step_s", static_cast<double>(strip.step_ns) / 1e9},
                {"ticks", std::move(ticks)},
                {"available_ratio", strip.made > 0 ? Json(strip.answered / strip.made) : Json(nullptr)}};
}

}  // namespace outstation::webd
