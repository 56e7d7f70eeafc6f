// SPDX-License-Identifier: GPL-3.0-or-later
// /metrics: the latest values of all series and the health of every daemon.
#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/metrics_page.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr const char* kType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr Duration kShareFor = 5s;
// Prometheus itself looks back five minutes.
constexpr std::int64_t kShortestKept = 300'000'000'000;

struct Harvest {
    Rows rows;
    std::vector<Seen<wire::MetricsReply>> daemons;
};

void answer(Site& site, const Call& call, const Harvest& harvest) {
    MetricsPage page;
    const std::int64_t kept = std::max(3 * interval_of(*site.config(), nullptr), kShortestKept);
    harvest.rows.each([&](const wire::LatestRow& row) { page.add(row, site.now_ns() - kept); });
    for (const auto& daemon : harvest.daemons) {
        if (daemon.fresh && daemon.value) page.add(daemon.value->text);
    }
    auto response = http::Response::of(200, kType, page.text());
    call.reply(std::move(response.with("Cache-Control", "no-store")));
}

}  // namespace

void get_metrics(Site& site, const CallPtr& call) {
    auto harvest = std::make_shared<Harvest>();
    harvest->daemons.resize(site.daemons().size());
    auto join = std::make_shared<Join>([&site, call, harvest] { answer(site, *call, *harvest); });
    ask_latest(site, "", "", harvest->rows, harvest, join);
    for (std::size_t i = 0; i < harvest->daemons.size(); ++i)
        site.daemons()[i].second->ask(wire::MetricsRequest{}, harvest->daemons[i], harvest, join, kShareFor);
    join->close();
}

}  // namespace outstation::webd
