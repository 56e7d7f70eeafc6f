// SPDX-License-Identifier: GPL-3.0-or-later
// Range queries: which frames to read, and points of a few series out of them.
#include "lib/store/range_query.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "lib/store/damaged_spans.hpp"
#include "lib/store/range_columns.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kLookBackNs = 600'000'000'000;  // for the sample before the first step
// Falls when the device has restarted: its counters began anew (RFC 3418, sysUpTime).
constexpr const char* kUptimeMetric = "sys_uptime_seconds";

struct Place {
    std::size_t part;
    FrameEntry entry;
};

Result<void> check(const wire::RangeRequest& request) {
    if (request.series.empty() || request.series.size() > kMaxRangeSeries)
        return fail(ErrorCode::malformed,
                    "1 to " + std::to_string(kMaxRangeSeries) + " series can be asked for");
    if (request.from_ns < 0 || request.to_ns <= request.from_ns || request.step_ns < 0 ||
        request.max_gap_ns < 0)
        return fail(ErrorCode::malformed, "the range is empty or negative");
    return {};
}

class RangeQuery {
  public:
    RangeQuery(JournalView view, const wire::RangeRequest& request)
        : view_(std::move(view)), request_(request) {}

    Result<wire::RangeReply> run(const Dictionary& dictionary) {
        if (const auto ok = make_columns(dictionary); !ok) return fail(ok.error());
        find_places();
        const auto complete_to_ns = read_places();
        if (!complete_to_ns) return fail(complete_to_ns.error());
        wire::RangeReply reply;
        reply.complete_to_ns = *complete_to_ns;
        for (const auto& column : columns_) reply.columns.push_back(column->finish(*complete_to_ns));
        reply.damaged = damaged_.take();
        return reply;
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
            wanted_.insert(id);
            if (!by_id_.emplace(id, columns_.size()).second)
                return fail(ErrorCode::malformed, "series " + std::to_string(id) + " is asked for twice");
            if (request_.step_ns > 0) {
                if (def->kind == SeriesKind::counter) watch_restarts(dictionary, def->device);
                columns_.push_back(make_stepped_column(std::move(*def), request_, steps));
            } else {
                columns_.push_back(make_raw_column(std::move(*def), request_));
            }
        }
        return {};
    }

    [[nodiscard]] bool overlaps(std::int64_t t0_ns, std::int64_t t1_ns) const {
        const std::int64_t before_ns = request_.step_ns > 0 ? std::max(request_.max_gap_ns, kLookBackNs) : 0;
        return t0_ns < request_.to_ns && t1_ns >= request_.from_ns - std::min(before_ns, request_.from_ns);
    }

    // The column that is made next is a counter of this device.
    void watch_restarts(const Dictionary& dictionary, const std::string& device) {
        const auto id = dictionary.number_of(device, kUptimeMetric);
        if (!id) return;
        wanted_.insert(*id);
        uptimes_[*id].columns.push_back(columns_.size());
    }

    // Damage counts where the answer itself would lack something, not in what is read before it.
    void note(const wire::DamagedSpan& span) {
        if (span.from_ns < request_.to_ns && span.to_ns >= request_.from_ns) damaged_.add(span);
    }
    void note(const std::optional<wire::DamagedSpan>& hole) {
        if (hole) note(*hole);
    }

    void find_places() {
        HoleWatch holes;
        for (std::size_t part = 0; part < view_.parts().size(); ++part) {
            const Segment segment = view_.parts()[part].segment;
            note(holes.begin(segment));
            if (segment.empty() || !overlaps(segment.t0_ns, segment.t1_ns)) {
                holes.skip(segment);
                continue;
            }
            const auto entries = view_.entries(part);
            if (!entries) {
                damaged_.add(segment, entries.error());
                holes.skip(segment);
                continue;
            }
            for (const FrameEntry& entry : *entries) {
                note(holes.see(entry));
                if (!entry.info.gap() && overlaps(entry.info.t0_ns, entry.info.t1_ns))
                    places_.push_back({part, entry});
            }
        }
    }

    // Up to which time the answer is complete.
    Result<std::int64_t> read_places() {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            std::size_t points = 0;
            for (const auto& column : columns_) points += column->points();
            if (points > kMaxPoints) {
                std::int64_t rest_ns = request_.to_ns;
                for (std::size_t k = i; k < places_.size(); ++k)
                    rest_ns = std::min(rest_ns, places_[k].entry.info.t0_ns);
                if (rest_ns > request_.from_ns) return rest_ns;
                return fail(ErrorCode::exhausted, "too many points: ask for a shorter time");
            }
            read_place(places_[i]);
        }
        return request_.to_ns;
    }

    void read_place(const Place& place) {
        const FrameInfo& info = place.entry.info;
        const wire::DamagedSpan span{info.t0_ns, info.t1_ns, info.first_sequence,
                                     place.entry.end_sequence() - 1};
        const auto bytes = view_.read(place.part, place.entry);
        if (!bytes) {
            if (bytes.error().code != ErrorCode::not_found) note(span);
            return;
        }
        const auto body = wire::decode_samples_of(*bytes, wanted_);
        if (!body) return note(span);
        take(*body);
    }

    void see_restart(const wire::SampleRecord& record) {
        for (std::size_t i = 0; i < record.gauges.size(); ++i) {
            const auto found = uptimes_.find(record.gauge_series[i]);
            if (found == uptimes_.end()) continue;
            if (record.gauges[i] < found->second.last) {
                for (const std::size_t column : found->second.columns) columns_[column]->restart();
            }
            found->second.last = record.gauges[i];
        }
    }

    void take(const wire::FrameBody& body) {
        for (const auto& record : body.samples) {
            if (!record.valid()) continue;
            see_restart(record);
            for (std::size_t i = 0; i < record.counters.size(); ++i) {
                const auto found = by_id_.find(record.counter_series[i]);
                if (found == by_id_.end()) continue;
                columns_[found->second]->add(RangePoint{record.stamp.wall_ns, record.counters[i],
                                                        static_cast<double>(record.counters[i])});
            }
            for (std::size_t i = 0; i < record.gauges.size(); ++i) {
                const auto found = by_id_.find(record.gauge_series[i]);
                if (found == by_id_.end()) continue;
                columns_[found->second]->add(RangePoint{record.stamp.wall_ns, 0, record.gauges[i]});
            }
        }
    }

    JournalView view_;
    const wire::RangeRequest& request_;
    std::vector<std::unique_ptr<RangeSink>> columns_;
    std::unordered_map<std::uint32_t, std::size_t> by_id_;
    std::unordered_set<std::uint32_t> wanted_;
    struct Uptime {
        double last = 0.0;
        std::vector<std::size_t> columns;
    };
    std::unordered_map<std::uint32_t, Uptime> uptimes_;  // by its series
    std::vector<Place> places_;
    DamagedSpans damaged_;
};

}  // namespace

Result<wire::RangeReply> find_range(JournalView view, const Dictionary& dictionary,
                                    const wire::RangeRequest& request) {
    if (const auto ok = check(request); !ok) return fail(ok.error());
    return RangeQuery(std::move(view), request).run(dictionary);
}

}  // namespace outstation::store
