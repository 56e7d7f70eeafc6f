// SPDX-License-Identifier: GPL-3.0-or-later
// Paging through latest values.
#include "daemons/webd/latest.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kMostPages = 64;    // of 5000 rows: five times the largest edge station
constexpr Duration kShareTablesFor = 5s;  // all devices at once are asked for by every open overview
constexpr Duration kShareDeviceFor = 1s;

struct Walk {
    Site& site;
    wire::LatestRequest request;
    Rows rows;
    std::function<void(Rows)> callback;
};

void next_page(const std::shared_ptr<Walk>& walk) {
    walk->site.stored().ask<wire::LatestReply>(
        walk->request,
        [walk](Seen<wire::LatestReply> seen) {
            Rows& rows = walk->rows;
            rows.fresh = rows.fresh && seen.fresh;
            rows.error = seen.error;
            rows.known = rows.known || seen.value != nullptr;
            if (seen.value) rows.pages.push_back(seen.value);
            const bool more = seen.value && seen.value->more && !seen.value->rows.empty();
            if (!more || rows.pages.size() >= kMostPages) return walk->callback(std::move(rows));
            walk->request.after_id = seen.value->rows.back().series.id;
            next_page(walk);
        },
        walk->request.device.empty() ? kShareTablesFor : kShareDeviceFor);
}

}  // namespace

void ask_latest(Site& site, const std::string& device, const std::string& metric,
                std::function<void(Rows)> callback) {
    Rows rows;
    rows.fresh = true;
    next_page(std::make_shared<Walk>(
        Walk{site, wire::LatestRequest{device, metric, 0, 0}, std::move(rows), std::move(callback)}));
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
