// SPDX-License-Identifier: GPL-3.0-or-later
// Which segments go, by age and by size.
#include <algorithm>

#include "lib/store/clocks/ages.hpp"
#include "lib/store/journal/journal.hpp"

namespace outstation::store {
namespace {

constexpr StreamId kDropOrder[] = {StreamId::flows,  StreamId::logs,  StreamId::samples, StreamId::jobs,
                                   StreamId::ledger, StreamId::state, StreamId::audit};

// What is left of a stream while a plan is made.
class Remains {
  public:
    Remains(const JournalStream& stream, Ages ages)
        : view_(stream.view()), octets_(stream.octets()), ages_ns_(view_.parts().size()) {
        for (std::size_t i = view_.parts().size(); i-- > 0;) {
            const Segment& segment = view_.parts()[i].segment;
            ages_ns_[i] = ages.of(segment.empty() ? segment.header.created_ns : segment.t1_ns);
        }
    }

    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    // The oldest segment, unless it never goes.
    [[nodiscard]] const Segment* oldest() const {
        return next_ < view_.first_lasting() ? &view_.parts()[next_].segment : nullptr;
    }
    [[nodiscard]] bool oldest_is_older_than(std::chrono::milliseconds age) const {
        return ages_ns_[next_] > std::chrono::nanoseconds(age).count();
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
    std::vector<std::int64_t> ages_ns_;  // by segment
};

}  // namespace

std::vector<Journal::Victim> Journal::plan_trim(const std::map<StreamId, Limits>& limits,
                                                std::uint64_t total_octets, std::int64_t now_ns,
                                                std::int64_t steady_ns) const {
    std::vector<Victim> victims;
    std::map<StreamId, Remains> remains;
    for (const auto& [id, stream] : streams_) remains.emplace(id, Remains(*stream, Ages(now_ns, steady_ns)));
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
