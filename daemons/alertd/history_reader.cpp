// SPDX-License-Identifier: GPL-3.0-or-later
// Page after page.
#include "daemons/alertd/history_reader.hpp"

#include <algorithm>

namespace outstation::alertd {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(30);
constexpr std::uint32_t kRecordsAsked = 1000;

// Where the next question starts; 0: nothing follows.
std::uint64_t behind(const wire::ReplayReply& reply) {
    const std::size_t records = reply.samples.size() + reply.states.size();
    std::uint64_t next = records == 0 ? 0 : reply.first_sequence + records;
    for (const auto& gap : reply.gaps) next = std::max(next, gap.first_sequence + gap.count);
    for (const auto& span : reply.damaged) next = std::max(next, span.last_sequence + 1);
    return next;
}

}  // namespace

bool lies_before(const wire::WireStamp& stamp, const wire::WireStamp& newest, Duration span) {
    if (stamp.boot_id == newest.boot_id) return newest.mono_ns - stamp.mono_ns > span.count();
    const auto a = static_cast<std::uint64_t>(stamp.wall_ns), b = static_cast<std::uint64_t>(newest.wall_ns);
    const std::uint64_t between = stamp.wall_ns > newest.wall_ns ? a - b : b - a;
    return between > static_cast<std::uint64_t>(span.count());
}

wire::StreamStatus stream_of(const wire::StoreStatus& status, StreamId stream) {
    for (const wire::StreamStatus& one : status.streams) {
        if (one.stream == stream) return one;
    }
    return {};
}

template <typename Reply, typename Request>
void HistoryReader::ask(const Request& request, Done<Reply> done) {
    const std::weak_ptr<bool> alive = alive_;
    stored_.request<Reply>(request, kTimeout, [alive, done = std::move(done)](const Result<Reply>& reply) {
        if (!alive.expired()) done(reply);
    });
}

void HistoryReader::status(Done<wire::StoreStatus> done) {
    ask<wire::StoreStatus>(wire::StoreStatusRequest{}, std::move(done));
}

void HistoryReader::series(std::function<void(const wire::LatestRow&)> each, Done<void> done) {
    next_series(std::make_shared<Series>(Series{std::move(each), std::move(done)}), 0);
}

void HistoryReader::next_series(const std::shared_ptr<Series>& work, std::uint32_t after) {
    ask<wire::LatestReply>(wire::LatestRequest{"", "", after, 0, true},
                           [this, work](const Result<wire::LatestReply>& reply) {
                               if (!reply) return work->done(fail(reply.error()));
                               for (const wire::LatestRow& row : reply->rows) work->each(row);
                               if (!reply->more || reply->rows.empty()) return work->done({});
                               next_series(work, reply->rows.back().series.id);
                           });
}

void HistoryReader::records(StreamId stream, std::uint64_t first, std::uint64_t last,
                            std::function<void(const wire::ReplayReply&)> each, Done<void> done) {
    next_records(std::make_shared<Records>(Records{stream, last, std::move(each), std::move(done)}), first);
}

void HistoryReader::next_records(const std::shared_ptr<Records>& work, std::uint64_t first) {
    if (first > work->last) return work->done({});
    page(work->stream, first, work->last, [this, work](const Result<Page>& read) {
        if (!read) return work->done(fail(read.error()));
        work->each(read->records);
        next_records(work, read->next);
    });
}

void HistoryReader::page(StreamId stream, std::uint64_t first, std::uint64_t last, Done<Page> done) {
    const auto limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(kRecordsAsked, last - first + 1));
    ask<wire::ReplayReply>(wire::ReplayRequest{stream, first, limit},
                           [first, last, done = std::move(done)](const Result<wire::ReplayReply>& reply) {
                               if (!reply) return done(fail(reply.error()));
                               const std::uint64_t next = behind(*reply);
                               done(Page{*reply, next <= first ? last + 1 : next});
                           });
}

void HistoryReader::newest_sample(std::uint64_t last, Done<std::optional<wire::WireStamp>> done) {
    step_back(last, 1, done);
}

// There may be gaps: wider and wider.
void HistoryReader::step_back(std::uint64_t at, std::uint64_t by,
                              const Done<std::optional<wire::WireStamp>>& done) {
    if (at == 0) return done(std::optional<wire::WireStamp>());
    ask<wire::ReplayReply>(wire::ReplayRequest{StreamId::samples, at, 1},
                           [this, at, by, done](const Result<wire::ReplayReply>& reply) {
                               if (!reply) return done(fail(reply.error()));
                               if (!reply->samples.empty())
                                   return done(std::optional(reply->samples[0].stamp));
                               step_back(at > by ? at - by : 0, 2 * by, done);
                           });
}

void HistoryReader::find_samples(IsOld is_old, std::uint64_t first, std::uint64_t last,
                                 Done<std::uint64_t> done) {
    halve(std::make_shared<Search>(Search{std::move(is_old), std::move(done)}), first, last + 1);
}

// The answer is one of first to end.
void HistoryReader::halve(const std::shared_ptr<Search>& work, std::uint64_t first, std::uint64_t end) {
    if (first >= end) return work->done(end);
    const std::uint64_t middle = first + (end - first) / 2;
    ask<wire::ReplayReply>(wire::ReplayRequest{StreamId::samples, middle, 1},
                           [this, work, first, end, middle](const Result<wire::ReplayReply>& reply) {
                               if (!reply) return work->done(fail(reply.error()));
                               const bool older =
                                   !reply->samples.empty() && work->is_old(reply->samples[0].stamp);
                               if (older) return halve(work, middle + 1, end);
                               halve(work, first, middle);
                           });
}

}  // namespace outstation::alertd
