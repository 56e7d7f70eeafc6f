// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering batches into frames.
#include "lib/store/intake.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

// A frame is closed when it holds this much; a batch larger than that gets a frame of its own.
constexpr std::size_t kFrameOctets = 4U << 20;
constexpr std::size_t kFrameValues = kMaxBatchValues;
constexpr std::size_t kFrameRecords = kMaxBatchRecords;
static_assert(kFrameRecords <= kMaxFrameRecords);

std::size_t values_of(const wire::SampleRecord& record) {
    return record.size();
}
std::size_t values_of(const wire::StateRecord&) {
    return 0;
}
std::size_t values_of(const wire::LedgerRecord&) {
    return 0;
}
std::vector<wire::SampleRecord>& records_of(wire::FrameBody& body, const wire::SampleRecord&) {
    return body.samples;
}
std::vector<wire::StateRecord>& records_of(wire::FrameBody& body, const wire::StateRecord&) {
    return body.states;
}
std::vector<wire::LedgerRecord>& records_of(wire::FrameBody& body, const wire::LedgerRecord&) {
    return body.ledger;
}

bool is(const wire::BatchMark& mark, const BatchId& batch) {
    return mark.counter == batch.counter && mark.incarnation == batch.incarnation &&
           mark.daemon == batch.daemon;
}

}  // namespace

std::size_t octets_of(const wire::SampleRecord& record) {
    return 64 + record.device.size() + 12 * record.size();
}

std::size_t octets_of(const wire::StateRecord& record) {
    return 64 + record.text_octets();
}

std::size_t octets_of(const wire::LedgerRecord& record) {
    return 128 + record.device.size() + record.reason.size();
}

bool Intake::answer_resend(const BatchId& batch, Store::Appended& done) {
    if (!seen_.seen(batch)) return false;
    for (PendingFrame& frame : frames_) {
        const auto mark = std::find_if(frame.body.batches.begin(), frame.body.batches.end(),
                                       [&](const wire::BatchMark& m) { return is(m, batch); });
        if (mark == frame.body.batches.end()) continue;
        const auto at = static_cast<std::size_t>(mark - frame.body.batches.begin());
        frame.waiting[at].resent = std::move(done);
        return true;
    }
    done(Accepted{0, 0, true});
    return true;
}

bool Intake::out_of_turn(const BatchId& batch) const {
    const auto found = turned_away_.find(batch.daemon);
    return found != turned_away_.end() && found->second.incarnation == batch.incarnation &&
           batch.counter > found->second.counter;
}

void Intake::turn_away(const BatchId& batch) {
    if (turned_away_.size() >= kMaxTurnedAway && !turned_away_.contains(batch.daemon))
        turned_away_.erase(turned_away_.begin());
    turned_away_[batch.daemon] = {batch.incarnation, batch.counter};
}

PendingFrame& Intake::frame_for(std::size_t octets, std::size_t values, std::size_t records, MonoTime now) {
    const bool closed = frames_.empty() || (writing_ && frames_.size() == 1);
    if (closed || frames_.back().octets + octets > kFrameOctets ||
        frames_.back().values + values > kFrameValues ||
        next_sequence_ - frames_.back().first_sequence + records > kFrameRecords) {
        PendingFrame& frame = frames_.emplace_back();
        frame.first_sequence = frame.end_sequence = next_sequence_;
        frame.since = now;
    }
    return frames_.back();
}

template <typename Record>
std::uint64_t Intake::add(const BatchId& batch, std::vector<Record> records, MonoTime now,
                          Store::Appended done) {
    std::size_t octets = 0;
    std::size_t values = 0;
    for (const Record& record : records) {
        octets += octets_of(record);
        values += values_of(record);
    }
    PendingFrame& frame = frame_for(octets, values, records.size(), now);
    const std::uint64_t first = next_sequence_;
    next_sequence_ += records.size();
    frame.body.batches.push_back(
        {batch.daemon, batch.incarnation, batch.counter, first, static_cast<std::uint32_t>(records.size())});
    auto& to = records_of(frame.body, records.front());
    std::move(records.begin(), records.end(), std::back_inserter(to));
    frame.end_sequence = next_sequence_;
    frame.octets += octets;
    frame.values += values;
    frame.waiting.push_back({{first, next_sequence_ - 1, false}, std::move(done), nullptr});
    pending_octets_ += octets;
    seen_.add(batch);
    const auto away = turned_away_.find(batch.daemon);
    if (away != turned_away_.end() && away->second.incarnation == batch.incarnation) turned_away_.erase(away);
    return first;
}

template std::uint64_t Intake::add(const BatchId&, std::vector<wire::SampleRecord>, MonoTime,
                                   Store::Appended);
template std::uint64_t Intake::add(const BatchId&, std::vector<wire::StateRecord>, MonoTime, Store::Appended);
template std::uint64_t Intake::add(const BatchId&, std::vector<wire::LedgerRecord>, MonoTime,
                                   Store::Appended);

wire::FrameBody Intake::take_front() {
    writing_ = true;
    wire::FrameBody body = std::move(frames_.front().body);
    frames_.front().body = {};
    frames_.front().body.batches = body.batches;  // a resend still finds its batch
    return body;
}

PendingFrame Intake::finished() {
    PendingFrame frame = std::move(frames_.front());
    frames_.pop_front();
    writing_ = false;
    pending_octets_ -= frame.octets;
    durable_end_ = frame.end_sequence;
    return frame;
}

}  // namespace outstation::store
