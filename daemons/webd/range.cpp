// SPDX-License-Identifier: GPL-3.0-or-later
// Steps, asking in parts, summaries.
#include "daemons/webd/range.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

namespace outstation::webd {
namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr int kMostParts = 64;
constexpr std::int64_t kRoundSteps[] = {1,    2,     5,     10,    15,    20,    30,     60,
                                        120,  180,   300,   600,   900,   1200,  1800,   3600,
                                        7200, 10800, 14400, 21600, 43200, 86400, 172800, 604800};

std::int64_t round_up(std::int64_t step_s) {
    const auto* it = std::lower_bound(std::begin(kRoundSteps), std::end(kRoundSteps), step_s);
    return it != std::end(kRoundSteps) ? *it : (step_s + 86399) / 86400 * 86400;
}

struct Parts {
    Upstream& stored;
    RangeQuery query;
    std::int64_t at_ns;
    int asked = 0;
    Duration max_age;
    RangeColumns columns;
    std::function<void(Result<RangeColumns>)> callback;
};

// Adds the steps that this part completes; malformed when its columns are not what was asked for.
Result<void> add_part(Parts& parts, const wire::RangeReply& reply, std::int64_t until_ns) {
    const auto steps = static_cast<std::size_t>((until_ns - parts.at_ns) / parts.query.step_ns);
    for (std::size_t i = 0; i < parts.query.series.size(); ++i) {
        const auto it = std::find_if(
            reply.columns.begin(), reply.columns.end(),
            [&](const wire::RangeColumn& column) { return column.series.id == parts.query.series[i]; });
        if (it == reply.columns.end())
            return fail(ErrorCode::not_found, "there is no series " + std::to_string(parts.query.series[i]));
        if (it->count.size() < steps || it->min.size() < steps || it->max.size() < steps ||
            it->mean.size() < steps)
            return fail(ErrorCode::malformed, "stored answered with columns that are too short");
        wire::RangeColumn& into = parts.columns.columns[i];
        into.series = it->series;
        const auto end = static_cast<std::ptrdiff_t>(steps);
        into.count.insert(into.count.end(), it->count.begin(), it->count.begin() + end);
        into.min.insert(into.min.end(), it->min.begin(), it->min.begin() + end);
        into.max.insert(into.max.end(), it->max.begin(), it->max.begin() + end);
        into.mean.insert(into.mean.end(), it->mean.begin(), it->mean.begin() + end);
        for (const std::int64_t wall_ns : it->resets) {
            if (parts.at_ns <= wall_ns && wall_ns < until_ns) into.resets.push_back(wall_ns);
        }
    }
    // A span at the border of two parts is told by both.
    for (const wire::DamagedSpan& span : reply.damaged) {
        auto& known = parts.columns.damaged;
        if (std::find(known.begin(), known.end(), span) == known.end()) known.push_back(span);
    }
    parts.at_ns = until_ns;
    return {};
}

void ask_part(const std::shared_ptr<Parts>& parts) {
    const RangeQuery& query = parts->query;
    wire::RangeRequest request{query.series, parts->at_ns, query.to_ns, query.step_ns, 0};
    parts->stored.ask<wire::RangeReply>(
        request,
        [parts](const Seen<wire::RangeReply>& seen) {
            if (!seen.value) return parts->callback(fail(seen.error));
            // A part may end inside a step: that step is asked for again.
            const std::int64_t done_ns =
                std::min(seen.value->complete_to_ns, parts->query.to_ns) - parts->at_ns;
            const std::int64_t until_ns =
                parts->at_ns + done_ns / parts->query.step_ns * parts->query.step_ns;
            if (until_ns <= parts->at_ns || ++parts->asked > kMostParts)
                return parts->callback(
                    fail(ErrorCode::exhausted, "too many samples for one answer: ask for less"));
            if (const auto added = add_part(*parts, *seen.value, until_ns); !added)
                return parts->callback(fail(added.error()));
            if (parts->at_ns >= parts->query.to_ns) return parts->callback(std::move(parts->columns));
            ask_part(parts);
        },
        parts->max_age);
}

}  // namespace

std::optional<std::vector<std::uint32_t>> parse_series_ids(std::string_view text) {
    std::vector<std::uint32_t> ids;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        std::uint32_t id = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + comma, id);
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + comma || id == 0) return std::nullopt;
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (ids.empty() || ids.size() > kMostRangeSeries) return std::nullopt;
    return ids;
}

RangeQuery make_range_query(std::vector<std::uint32_t> series, double from_s, double to_s,
                            std::int64_t step_s, std::int64_t points, std::int64_t interval_s) {
    const auto span_s = static_cast<std::int64_t>(std::ceil(to_s - from_s));
    const std::int64_t most = step_s > 0 ? kMostPoints : points;
    std::int64_t step = std::max({std::int64_t{1}, interval_s, step_s});
    // One step more than span / step can be touched, because steps stand on multiples.
    const std::int64_t least = (span_s + most - 1) / most;
    if (step < least) step = round_up(least);
    if (step_s == 0) step = std::max(round_up(step), interval_s);
    const auto from = static_cast<std::int64_t>(std::floor(from_s / static_cast<double>(step))) * step;
    const auto to = static_cast<std::int64_t>(std::ceil(to_s / static_cast<double>(step))) * step;
    return RangeQuery{std::move(series), from * kNsPerS, to * kNsPerS, step * kNsPerS};
}

void ask_range(Upstream& stored, const RangeQuery& query, std::function<void(Result<RangeColumns>)> callback,
               Duration max_age) {
    auto parts =
        std::make_shared<Parts>(Parts{stored, query, query.from_ns, 0, max_age, {}, std::move(callback)});
    parts->columns.columns.resize(query.series.size());
    ask_part(parts);
}

namespace {

struct PointParts {
    Upstream& stored;
    PointsQuery query;
    int asked = 0;
    wire::RangeReply all;
    std::function<void(Result<wire::RangeReply>)> callback;
};

void add_points(wire::RangeReply& all, wire::RangeReply part) {
    if (all.columns.empty()) {
        all.columns = std::move(part.columns);
        return;
    }
    for (wire::RangeColumn& column : part.columns) {
        const auto into =
            std::find_if(all.columns.begin(), all.columns.end(),
                         [&](const wire::RangeColumn& known) { return known.series.id == column.series.id; });
        if (into == all.columns.end()) continue;
        into->wall_ns.insert(into->wall_ns.end(), column.wall_ns.begin(), column.wall_ns.end());
        into->gauges.insert(into->gauges.end(), column.gauges.begin(), column.gauges.end());
    }
}

void ask_points_part(const std::shared_ptr<PointParts>& parts) {
    const wire::RangeRequest request{parts->query.series, parts->query.from_ns, parts->query.to_ns, 0, 0};
    parts->stored.client().request<wire::RangeReply>(
        request, Upstream::kTimeout, [parts](Result<wire::RangeReply> reply) {
            if (!reply) return parts->callback(fail(reply.error()));
            const std::int64_t until_ns = std::min(reply->complete_to_ns, parts->query.to_ns);
            if (until_ns <= parts->query.from_ns || ++parts->asked > kMostParts)
                return parts->callback(
                    fail(ErrorCode::exhausted, "too many samples for one answer: ask for less"));
            add_points(parts->all, std::move(*reply));
            parts->query.from_ns = until_ns;
            if (until_ns >= parts->query.to_ns) return parts->callback(std::move(parts->all));
            ask_points_part(parts);
        });
}

}  // namespace

void ask_range_points(Upstream& stored, const PointsQuery& query,
                      std::function<void(Result<wire::RangeReply>)> callback) {
    ask_points_part(std::make_shared<PointParts>(PointParts{stored, query, 0, {}, std::move(callback)}));
}

Summary summary_of(const wire::RangeColumn& column) {
    Summary summary;
    std::vector<double> means;
    double sum = 0;
    double weight = 0;
    for (std::size_t i = 0; i < column.count.size(); ++i) {
        if (column.count[i] == 0) continue;
        means.push_back(column.mean[i]);
        sum += column.mean[i] * column.count[i];
        weight += column.count[i];
        summary.min = std::min(summary.min.value_or(column.min[i]), column.min[i]);
        summary.max = std::max(summary.max.value_or(column.max[i]), column.max[i]);
    }
    if (means.empty()) return summary;
    summary.last = means.back();
    summary.mean = sum / weight;
    // Nearest rank.
    const auto rank = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(means.size()))) - 1;
    std::nth_element(means.begin(), means.begin() + static_cast<std::ptrdiff_t>(rank), means.end());
    summary.p95 = means[rank];
    return summary;
}

}  // namespace outstation::webd
