// SPDX-License-Identifier: GPL-3.0-or-later
// The table of latest values.
#include "lib/store/latest.hpp"

#include <algorithm>

namespace outstation::store {

void LatestTable::put(std::uint32_t id, Point point, bool older) {
    if (id == 0 || id > kMaxSeries) return;
    if (id > rows_.size()) rows_.resize(id);
    Row& row = rows_[id - 1];
    if (older && row.last.wall_ns != 0) return;
    row.previous = row.last;
    row.last = point;
}

void LatestTable::add(const wire::SampleRecord& record, const RepairedStamp& stamp) {
    if (stamp.verdict != StampVerdict::impossible) newest_ns_ = std::max(newest_ns_, stamp.wall_ns);
    put_all(record, stamp.wall_ns, false);
}

void LatestTable::add_older(const wire::SampleRecord& record) {
    put_all(record, record.stamp.wall_ns, true);
}

void LatestTable::put_all(const wire::SampleRecord& record, std::int64_t wall_ns, bool older) {
    Point point;
    point.wall_ns = wall_ns;
    for (std::size_t i = 0; i < record.counters.size(); ++i) {
        point.counter = record.counters[i];
        put(record.counter_series[i], point, older);
    }
    for (std::size_t i = 0; i < record.gauges.size(); ++i) {
        point.gauge = record.gauges[i];
        put(record.gauge_series[i], point, older);
    }
}

wire::LatestReply LatestTable::answer(const wire::LatestRequest& request,
                                      const Dictionary& dictionary) const {
    wire::LatestReply reply;
    std::size_t octets = 0;
    const std::uint32_t limit = request.limit == 0 ? kMaxRows : std::min(request.limit, kMaxRows);
    static const Row kNever{};
    const std::size_t end = request.all ? dictionary.last() : rows_.size();
    if (request.device.empty()) reply.rows.reserve(std::min<std::size_t>(limit, end));
    if (request.after_id >= end) return reply;
    dictionary.visit(request.after_id + 1, [&](const wire::SeriesDef& def) {
        if (def.id > end) return false;
        const Row& row = def.id > rows_.size() ? kNever : rows_[def.id - 1];
        if (row.last.wall_ns == 0 && !request.all) return true;
        if (!request.device.empty() && def.device != request.device) return true;
        if (!request.metric.empty() && def.metric != request.metric) return true;
        octets += kRowOctets + Dictionary::encoded_octets(def);
        reply.more = reply.rows.size() == limit || (octets > kMaxOctets && !reply.rows.empty());
        if (!reply.more) put_row(def, row, reply.rows.emplace_back());
        return !reply.more;
    });
    return reply;
}

void LatestTable::put_row(const wire::SeriesDef& def, const Row& row, wire::LatestRow& out) {
    out.series = def;
    out.wall_ns = row.last.wall_ns;
    out.previous_wall_ns = row.previous.wall_ns;
    if (def.kind == SeriesKind::counter) {
        out.counter = row.last.counter;
        out.previous_counter = row.previous.counter;
    } else {
        out.gauge = row.last.gauge;
        out.previous_gauge = row.previous.gauge;
    }
}

}  // namespace outstation::store
