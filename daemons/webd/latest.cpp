// SPDX-License-Identifier: GPL-3.0-or-later
// Paging through latest values.
#include "daemons/webd/latest.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr Duration kShareTablesFor = 5s;  // all devices at once are asked for by every open overview
constexpr Duration kShareDeviceFor = 1s;

bool next_page(wire::LatestRequest& request, const wire::LatestReply& reply) {
    if (!reply.more || reply.rows.empty()) return false;
    request.after_id = reply.rows.back().series.id;
    return true;
}

}  // namespace

void ask_latest(Site& site, const wire::LatestRequest& request, std::function<void(Rows)> callback) {
    ask_pages(PageWalk<wire::LatestReply, wire::LatestRequest>{
        site.stored(), request, next_page, request.device.empty() ? kShareTablesFor : kShareDeviceFor,
        [callback = std::move(callback)](Pages<wire::LatestReply> pages) {
            callback(Rows{std::move(pages)});
        }});
}

void ask_latest(Site& site, const std::string& device, const std::string& metric,
                std::function<void(Rows)> callback) {
    ask_latest(site, wire::LatestRequest{device, metric}, std::move(callback));
}

void ask_latest(Site& site, const std::string& device, const std::string& metric, Rows& into,
                const std::shared_ptr<void>& keeper, const std::shared_ptr<Join>& join) {
    join->begin();
    ask_latest(site, device, metric, [&into, keeper, join](Rows rows) {
        into = std::move(rows);
        join->finish();
    });
}

const std::string& label_of(const wire::SeriesDef& series, std::string_view name) {
    static const std::string kNone;
    for (const wire::WireLabel& label : series.labels) {
        if (label.name == name) return label.value;
    }
    return kNone;
}

}  // namespace outstation::webd
