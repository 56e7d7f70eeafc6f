// SPDX-License-Identifier: GPL-3.0-or-later
// Asking page by page, writing row by row.
#include "daemons/ctl/export_command.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/export_missing.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/record_commands.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kSeriesAsked = 64;
constexpr std::uint32_t kEntriesAsked = 500;
constexpr Duration kTimeout = std::chrono::seconds(60);  // a page may come from far back

struct Export {
    const ExportOptions& options;
    Asker asker;
    RowWriter rows;
    Missing missing;

    template <typename Reply, typename Request>
    [[nodiscard]] Result<Reply> ask(const Request& request) {
        return asker.ask<Reply>(request, kTimeout);
    }
    [[nodiscard]] bool wanted(std::int64_t wall_ns) const {
        return wall_ns >= options.from_ns && wall_ns < options.to_ns;
    }
};

Cell number_or_empty(std::uint64_t number) {
    return number == 0 ? Cell() : Cell::of(number);
}
Cell time_or_empty(std::int64_t wall_ns) {
    return wall_ns == 0 ? Cell() : Cell::of(exact_time(wall_ns));
}

// In the order of time; at one time in that of the series.
Result<void> write_points(const std::vector<wire::RangeColumn>& columns, RowWriter& rows) {
    struct Point {
        std::int64_t wall_ns;
        std::uint32_t column;
        std::uint32_t index;
        auto operator<=>(const Point&) const = default;
    };
    std::vector<Point> points;
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
        const std::size_t values = std::max(columns[c].counters.size(), columns[c].gauges.size());
        for (std::uint32_t i = 0; i < std::min(values, columns[c].wall_ns.size()); ++i)
            points.push_back({columns[c].wall_ns[i], c, i});
    }
    std::sort(points.begin(), points.end());
    for (const Point& point : points) {
        const wire::RangeColumn& column = columns[point.column];
        const bool counter = column.series.kind == SeriesKind::counter;
        const Cell value =
            counter ? Cell::of(column.counters[point.index]) : Cell::of(column.gauges[point.index]);
        if (auto ok = rows.add({Cell::of(exact_time(point.wall_ns)), Cell::of(column.series.device),
                                Cell::of(column.series.metric), Cell::of(column.series.labels),
                                Cell::of(std::string(counter ? "counter" : "gauge")), value});
            !ok)
            return ok;
    }
    return {};
}

Result<void> export_series(Export& out, std::vector<std::uint32_t> series) {
    wire::RangeRequest request;
    request.series = std::move(series);
    request.from_ns = out.options.from_ns;
    request.to_ns = out.options.to_ns;
    while (request.from_ns < request.to_ns) {
        const auto reply = out.ask<wire::RangeReply>(request);
        if (!reply) return fail(reply.error());
        if (auto ok = write_points(reply->columns, out.rows); !ok) return ok;
        out.missing.damaged(reply->damaged);
        if (reply->complete_to_ns <= request.from_ns)
            return fail(ErrorCode::bug, "stored: no end of a range");
        request.from_ns = reply->complete_to_ns;
    }
    return {};
}

// Where a question goes on of which there is more: each time farther back.
Result<std::uint64_t> next_of(std::uint64_t next_before, std::uint64_t before) {
    if (next_before != 0 && (before == 0 || next_before < before)) return next_before;
    return fail(ErrorCode::bug, "stored: more, and not where");
}

// Series of one device at a time: they lie together.
Result<void> export_page(Export& out, const std::vector<wire::LatestRow>& page) {
    std::vector<std::uint32_t> series;
    for (std::size_t i = 0; i < page.size(); ++i) {
        series.push_back(page[i].series.id);
        const bool last = i + 1 == page.size() || page[i + 1].series.device != page[i].series.device;
        if (!last && series.size() < kSeriesAsked) continue;
        if (auto ok = export_series(out, std::exchange(series, {})); !ok) return ok;
    }
    return {};
}

using OnDamage = void (*)(Missing&, const std::vector<wire::DamagedSpan>&);

Result<void> each_entry(Export& out, const std::function<Result<void>(const wire::StoredLedger&)>& visit,
                        OnDamage on_damage) {
    wire::LedgerRequest request;
    request.device = out.options.device;
    request.from_ns = out.options.from_ns;
    request.to_ns = out.options.to_ns == kNoEndNs ? 0 : out.options.to_ns;
    request.limit = kEntriesAsked;
    for (;;) {
        const auto reply = out.ask<wire::LedgerReply>(request);
        if (!reply) return fail(reply.error());
        on_damage(out.missing, reply->damaged);
        for (const wire::StoredLedger& entry : reply->entries) {
            if (auto ok = visit(entry); !ok) return ok;
        }
        if (!reply->more) return {};
        const auto next = next_of(reply->next_before, request.before_sequence);
        if (!next) return fail(next.error());
        request.before_sequence = *next;
    }
}

// What the gap ledger has about a stream.
Result<void> tell_missing(Export& out, StreamId stream) {
    return each_entry(
        out,
        [&](const wire::StoredLedger& entry) -> Result<void> {
            if (entry.record.stream == stream) out.missing.entered(entry.record);
            return {};
        },
        [](Missing& missing, const std::vector<wire::DamagedSpan>& spans) { missing.ledger_damaged(spans); });
}

// A name that is known to nothing is a mistake, and no empty file in the place of an older one.
Result<void> named_nothing(const Export& out, const std::string& what) {
    const ExportOptions& options = out.options;
    if (options.device.empty() && options.metric.empty()) return {};
    std::string names;
    if (!options.device.empty()) names += " of the device " + options.device;
    if (!options.metric.empty()) names += " of the metric " + options.metric;
    return fail(ErrorCode::not_found, "there is no " + what + names);
}

Result<void> write_samples(Export& out) {
    wire::LatestRequest request;
    request.device = out.options.device;
    request.metric = out.options.metric;
    request.all = true;
    bool any = false;
    for (bool more = true; more;) {
        const auto page = out.ask<wire::LatestReply>(request);
        if (!page) return fail(page.error());
        any = any || !page->rows.empty();
        if (auto ok = export_page(out, page->rows); !ok) return ok;
        more = page->more && !page->rows.empty();
        if (more) request.after_id = page->rows.back().series.id;
    }
    if (!any) {
        if (auto ok = named_nothing(out, "series"); !ok) return ok;
    }
    return tell_missing(out, StreamId::samples);
}

Result<void> write_events(Export& out) {
    wire::EventsRequest request;
    request.device = out.options.device;
    request.limit = kEntriesAsked;
    request.attributes = true;
    bool any = false;  // of all times
    for (;;) {
        const auto reply = out.ask<wire::EventsReply>(request);
        if (!reply) return fail(reply.error());
        any = any || !reply->events.empty() || !reply->damaged.empty();
        out.missing.damaged(reply->damaged);
        for (const auto& [sequence, record] : reply->events) {
            if (!out.wanted(record.stamp.wall_ns)) continue;
            if (auto ok =
                    out.rows.add({Cell::of(exact_time(record.stamp.wall_ns)), Cell::of(sequence),
                                  Cell::of(record.device), Cell::of(record.kind), Cell::of(record.component),
                                  Cell::of(record.value), Cell::of(record.reason), Cell::of(record.text)});
                !ok)
                return ok;
        }
        if (!reply->more) break;
        const auto next = next_of(reply->next_before, request.before_sequence);
        if (!next) return fail(next.error());
        request.before_sequence = *next;
    }
    if (!any) {
        if (auto ok = named_nothing(out, "event"); !ok) return ok;
    }
    return tell_missing(out, StreamId::state);
}

Result<void> write_ledger(Export& out) {
    return each_entry(
        out,
        [&](const wire::StoredLedger& entry) {
            const wire::LedgerRecord& record = entry.record;
            return out.rows.add({number_or_empty(entry.sequence),
                                 Cell::of(std::string(wire::word_of(record.account))),
                                 Cell::of(std::string(stream_name(record.stream))), Cell::of(record.device),
                                 time_or_empty(record.from_ns), time_or_empty(record.to_ns),
                                 number_or_empty(record.first_sequence),
                                 number_or_empty(record.last_sequence), Cell::of(record.reason)});
        },
        [](Missing& missing, const std::vector<wire::DamagedSpan>& spans) { missing.damaged(spans); });
}

int run_export(const Target& target, const ExportOptions& options, std::vector<std::string> names,
               Result<void> (*write)(Export&)) {
    if (options.to_ns <= options.from_ns)
        return failed(target, Error{ErrorCode::config, "the time ends before it begins"});
    auto asker = Asker::connect(target.run_dir, "stored");
    if (!asker) return failed(target, asker.error());
    const Interruptible signals;
    auto file = NewFile::make(options.output);
    if (!file) return failed(target, file.error());
    Export out{options, std::move(*asker), RowWriter(std::move(*file), options.format, std::move(names)), {}};
    auto done = write(out);
    if (done) done = out.rows.commit();
    out.missing.finish();
    if (!done) return failed(target, done.error());
    if (options.output != "-") {
        const int said =
            outstation::ctl::done(target, std::to_string(out.rows.rows()) + " rows in " + options.output);
        if (said != kDone) return said;
    }
    return out.missing.any_damage() ? kAway : kDone;
}

}  // namespace

int export_samples(const Target& target, const ExportOptions& options) {
    return run_export(target, options, {"time", "device", "metric", "labels", "kind", "value"},
                      &write_samples);
}

int export_events(const Target& target, const ExportOptions& options) {
    return run_export(target, options,
                      {"time", "sequence", "device", "kind", "component", "value", "reason", "text"},
                      &write_events);
}

int export_ledger(const Target& target, const ExportOptions& options) {
    return run_export(target, options,
                      {"sequence", "account", "stream", "device", "from", "to", "first_sequence",
                       "last_sequence", "reason"},
                      &write_ledger);
}

}  // namespace outstation::ctl
