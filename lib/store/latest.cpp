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
    for (std::size_t i = request.after_id; i < rows_.size(); ++i) {
        const Row& row = rows_[i];
        if (row.last.wall_ns == 0) continue;
        auto entry = dictionary.find(static_cast<std::uint32_t>(i + 1));
        if (!entry) continue;
        if (!request.device.empty() && entry->device != request.device) continue;
        if (!request.metric.empty() && entry->metric != request.metric) continue;
        octets += kRowOctets + dictionary.encoded_octets(static_cast<std::uint32_t>(i + 1));
        if (reply.rows.size() == limit || (octets > kMaxOctets && !reply.rows.empty())) {
            reply.more = true;
            break;
        }
        wire::LatestRow& out = reply.rows.emplace_back();
        const bool counter = entry->kind == SeriesKind::counter;
        out.series = std::move(*entry);
        out.wall_ns = row.last.wall_ns;
        out.previous_wall_ns = row.previous.wall_ns;
        if (counter) {
            out.counter = row.last.counter;
            out.previous_counter = row.previous.counter;
        } else {
            out.gauge = row.last.gauge;
            out.previous_gauge = row.previous.gauge;
        }
    }
    return reply;
}

}  // namespace outstation::store
