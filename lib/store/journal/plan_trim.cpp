// SPDX-License-Identifier: GPL-3.0-or-later
// Which segments go, by age and by size.
#include <algorithm>

#include "lib/store/journal/journal.hpp"

namespace outstation::store {
namespace {

constexpr StreamId kDropOrder[] = {StreamId::flows,  StreamId::logs,  StreamId::samples, StreamId::jobs,
                                   StreamId::ledger, StreamId::state, StreamId::audit};
constexpr std::int64_t kFirstPossibleNs =
    1'577'836'800'000'000'000;  // 2020-01-01: before it no stamp is true
constexpr std::int64_t kLongestSilenceNs = std::chrono::nanoseconds(std::chrono::hours(366 * 24)).count();

// What is left of a stream while a plan is made.
class Remains {
  public:
    explicit Remains(const JournalStream& stream) : view_(stream.view()), octets_(stream.octets()) {}

    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    // The oldest segment, unless it is the last.
    [[nodiscard]] const Segment* oldest() const {
        return next_ + 1 < view_.parts().size() ? &view_.parts()[next_].segment : nullptr;
    }
    // A jump of the clock to the year 2100 must not age everything at once.
    [[nodiscard]] std::int64_t believable(std::int64_t now_ns) const {
        std::optional<std::int64_t> newest_ns;
        for (std::size_t i = next_; i + 1 < view_.parts().size(); ++i)
            newest_ns = std::max(newest_ns.value_or(INT64_MIN), view_.parts()[i].segment.t1_ns);
        return newest_ns && *newest_ns < now_ns - kLongestSilenceNs ? *newest_ns : now_ns;
    }
    // The stamp by which the oldest segment ages: its newest one, or, where a clock that was wrong made that,
    // the first possible one behind it. Nothing: it does not age yet.
    [[nodiscard]] std::optional<std::int64_t> ages_by_ns(std::int64_t now_ns) const {
        for (std::size_t i = next_; i < view_.parts().size(); ++i) {
            const Segment& segment = view_.parts()[i].segment;
            const std::int64_t newest_ns = segment.empty() ? segment.header.created_ns : segment.t1_ns;
            if (newest_ns >= kFirstPossibleNs && newest_ns <= now_ns) return newest_ns;
        }
        return std::nullopt;
    }
    Segment give() {
        const Segment& segment = view_.parts()[next_++].segment;
        octets_ -= std::min(octets_, segment.file_octets);
        return segment;
    }

  private:
    JournalView view_;
    std::size_t next_ = 0;
    std::uint64_t octets_;
};

}  // namespace

std::vector<Journal::Victim> Journal::plan_trim(const std::map<StreamId, Limits>& limits,
                                                std::uint64_t total_octets, std::int64_t now_ns) const {
    std::vector<Victim> victims;
    std::map<StreamId, Remains> remains;
    for (const auto& [id, stream] : streams_) remains.emplace(id, Remains(*stream));
    for (const auto& [id, limit] : limits) {
        Remains& stream = remains.at(id);
        const std::int64_t horizon_ns =
            stream.believable(now_ns) - std::chrono::nanoseconds(limit.age).count();
        while (stream.oldest() != nullptr) {
            const auto newest_ns = stream.ages_by_ns(now_ns);
            const bool old = limit.age.count() > 0 && newest_ns && *newest_ns < horizon_ns;
            const bool large = limit.octets > 0 && stream.octets() > limit.octets;
            if (!large && !old) break;
            victims.push_back({stream.give(), old});
        }
    }
    std::uint64_t total = 0;
    for (const auto& [id, stream] : remains) total += stream.octets();
    for (const StreamId id : kDropOrder) {
        Remains& stream = remains.at(id);
        while (total_octets > 0 && total > total_octets && stream.oldest() != nullptr) {
            victims.push_back({stream.give(), false});
            total -= std::min(total, victims.back().segment.file_octets);
        }
    }
    return victims;
}

}  // namespace outstation::store
