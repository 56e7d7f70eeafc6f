// SPDX-License-Identifier: GPL-3.0-or-later
// Range queries: points of a few series from history and from memory.
#include "lib/store/range_query.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "lib/store/damaged_spans.hpp"
#include "lib/store/range_columns.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kLookBackNs = 4 * 3'600'000'000'000;  // for the sample before the first unsealed one

Result<void> check(const wire::RangeRequest& request) {
    if (request.series.empty() || request.series.size() > kMaxRangeSeries)
        return fail(ErrorCode::malformed,
                    "1 to " + std::to_string(kMaxRangeSeries) + " series can be asked for");
    if (request.from_ns < 0 || request.to_ns <= request.from_ns || request.step_ns < 0 ||
        request.max_gap_ns < 0)
        return fail(ErrorCode::malformed, "the range is empty or negative");
    return {};
}

bool overlaps(const wire::RangeRequest& request, std::int64_t t0_ns, std::int64_t t1_ns) {
    return t0_ns < request.to_ns && t1_ns >= request.from_ns;
}

// Of one device: the columns asked for, by series, and the uptime that tells restarts.
struct DeviceColumns {
    std::map<std::uint32_t, std::size_t> columns;
    std::vector<std::size_t> counters;  // which of the columns are
    std::optional<std::uint32_t> uptime_series;
    double uptime = 0.0;
};

// One try: what is sealed up to `border` from history, the rest from memory.
class RangeQuery {
  public:
    RangeQuery(SampleArchive& archive, const wire::RangeRequest& request, std::uint64_t border)
        : archive_(archive), request_(request), border_(border), to_ns_(request.to_ns) {}

    Result<wire::RangeReply> run(const Dictionary& dictionary) {
        if (const auto ok = make_columns(dictionary); !ok) return fail(ok.error());
        if (const auto ok = read_history(); !ok) return fail(ok.error());
        for (auto& [device, columns] : devices_) {
            if (const auto ok = read_recent(device, columns); !ok) return fail(ok.error());
        }
        for (const auto& span : archive_.damage()) {
            if (overlaps(request_, span.from_ns, span.to_ns)) damaged_.add(span);
        }
        return finish();
    }

  private:
    Result<void> make_columns(const Dictionary& dictionary) {
        std::size_t steps = 0;
        if (request_.step_ns > 0) {
            steps = static_cast<std::size_t>((request_.to_ns - request_.from_ns - 1) / request_.step_ns + 1);
            if (steps > kMaxPoints / request_.series.size())
                return fail(ErrorCode::exhausted, "too many steps: ask for a larger step");
        }
        for (const std::uint32_t id : request_.series) {
            auto def = dictionary.find(id);
            if (!def) return fail(ErrorCode::not_found, "series " + std::to_string(id));
            DeviceColumns& device = devices_[def->device];
            if (!device.columns.emplace(id, columns_.size()).second)
                return fail(ErrorCode::malformed, "series " + std::to_string(id) + " is asked for twice");
            if (def->kind == SeriesKind::counter) device.counters.push_back(columns_.size());
            device.uptime_series = dictionary.number_of(def->device, kUptimeMetric);
            series_.push_back({id, def->device, def->kind, def->is_32_bit(), device.uptime_series});
            columns_.push_back(request_.step_ns > 0 ? make_stepped_column(std::move(*def), request_, steps)
                                                    : make_raw_column(std::move(*def), request_));
        }
        return {};
    }

    Result<void> read_history() {
        // A shorter time has fewer points: half of it until it fits.
        for (;;) {
            auto answer = ask_history(series_, request_.from_ns, to_ns_, request_.step_ns);
            if (answer) return take(std::move(*answer));
            const std::int64_t half_ns = (to_ns_ - request_.from_ns) / 2;
            if (answer.error().code != ErrorCode::exhausted || request_.step_ns > 0 || half_ns == 0)
                return fail(answer.error());
            to_ns_ = request_.from_ns + half_ns;
        }
    }

    Result<HistoryAnswer> ask_history(const std::vector<HistorySeries>& series, std::int64_t from_ns,
                                      std::int64_t to_ns, std::int64_t step_ns) {
        return archive_.reader().range({series, from_ns, to_ns, step_ns, request_.max_gap_ns});
    }

    Result<void> take(HistoryAnswer answer) {
        for (const HistoryDamage& damage : answer.damage)
            damaged_.add(
                wire::DamagedSpan{damage.t0_ns, damage.t1_ns, damage.sequences.first, damage.sequences.last});
        if (request_.step_ns == 0) {
            for (std::size_t i = 0; i < answer.columns.size(); ++i) {
                add_points(answer.columns[i], *columns_[i]);
                for (const std::int64_t wall_ns : answer.columns[i].resets) columns_[i]->reset(wall_ns);
            }
        } else {
            for (std::size_t i = 0; i < answer.columns.size(); ++i) {
                for (const std::int64_t wall_ns : answer.columns[i].resets) columns_[i]->reset(wall_ns);
            }
            sealed_ = std::move(answer.columns);
        }
        return {};
    }

    static void add_points(const HistoryColumn& from, RangeSink& to) {
        for (std::size_t i = 0; i < from.wall_ns.size(); ++i) {
            RangePoint point;
            point.wall_ns = from.wall_ns[i];
            point.sealed = true;
            if (from.kind == SeriesKind::counter) {
                point.counter = from.counters[i];
            } else {
                point.gauge = from.gauges[i];
            }
            to.add(point);
        }
    }

    Result<void> read_recent(const std::string& device, DeviceColumns& columns) {
        bool first = true;
        Result<void> result;
        archive_.recent().read(device, UINT64_MAX, [&](const RowGroup& rows) {
            const std::vector<Found> found = find(rows, columns);
            const auto uptime = find_uptime(rows, columns);
            for (std::size_t i = 0; i < rows.rows() && result; ++i) {
                if (rows.stamps.sequence[i] <= border_) continue;
                const RepairedStamp stamp = archive_.clocks().repair(rows.stamps.stamp(i));
                if (stamp.verdict == StampVerdict::impossible) continue;
                if (std::exchange(first, false)) result = look_back(device, columns, stamp.wall_ns);
                if (uptime) see_uptime(std::bit_cast<double>(rows.values[*uptime + i]), columns);
                for (const Found& column : found) take(column, rows.values[column.values + i], stamp.wall_ns);
            }
            return result.has_value();
        });
        return result;
    }

    // A column that is asked for, and where its values begin.
    struct Found {
        RangeSink* sink = nullptr;
        SeriesKind kind = SeriesKind::gauge;
        std::size_t values = 0;
    };
    std::vector<Found> find(const RowGroup& rows, const DeviceColumns& device) const {
        std::vector<Found> out;
        std::size_t at = 0;
        const auto look = [&](const std::vector<std::uint32_t>& series, SeriesKind kind) {
            for (const std::uint32_t id : series) {
                const auto found = device.columns.find(id);
                if (found != device.columns.end()) out.push_back({columns_[found->second].get(), kind, at});
                at += rows.rows();
            }
        };
        look(rows.counter_series, SeriesKind::counter);
        look(rows.gauge_series, SeriesKind::gauge);
        return out;
    }
    static std::optional<std::size_t> find_uptime(const RowGroup& rows, const DeviceColumns& device) {
        if (!device.uptime_series) return std::nullopt;
        const auto& gauges = rows.gauge_series;
        const auto found = std::find(gauges.begin(), gauges.end(), *device.uptime_series);
        if (found == gauges.end()) return std::nullopt;
        return (rows.counter_series.size() + static_cast<std::size_t>(found - gauges.begin())) * rows.rows();
    }
    static void take(const Found& column, std::uint64_t bits, std::int64_t wall_ns) {
        const bool counter = column.kind == SeriesKind::counter;
        column.sink->add(
            RangePoint{wall_ns, counter ? bits : 0, counter ? 0.0 : std::bit_cast<double>(bits)});
    }
    void see_uptime(double uptime, DeviceColumns& device) {
        if (uptime < device.uptime) {
            for (const std::size_t column : device.counters) columns_[column]->restart();
        }
        device.uptime = uptime;
    }

    // A rate over the border needs the samples in front of it, which history has counted already, and the
    // uptime that the device had there.
    Result<void> look_back(const std::string& device, DeviceColumns& columns, std::int64_t wall_ns) {
        if (request_.step_ns == 0 || columns.counters.empty() || wall_ns < request_.from_ns ||
            wall_ns >= request_.to_ns)
            return {};
        std::vector<HistorySeries> series;
        for (const std::size_t i : columns.counters)
            series.push_back({request_.series[i], device, SeriesKind::counter});
        if (columns.uptime_series) series.push_back({*columns.uptime_series, device, SeriesKind::gauge});
        const std::int64_t from_ns = wall_ns - std::min(std::max(request_.max_gap_ns, kLookBackNs), wall_ns);
        if (from_ns == wall_ns) return {};
        const auto answer = ask_history(series, from_ns, wall_ns, 0);
        if (!answer) return fail(answer.error());
        if (columns.uptime_series && !answer->columns.back().gauges.empty())
            columns.uptime = answer->columns.back().gauges.back();
        for (std::size_t i = 0; i < columns.counters.size(); ++i) {
            RangeSink& sink = *columns_[columns.counters[i]];
            sink.count_from(wall_ns);
            add_points(answer->columns[i], sink);
        }
        return {};
    }

    Result<wire::RangeReply> finish() {
        wire::RangeReply reply;
        reply.complete_to_ns = std::min(to_ns_, complete_to_ns());
        if (reply.complete_to_ns <= request_.from_ns)
            return fail(ErrorCode::exhausted, "too many points: ask for a shorter time");
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            reply.columns.push_back(columns_[i]->finish(reply.complete_to_ns));
            if (i < sealed_.size()) add_steps(sealed_[i], reply.columns.back());
        }
        reply.damaged = damaged_.take();
        return reply;
    }

    // Of the points of all columns together, the first kMaxPoints.
    [[nodiscard]] std::int64_t complete_to_ns() const {
        std::vector<std::int64_t> times;
        for (const auto& column : columns_) column->times(times);
        if (times.size() <= kMaxPoints) return request_.to_ns;
        const auto rest = times.begin() + static_cast<std::ptrdiff_t>(kMaxPoints);
        std::nth_element(times.begin(), rest, times.end());
        return *rest;
    }

    static void add_steps(const HistoryColumn& from, wire::RangeColumn& to) {
        for (std::size_t i = 0; i < from.count.size() && i < to.count.size(); ++i) {
            if (from.count[i] == 0) continue;
            const auto sealed = static_cast<double>(from.count[i]);
            const auto recent = static_cast<double>(to.count[i]);
            to.min[i] = to.count[i] == 0 ? from.minimum[i] : std::min(to.min[i], from.minimum[i]);
            to.max[i] = to.count[i] == 0 ? from.maximum[i] : std::max(to.max[i], from.maximum[i]);
            to.mean[i] = (from.mean[i] * sealed + to.mean[i] * recent) / (sealed + recent);
            to.count[i] += static_cast<std::uint32_t>(std::min<std::uint64_t>(from.count[i], 1U << 31));
        }
    }

    SampleArchive& archive_;
    const wire::RangeRequest& request_;
    std::uint64_t border_;
    std::int64_t to_ns_;  // what history had points for
    std::vector<std::unique_ptr<RangeSink>> columns_;
    std::vector<HistorySeries> series_;
    std::map<std::string, DeviceColumns> devices_;
    std::vector<HistoryColumn> sealed_;  // with a step
    DamagedSpans damaged_;
};

}  // namespace

Result<wire::RangeReply> find_range(SampleArchive& archive, const Dictionary& dictionary,
                                    const wire::RangeRequest& request) {
    if (const auto ok = check(request); !ok) return fail(ok.error());
    // While it reads a window may be sealed, and would be there twice or not at all.
    for (;;) {
        const std::uint64_t border = archive.sealed_to();
        auto reply = RangeQuery(archive, request, border).run(dictionary);
        if (archive.sealed_to() == border) return reply;
    }
}

}  // namespace outstation::store
