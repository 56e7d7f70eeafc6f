// SPDX-License-Identifier: GPL-3.0-or-later
// What one stream has accepted and not yet made durable: batches gathered into frames, numbers given, resends
// recognised. Threads: the loop's.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "lib/store/producers.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

// One frame in the making.
struct PendingFrame {
    struct Waiting {
        Accepted accepted;
        Store::Appended done;
        Store::Appended resent;  // of the newest resend, if there is one
    };
    wire::FrameBody body;
    std::uint64_t first_sequence = 0;
    std::uint64_t end_sequence = 0;
    std::size_t octets = 0;  // about as many as its body will have
    std::size_t values = 0;
    MonoTime since{};
    std::vector<Waiting> waiting;  // one for each of body.batches, in their order
};

class Intake {
  public:
    Intake(std::uint64_t next_sequence, Producers seen)
        : durable_end_(next_sequence), next_sequence_(next_sequence), seen_(std::move(seen)) {}

    // What to answer a resend: done already, or joined to the batch that waits, beside the first sending. It
    // takes the place of an earlier resend of that batch, which is then never answered: its producer has sent
    // the batch again and waits for the answer to that. False: it is new.
    [[nodiscard]] bool answer_resend(const BatchId& batch, Store::Appended& done);
    // A batch of this producer was turned away and it has not gone back to it yet: this one must be turned
    // away too, or the one before would look like a resend when it comes again.
    [[nodiscard]] bool out_of_turn(const BatchId& batch) const;
    // Notes that the batch was not taken, but may be when it comes again. A batch that is not later than the
    // last one turned away means that the producer has gone back.
    void turn_away(const BatchId& batch);
    // Takes a new batch; returns its first sequence.
    template <typename Record>
    std::uint64_t add(const BatchId& batch, std::vector<Record> records, MonoTime now, Store::Appended done);

    // The oldest frame, for writing; it counts as pending until finished().
    [[nodiscard]] bool empty() const { return frames_.empty(); }
    [[nodiscard]] const PendingFrame& front() const { return frames_.front(); }
    [[nodiscard]] wire::FrameBody take_front();
    [[nodiscard]] PendingFrame finished();
    [[nodiscard]] bool writing() const { return writing_; }
    [[nodiscard]] bool front_is_full() const { return frames_.size() > 1; }

    [[nodiscard]] std::uint64_t durable_end() const { return durable_end_; }
    [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }
    [[nodiscard]] std::size_t pending_octets() const { return pending_octets_; }

  private:
    static constexpr std::size_t kMaxTurnedAway = 64;  // producers
    struct TurnedAway {
        std::uint64_t incarnation = 0;
        std::uint64_t counter = 0;  // of the last one
    };
    PendingFrame& frame_for(std::size_t octets, std::size_t values, std::size_t records, MonoTime now);

    std::uint64_t durable_end_;    // one behind the last durable record
    std::uint64_t next_sequence_;  // of the next record accepted
    Producers seen_;
    std::deque<PendingFrame> frames_;
    bool writing_ = false;  // the front is at the writer
    std::size_t pending_octets_ = 0;
    std::map<std::string, TurnedAway> turned_away_;  // by daemon
};

[[nodiscard]] std::size_t octets_of(const wire::SampleRecord& record);
[[nodiscard]] std::size_t octets_of(const wire::StateRecord& record);
[[nodiscard]] std::size_t octets_of(const wire::LedgerRecord& record);

}  // namespace outstation::store
