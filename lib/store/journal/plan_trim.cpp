// SPDX-License-Identifier: GPL-3.0-or-later
// Which segments go, by age and by size.
#include <algorithm>

#include "lib/store/journal/journal.hpp"

namespace outstation::store {
namespace {

constexpr StreamId kDropOrder[] = {StreamId::flows,  StreamId::logs,  StreamId::samples, StreamId::jobs,
                                   StreamId::ledger, StreamId::state, StreamId::audit};
constexpr std::int64_t kLongestSilenceNs = std::chrono::nanoseconds(std::chrono::hours(366 * 24)).count();

// What is left of a stream while a plan is made.
class Remains {
  public:
    Remains(const JournalStream& stream, std::int64_t now_ns)
        : view_(stream.view()), octets_(stream.octets()), ages_ms_(view_.parts().size()) {
        std::int64_t later_ns = now_ns;
        std::int64_t age_ms = 0;
        for (std::size_t i = view_.parts().size(); i-- > 0;) {
            const Segment& segment = view_.parts()[i].segment;
            const std::int64_t newest_ns = segment.empty() ? segment.header.created_ns : segment.t1_ns;
            age_ms += step_ms(newest_ns, later_ns);
            ages_ms_[i] = age_ms;
            later_ns = newest_ns;
        }
    }

    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    // The oldest segment, unless it never goes.
    [[nodiscard]] const Segment* oldest() const {
        return next_ < view_.first_lasting() ? &view_.parts()[next_].segment : nullptr;
    }
    [[nodiscard]] bool oldest_is_older_than(std::chrono::milliseconds age) const {
        return ages_ms_[next_] > age.count();
    }
    Segment give() {
        const Segment& segment = view_.parts()[next_++].segment;
        octets_ -= std::min(octets_, segment.file_octets);
        return segment;
    }

  private:
    // A step that is longer than any silence is the clock's, not time's: a jump to the year 2100 must not age
    // everything at once, nor one back to 1970 keep everything for ever.
    static std::int64_t step_ms(std::int64_t from_ns, std::int64_t to_ns) {
        std::int64_t step_ns = 0;
        const bool impossible = __builtin_sub_overflow(to_ns, from_ns, &step_ns) ||
                                step_ns > kLongestSilenceNs || step_ns < -kLongestSilenceNs;
        return impossible ? 0 : step_ns / 1'000'000;
    }

    JournalView view_;
    std::size_t next_ = 0;
    std::uint64_t octets_;
    std::vector<std::int64_t> ages_ms_;  // by segment
};

}  // namespace

std::vector<Journal::Victim> Journal::plan_trim(const std::map<StreamId, Limits>& limits,
                                                std::uint64_t total_octets, std::int64_t now_ns) const {
    std::vector<Victim> victims;
    std::map<StreamId, Remains> remains;
    for (const auto& [id, stream] : streams_) remains.emplace(id, Remains(*stream, now_ns));
    for (const auto& [id, limit] : limits) {
        Remains& stream = remains.at(id);
        while (stream.oldest() != nullptr) {
            const bool old = limit.age.count() > 0 && stream.oldest_is_older_than(limit.age);
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
