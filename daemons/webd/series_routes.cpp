// SPDX-License-Identifier: GPL-3.0-or-later
// The series of a device, and points of series over time.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/range.hpp"
#include "daemons/webd/series_json.hpp"

namespace outstation::webd {
namespace {

Json row_json(const wire::LatestRow& row) {
    const bool counter = row.series.kind == SeriesKind::counter;
    const bool known = row.wall_ns != 0;
    const double scale = row.series.scale == 0 ? 1 : row.series.scale;
    Json value = nullptr;
    Json text = nullptr;
    if (known && counter) value = row.counter;
    if (known && !counter) value = json_number(row.gauge);
    if (known) text = counter ? fmt::format("{}", row.counter) : fmt::format("{}", row.gauge);
    return Json{{"id", std::to_string(row.series.id)},
                {"metric", clean_text(row.series.metric)},
                {"labels", labels_json(row.series)},
                {"kind", counter ? "counter" : "gauge"},
                {"unit", unit_of(row.series.metric)},
                {"oid", clean_text(row.series.oid)},
                {"scale", scale},
                {"value", std::move(value)},
                {"value_text", std::move(text)},
                {"time", json_time(row.wall_ns)}};
}

Json range_json(const RangeColumns& range, const RangeQuery& query) {
    Json json{{"from", static_cast<double>(query.from_ns) / 1e9},
              {"to", static_cast<double>(query.to_ns) / 1e9},
              {"step_s", query.step_ns / 1'000'000'000}};
    Json t = Json::array();
    for (std::int64_t at = query.from_ns; at < query.to_ns; at += query.step_ns)
        t.push_back(at / 1'000'000'000);
    json["t"] = std::move(t);
    Json series = Json::array();
    for (const wire::RangeColumn& column : range.columns) {
        const Summary summary = summary_of(column);
        const auto points = [&column](const std::vector<double>& values) {
            Json out = Json::array();
            for (std::size_t i = 0; i < values.size(); ++i)
                out.push_back(column.count[i] == 0 ? Json(nullptr) : json_number(values[i]));
            return out;
        };
        Json resets = Json::array();
        for (const std::int64_t wall_ns : column.resets) resets.push_back(static_cast<double>(wall_ns) / 1e9);
        series.push_back({{"id", std::to_string(column.series.id)},
                          {"device", column.series.device},
                          {"metric", clean_text(column.series.metric)},
                          {"labels", labels_json(column.series)},
                          {"unit", unit_of(column.series.metric)},
                          {"rate", column.series.kind == SeriesKind::counter},
                          {"mean", points(column.mean)},
                          {"min", points(column.min)},
                          {"max", points(column.max)},
                          {"resets", std::move(resets)},
                          {"summary",
                           {{"last", json_number(summary.last)},
                            {"min", json_number(summary.min)},
                            {"mean", json_number(summary.mean)},
                            {"p95", json_number(summary.p95)},
                            {"max", json_number(summary.max)}}}});
    }
    json["series"] = std::move(series);
    Json damaged = Json::array();
    for (const wire::DamagedSpan& span : range.damaged)
        damaged.push_back({{"from", static_cast<double>(span.from_ns) / 1e9},
                           {"to", static_cast<double>(span.to_ns) / 1e9}});
    json["damaged"] = std::move(damaged);
    return json;
}

std::optional<RangeQuery> read_range(const Site& site, const Call& call) {
    const auto from = number_query(call, "from");
    if (!from) return std::nullopt;
    const auto to = number_query(call, "to");
    if (!to) return std::nullopt;
    const auto step = integer_query(call, "step", 0, 0, 366 * 86400);
    if (!step) return std::nullopt;
    const auto points = integer_query(call, "points", 600, 1, kMostPoints);
    if (!points) return std::nullopt;
    const auto ids = parse_series_ids(call.request->query("series").value_or(""));
    if (!ids) return call.fail(400, "bad_request", "expected 1 to 12 series ids", "series"), std::nullopt;
    if (*from >= *to) return call.fail(400, "bad_request", "must be after `from`", "to"), std::nullopt;
    const auto interval_s = interval_of(*site.config(), nullptr) / 1'000'000'000;
    return make_range_query(*ids, *from, *to, *step, *points, interval_s);
}

}  // namespace

void get_series(Site& site, const CallPtr& call) {
    const auto page = numbered_page_query(*call);
    if (!page) return;
    const std::string& id = call->request->params.at("id");
    const auto& devices = site.config()->devices;
    if (std::none_of(devices.begin(), devices.end(), [&id](const auto& device) { return device.id == id; }))
        return call->fail(404, "not_found", "there is no such device");
    wire::LatestRequest request;
    request.device = id;
    request.metric = call->request->query("metric").value_or("");
    request.all = true;  // a chart of what was taken out, too
    ask_latest(site, request, [&site, call, page = *page](const Rows& rows) {
        if (!rows.known) return call->unavailable(rows.error, site.stored());
        Json items = Json::array();
        std::set<std::string> metrics;  // of all pages
        std::size_t total = 0;
        std::uint32_t last = 0;
        bool more = false;
        rows.each([&](const wire::LatestRow& row) {
            ++total;
            metrics.insert(clean_text(row.series.metric));
            if (row.series.id <= page.after) return;
            more = items.size() == page.limit;
            if (more) return;
            items.push_back(row_json(row));
            last = row.series.id;
        });
        Json body = page_json(std::move(items), total, more ? std::to_string(last) : "", site.now_ns());
        body["metrics"] = metrics;
        call->reply(body);
    });
}

void get_range(Site& site, const CallPtr& call) {
    const auto query = read_range(site, *call);
    if (!query) return;
    ask_range(site.stored(), *query, [&site, call, query = *query](const Result<RangeColumns>& range) {
        if (range) return call->reply(range_json(*range, query));
        if (range.error().code == ErrorCode::not_found)
            return call->fail(404, "not_found", range.error().text, "series");
        if (range.error().code == ErrorCode::exhausted)
            return call->fail(400, "too_large", range.error().text);
        call->unavailable(range.error(), site.stored());
    });
}

}  // namespace outstation::webd
