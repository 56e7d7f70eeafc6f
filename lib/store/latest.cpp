// SPDX-License-Identifier: GPL-3.0-or-later
// The table of latest values.
#include "lib/store/latest.hpp"

#include <algorithm>

#include "lib/wire/latest_writer.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kUsualRowOctets = 192;  // definition and numbers

}  // namespace

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
    Row* rows = rows_.data();
    std::size_t known = rows_.size();
    const auto put = [&](std::uint32_t id) {
        const std::size_t at = std::size_t{id} - 1;
        if (at >= known) {
            if (at >= kMaxSeries) return;  // no series has such a number
            rows_.resize(id);
            rows = rows_.data();
            known = id;
        }
        if (older && rows[at].last.wall_ns != 0) return;
        rows[at].previous = rows[at].last;
        rows[at].last = point;
    };
    const std::uint32_t* id = record.counter_series.data();
    for (const std::uint64_t counter : record.counters) {
        point.counter = counter;
        put(*id++);
    }
    id = record.gauge_series.data();
    for (const double gauge : record.gauges) {
        point.gauge = gauge;
        put(*id++);
    }
}

// Straight from the tables into the bytes of the answer.
wire::Encoded<wire::LatestReply> LatestTable::answer(const wire::LatestRequest& request,
                                                     const Dictionary& dictionary) const {
    static const Row kNever{};
    const std::uint32_t limit = request.limit == 0 ? kMaxRows : std::min(request.limit, kMaxRows);
    const std::size_t end = request.all ? dictionary.last() : rows_.size();
    const bool one_device = !request.device.empty();
    wire::LatestWriter out(one_device ? 0 : std::min<std::size_t>(limit, end) * kUsualRowOctets);
    if (request.after_id >= end) return out.finish(false);
    std::uint32_t rows = 0;
    bool more = false;
    wire::LatestRow numbers;
    dictionary.visit({request.after_id + 1, request.device, request.metric}, [&](const auto& def) {
        if (def.id > end) return false;
        const Row& row = def.id > rows_.size() ? kNever : rows_[def.id - 1];
        if (row.last.wall_ns == 0 && !request.all) return true;
        const std::size_t octets = out.octets() + def.bytes.size() + wire::LatestWriter::kMaxRowOctets;
        more = rows == limit || (octets > kMaxOctets && rows > 0);
        if (more) return false;
        put_row(def.kind, row, numbers);
        out.add(def.bytes, numbers);
        ++rows;
        return true;
    });
    return out.finish(more);
}

void LatestTable::put_row(SeriesKind kind, const Row& row, wire::LatestRow& out) {
    const bool counter = kind == SeriesKind::counter;
    out.wall_ns = row.last.wall_ns;
    out.previous_wall_ns = row.previous.wall_ns;
    out.counter = counter ? row.last.counter : 0;
    out.previous_counter = counter ? row.previous.counter : 0;
    out.gauge = counter ? 0.0 : row.last.gauge;
    out.previous_gauge = counter ? 0.0 : row.previous.gauge;
}

}  // namespace outstation::store
