// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the journal for events, the ledger and replay.
#include "lib/store/queries.hpp"

#include <algorithm>

#include "lib/store/damaged_spans.hpp"
#include "lib/store/frame_cursor.hpp"

namespace outstation::store {
namespace {

std::size_t octets_of(const wire::StateRecord& record) {
    return 128 + record.text_octets();
}

std::size_t octets_of(const wire::SampleRecord& record) {
    return 128 + record.device.size() + 20 * record.size();
}

std::size_t octets_of(const wire::LedgerRecord& record) {
    return 128 + record.device.size() + record.reason.size();
}

const std::vector<wire::StateRecord>& records_for(const wire::EventsRequest&, const wire::FrameBody& body) {
    return body.states;
}
const std::vector<wire::LedgerRecord>& records_for(const wire::LedgerRequest&, const wire::FrameBody& body) {
    return body.ledger;
}
std::vector<wire::StoredState>& rows_of(wire::EventsReply& reply) {
    return reply.events;
}
std::vector<wire::StoredLedger>& rows_of(wire::LedgerReply& reply) {
    return reply.entries;
}

bool wanted(const wire::EventsRequest& request, const wire::StateRecord& record) {
    return (request.device.empty() || record.device == request.device) &&
           (record.kind == wire::kAlarmKind ? request.alarms : request.attributes || record.is_event());
}

bool wanted(const wire::LedgerRequest& request, const wire::LedgerRecord& record) {
    return (request.device.empty() || record.device.empty() || record.device == request.device) &&
           (request.to_ns == 0 || record.from_ns < request.to_ns) &&
           (record.to_ns == 0 || record.to_ns >= request.from_ns);  // 0: not over, or nobody knows when
}

// What is to be told twice is told once: entries about records that follow each other.
bool join(wire::EventsReply&, std::uint64_t, const wire::StateRecord&) {
    return false;
}
bool join(wire::LedgerReply& reply, std::uint64_t sequence, const wire::LedgerRecord& older) {
    if (reply.entries.empty()) return false;
    wire::StoredLedger& entry = reply.entries.back();
    wire::LedgerRecord& newer = entry.record;
    const bool alike = older.account == newer.account && older.stream == newer.stream &&
                       older.device == newer.device && older.reason == newer.reason &&
                       older.step_ns == newer.step_ns;
    if (!alike || older.first_sequence == 0 || older.last_sequence + 1 != newer.first_sequence) return false;
    entry.sequence = sequence;
    newer.first_sequence = older.first_sequence;
    newer.from_ns = std::min(newer.from_ns, older.from_ns);
    return true;
}

// Takes a frame's records newest first; false when the answer is full.
template <typename Request, typename Reply>
bool take_newest_first(const Request& request, const FrameEntry& entry, const wire::FrameBody& body,
                       std::size_t& octets, Reply& reply) {
    const std::uint32_t limit = request.limit == 0 ? kMaxEvents : std::min(request.limit, kMaxEvents);
    const auto& records = records_for(request, body);
    for (std::size_t i = records.size(); i-- > 0;) {
        const std::uint64_t sequence = entry.info.first_sequence + i;
        if (request.before_sequence != 0 && sequence >= request.before_sequence) continue;
        if (!wanted(request, records[i])) continue;
        octets += octets_of(records[i]);
        if (octets <= kMaxAnswerOctets && join(reply, sequence, records[i])) continue;
        if (rows_of(reply).size() >= limit || octets > kMaxAnswerOctets) {
            reply.more = true;
            reply.next_before = sequence + 1;
            return false;
        }
        rows_of(reply).push_back({sequence, records[i]});
    }
    return true;
}

// Adds what the answer has room for; false when it is full.
template <typename Record>
bool take_records(const wire::ReplayRequest& request, const FrameEntry& entry, std::vector<Record>& from,
                  std::size_t& octets, std::vector<Record>& to, wire::ReplayReply& reply) {
    const std::uint32_t limit =
        request.limit == 0 ? kMaxReplayRecords : std::min(request.limit, kMaxReplayRecords);
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::uint64_t sequence = entry.info.first_sequence + i;
        if (sequence < request.first_sequence) continue;
        const std::size_t more = octets_of(from[i]);
        if (to.size() >= limit || (!to.empty() && octets + more > kMaxAnswerOctets)) {
            reply.more = true;
            return false;
        }
        octets += more;
        if (to.empty()) reply.first_sequence = sequence;
        to.push_back(std::move(from[i]));
    }
    return true;
}

void take_batches(const wire::FrameBody& body, wire::ReplayReply& reply) {
    const std::uint64_t end =
        reply.first_sequence + reply.samples.size() + reply.states.size() + reply.ledger.size();
    for (const auto& batch : body.batches) {
        if (batch.first_sequence < end && batch.first_sequence + batch.count > reply.first_sequence)
            reply.batches.push_back(batch);
    }
}

// Frames go by newest first; a hole is seen when the older side of it comes.
template <typename Request, typename Reply>
class NewestFirst {
  public:
    NewestFirst(JournalView view, const Request& request) : frames_(std::move(view)), request_(request) {}

    Reply run() {
        for (std::size_t part = frames_.view().parts().size(); part-- > 0;) {
            const Segment& segment = frames_.view().parts()[part].segment;
            if (!is_before(segment.header.first_sequence)) {
                see(segment.header.first_sequence, segment.header.created_ns);
                continue;
            }
            if (!take_part(part)) break;
        }
        reply_.damaged = damaged_.take();
        return std::move(reply_);
    }

  private:
    [[nodiscard]] bool is_before(std::uint64_t sequence) const {
        return request_.before_sequence == 0 || sequence < request_.before_sequence;
    }
    void see(std::uint64_t first_sequence, std::int64_t t0_ns) {
        newer_sequence_ = first_sequence;
        newer_ns_ = t0_ns;
    }
    void look_for_hole(std::uint64_t end_sequence, std::int64_t t1_ns) {
        if (newer_sequence_ > end_sequence && is_before(end_sequence))
            damaged_.add(wire::DamagedSpan{std::min(t1_ns, newer_ns_), std::max(t1_ns, newer_ns_),
                                           end_sequence, newer_sequence_ - 1});
    }
    // False when the answer is full.
    bool take_part(std::size_t part) {
        const Segment segment = frames_.view().parts()[part].segment;
        const auto entries = frames_.view().entries(part);
        if (!entries) {
            damaged_.add(segment, entries.error());
            see(segment.header.first_sequence, segment.header.created_ns);
            return true;
        }
        for (std::size_t i = entries->size(); i-- > 0;) {
            const FrameEntry& entry = (*entries)[i];
            look_for_hole(entry.end_sequence(), entry.info.t1_ns);
            see(entry.info.first_sequence, entry.info.t0_ns);
            if (entry.info.gap() || !is_before(entry.info.first_sequence)) continue;
            if (!take_frame(part, *entries, i)) return false;
        }
        look_for_hole(segment.header.first_sequence, segment.header.created_ns);
        see(segment.header.first_sequence, segment.header.created_ns);
        return true;
    }
    bool take_frame(std::size_t part, const std::vector<FrameEntry>& entries, std::size_t index) {
        const FrameEntry& entry = entries[index];
        auto body = frames_.read(part, entries, index);
        if (!body && body.error().code != ErrorCode::not_found) damaged_.add(entry);
        if (body && !take_newest_first(request_, entry, *body, octets_, reply_)) return false;
        looked_ += kLookedFrame + entry.info.records;
        if (looked_ < kMaxLooked) return true;
        reply_.more = entry.info.first_sequence > 1;
        reply_.next_before = reply_.more ? entry.info.first_sequence : 0;
        return false;
    }

    FrameCursor frames_;
    const Request& request_;
    Reply reply_;
    DamagedSpans damaged_;
    std::size_t octets_ = 0;
    std::size_t looked_ = 0;
    std::uint64_t newer_sequence_ = 0;  // of the frame that was looked at before; 0: none
    std::int64_t newer_ns_ = 0;
};

class ReplayQuery {
  public:
    ReplayQuery(const JournalStream& stream, JournalView view, const wire::ReplayRequest& request)
        : stream_(stream), frames_(std::move(view)), request_(request) {}

    Result<wire::ReplayReply> run() {
        for (std::size_t part = 0; part < frames_.view().parts().size(); ++part) {
            const Segment segment = frames_.view().parts()[part].segment;
            if (!note(holes_.begin(segment))) break;
            if (segment.end_sequence <= request_.first_sequence) {
                holes_.skip(segment);
                continue;
            }
            if (!enter_epoch(segment.header.identity.epoch)) break;
            if (!take_part(part, segment)) break;
        }
        if (dropped_) return fail(ErrorCode::not_found, "a segment was dropped meanwhile");
        reply_.damaged = damaged_.take();
        return std::move(reply_);
    }

    [[nodiscard]] const std::optional<Error>& unreadable() const { return unreadable_; }

  private:
    // Segments go oldest first. One that is not there although nobody dropped it is damage.
    [[nodiscard]] bool was_dropped(const Segment& segment, const Error& error) {
        dropped_ = error.code == ErrorCode::not_found &&
                   stream_.view().first_sequence() > segment.header.first_sequence;
        return dropped_;
    }
    void see(const Error& error) {
        if (error.code == ErrorCode::io) unreadable_ = error;
    }
    [[nodiscard]] bool begun() const {
        return !reply_.samples.empty() || !reply_.states.empty() || !reply_.ledger.empty();
    }
    // False: the answer ends in front of another epoch.
    bool enter_epoch(std::uint64_t epoch) {
        reply_.more = reply_.epoch != epoch && (begun() || !reply_.gaps.empty());
        if (!reply_.more) reply_.epoch = epoch;
        return !reply_.more;
    }
    // Records in an answer follow each other: behind a hole the next question starts. False: the answer ends.
    bool note(const std::optional<wire::DamagedSpan>& hole) {
        if (!hole || hole->last_sequence < request_.first_sequence) return true;
        damaged_.add(*hole);
        reply_.more = begun();
        return !begun();
    }
    bool take_part(std::size_t part, const Segment& segment) {
        const auto entries = frames_.view().entries(part);
        if (!entries) {
            if (was_dropped(segment, entries.error())) return false;
            see(entries.error());
            damaged_.add(wire::DamagedSpan{segment.t0_ns, segment.t1_ns, segment.header.first_sequence,
                                           segment.end_sequence - 1});
            holes_.skip(segment);
            reply_.more = begun();
            return !begun();
        }
        for (std::size_t i = 0; i < entries->size(); ++i) {
            const FrameEntry& entry = (*entries)[i];
            if (!note(holes_.see(entry))) return false;
            if (entry.end_sequence() <= request_.first_sequence) continue;
            if (!(entry.info.gap() ? take_gap(entry) : take_frame(part, *entries, i))) return false;
        }
        return true;
    }
    // Ends the answer when records have begun or there are too many gaps.
    bool take_gap(const FrameEntry& entry) {
        reply_.more = begun() || reply_.gaps.size() >= kMaxReplayGaps;
        if (reply_.more) return false;
        const std::uint64_t first = std::max(entry.info.first_sequence, request_.first_sequence);
        reply_.gaps.push_back({first, entry.end_sequence() - first});
        return true;
    }
    bool take_frame(std::size_t part, const std::vector<FrameEntry>& entries, std::size_t index) {
        const FrameEntry& entry = entries[index];
        auto body = frames_.read(part, entries, index);
        if (!body) {
            if (was_dropped(frames_.view().parts()[part].segment, body.error())) return false;
            see(body.error());
            damaged_.add(entry);
            reply_.more = begun();
            return !begun();
        }
        const bool room = take_records(request_, entry, body->samples, octets_, reply_.samples, reply_) &&
                          take_records(request_, entry, body->states, octets_, reply_.states, reply_) &&
                          take_records(request_, entry, body->ledger, octets_, reply_.ledger, reply_);
        take_batches(*body, reply_);
        return room;
    }

    const JournalStream& stream_;
    FrameCursor frames_;
    const wire::ReplayRequest& request_;
    bool dropped_ = false;
    std::optional<Error> unreadable_;
    wire::ReplayReply reply_;
    DamagedSpans damaged_;
    HoleWatch holes_;
    std::size_t octets_ = 0;
};

}  // namespace

Result<wire::EventsReply> find_events(JournalView view, const wire::EventsRequest& request) {
    return NewestFirst<wire::EventsRequest, wire::EventsReply>(std::move(view), request).run();
}

Result<wire::LedgerReply> find_ledger(JournalView view, const wire::LedgerRequest& request) {
    return NewestFirst<wire::LedgerRequest, wire::LedgerReply>(std::move(view), request).run();
}

Result<wire::ReplayReply> replay_journal(const JournalStream& stream, JournalView view,
                                         const wire::ReplayRequest& request,
                                         std::optional<Error>* unreadable) {
    ReplayQuery query(stream, std::move(view), request);
    auto reply = query.run();
    if (unreadable != nullptr) *unreadable = query.unreadable();
    return reply;
}

}  // namespace outstation::store
