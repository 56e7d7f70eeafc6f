// SPDX-License-Identifier: GPL-3.0-or-later
// Replay of samples that only history has.
#include <algorithm>

#include "lib/store/damaged_spans.hpp"
#include "lib/store/queries.hpp"

namespace outstation::store {
namespace {

// The records of an answer follow each other: what lies behind a hole comes with the next question.
class SealedReplay {
  public:
    // `lost` is what the journal could not give when it was sealed.
    SealedReplay(std::uint64_t asked, HistoryRecords found, std::vector<wire::DamagedSpan> lost)
        : asked_(asked), found_(std::move(found)), unreadable_(std::move(lost)) {
        for (const HistoryDamage& damage : found_.damage) {
            const SequenceRange& range = damage.sequences.first == 0 ? found_.answered : damage.sequences;
            unreadable_.push_back({damage.t0_ns, damage.t1_ns, range.first, range.last});
        }
        std::sort(unreadable_.begin(), unreadable_.end(),
                  [](const auto& a, const auto& b) { return a.first_sequence < b.first_sequence; });
    }

    wire::ReplayReply run() {
        reply_.epoch = found_.epoch;
        const std::uint64_t next = std::max(asked_, found_.answered.first);
        const std::uint64_t first =
            found_.records.empty() ? found_.answered.last + 1 : found_.records[0].sequence;
        if (first > next) tell_hole(next, first - 1);
        if (!found_.records.empty()) take_run();
        reply_.more = true;
        return std::move(reply_);
    }

  private:
    // Numbers that no record ever had, as far as anybody knows, are a gap; the rest cannot be read.
    void tell_hole(std::uint64_t first, std::uint64_t last) {
        std::uint64_t next = first;
        DamagedSpans damaged;
        for (const wire::DamagedSpan& span : unreadable_) {
            if (span.last_sequence < next || span.first_sequence > last) continue;
            if (span.first_sequence > next) tell_gap(next, span.first_sequence - 1);
            next = std::max(next, span.first_sequence);
            const std::uint64_t end = std::min(last, span.last_sequence);
            damaged.add(wire::DamagedSpan{span.from_ns, span.to_ns, next, end});
            next = end + 1;
        }
        if (next <= last) tell_gap(next, last);
        reply_.damaged = damaged.take();
    }
    void tell_gap(std::uint64_t first, std::uint64_t last) {
        reply_.gaps.push_back({first, last - first + 1});
    }
    void take_run() {
        reply_.first_sequence = found_.records.front().sequence;
        std::uint64_t next = reply_.first_sequence;
        std::size_t octets = 0;
        for (NumberedRecord& record : found_.records) {
            octets += kReplayRecordOctets + record.record.device.size() + 20 * record.record.size();
            if (record.sequence != next || (next > reply_.first_sequence && octets > kMaxAnswerOctets)) break;
            reply_.samples.push_back(std::move(record.record));
            ++next;
        }
        for (const auto& batch : found_.batches) {
            if (batch.first_sequence < next && batch.first_sequence + batch.count > reply_.first_sequence)
                reply_.batches.push_back(batch);
        }
    }

    std::uint64_t asked_;
    HistoryRecords found_;
    std::vector<wire::DamagedSpan> unreadable_;  // by first sequence
    wire::ReplayReply reply_;
};

std::vector<wire::DamagedSpan> joined(const std::vector<wire::DamagedSpan>& first,
                                      const std::vector<wire::DamagedSpan>& then) {
    DamagedSpans out;
    for (const auto* const spans : {&first, &then}) {
        for (const wire::DamagedSpan& span : *spans) out.add(span);
    }
    return out.take();
}

// The first sequence at or behind this one that a raw file has; 0: none.
std::uint64_t first_in_history(const SampleArchive& archive, std::uint64_t sequence) {
    std::uint64_t first = 0;
    for (const HistoryFileInfo& info : archive.history().files()) {
        const Head& head = info.head;
        if (head.level != Level::raw || !archive.history().has(head) || head.sequences.last < sequence)
            continue;
        const std::uint64_t here = std::max(head.sequences.first, sequence);
        first = first == 0 ? here : std::min(first, here);
    }
    return first;
}

Result<wire::ReplayReply> replay_samples(SampleArchive& archive, const JournalStream& stream,
                                         const wire::ReplayRequest& request) {
    JournalView view = stream.view();  // before history is asked: what is dropped later is found to be gone
    wire::ReplayRequest rest = request;
    rest.first_sequence = std::max<std::uint64_t>(request.first_sequence, 1);
    const std::uint32_t limit =
        request.limit == 0 ? kMaxReplayRecords : std::min(request.limit, kMaxReplayRecords);
    const std::uint64_t journal_first = view.first_sequence();
    std::vector<wire::DamagedSpan> damaged;
    while (journal_first == 0 || rest.first_sequence < journal_first) {
        const std::uint64_t first = first_in_history(archive, rest.first_sequence);
        if (first == 0 || (journal_first != 0 && first >= journal_first)) break;
        rest.first_sequence = first;
        auto found = archive.reader().records({first, archive.sealed_to()}, limit);
        if (!found) return fail(found.error());
        if (found->answered.first == 0) break;
        rest.first_sequence = found->answered.last + 1;
        wire::ReplayReply reply = SealedReplay(first, std::move(*found), archive.damage()).run();
        const bool begun = !reply.samples.empty() || !reply.gaps.empty();
        reply.damaged = joined(damaged, reply.damaged);
        if (begun || reply.damaged.size() >= wire::kMaxDamagedSpans) return reply;
        damaged = std::move(reply.damaged);  // nothing of it can be read: what is behind it?
    }
    auto reply = replay_journal(stream, std::move(view), rest);
    if (reply) reply->damaged = joined(damaged, reply->damaged);
    return reply;
}

}  // namespace

Result<wire::ReplayReply> replay(SampleArchive& archive, const JournalStream& stream,
                                 const wire::ReplayRequest& request) {
    for (;;) {  // each time the journal begins further on
        auto reply = stream.id() == StreamId::samples ? replay_samples(archive, stream, request)
                                                      : replay_journal(stream, stream.view(), request);
        if (reply || reply.error().code != ErrorCode::not_found) return reply;
    }
}

}  // namespace outstation::store
