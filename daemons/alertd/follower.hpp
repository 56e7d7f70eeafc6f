// SPDX-License-Identifier: GPL-3.0-or-later
// Follows the journal: subscribes to its tail, reads the past up to there, then hands on what comes; after a
// lost connection once more. Nothing lies between the past and the tail: the tail is there first, and `state`
// is read as far as stored had accepted then. The last samples before the tail may not be on disk yet; they
// are read as soon as they are, after the first live ones. Threads: the loop's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "daemons/alertd/history_reader.hpp"

namespace outstation::alertd {

class Follower {
  public:
    struct Observer {
        virtual ~Observer() = default;
        // The past begins: series, all states since the last time, samples of the time to look back on.
        virtual void on_begin() = 0;
        // `given_ns`: wall clock of its last value before; 0: none is known.
        virtual void on_series(const wire::SeriesDef& def, std::int64_t given_ns) = 0;
        virtual void on_old_state(const wire::StateRecord& record) = 0;
        // This one is on disk; of the past they are told as they come to be.
        virtual void on_recorded(const wire::StateRecord& record) = 0;
        virtual void on_old_sample(const wire::SampleRecord& record) = 0;
        virtual void on_caught_up() = 0;
        // Live; accepted, and perhaps not on disk yet.
        virtual void on_state(const wire::StateRecord& record) = 0;
        virtual void on_sample(const wire::SampleRecord& record) = 0;
        [[nodiscard]] virtual Duration look_back() const = 0;
        // It is tried again.
        virtual void on_failed(const Error& error) = 0;
    };
    // Of what comes while the past is read; more is read from the journal, too.
    static constexpr std::size_t kMostQueuedOctets = std::size_t{32} << 20;

    Follower(Loop& loop, ipc::Client& stored, Observer& observer,
             std::size_t most_queued_octets = kMostQueuedOctets);

    // The connection is there (again), or the past is to be read anew.
    void begin();
    void on_disconnected();
    [[nodiscard]] bool is_live() const { return live_; }

  private:
    // The tail from now on; behind it the past is read.
    void subscribe();
    void on_tail(const wire::Tail& tail);
    void deliver(const wire::Tail& tail);
    void wait_for_durable();
    void read_series();
    void read_states();
    void read_samples();
    void find_samples(const wire::WireStamp& newest, std::uint64_t last);
    void read_samples_from(std::uint64_t first, std::uint64_t last);
    void go_live();
    void on_durable(const wire::DurableMark& mark);
    // Reads the samples that were accepted and not on disk when the tail began, once they are.
    void fill_hole();
    void retry(const Error& error);
    // Calls `next`, or begins anew later.
    HistoryReader::Done<void> then(void (Follower::*next)());

    Loop& loop_;
    ipc::Client& stored_;
    Observer& observer_;
    std::unique_ptr<HistoryReader> reader_;
    bool live_ = false;
    std::deque<wire::Tail> queue_;  // until live
    std::size_t most_queued_octets_;
    std::size_t queued_octets_ = 0;
    bool overrun_ = false;                     // the queue was too long: what came is read from the journal
    std::uint64_t next_sample_ = 0;            // where it is then read on; 0: as far back as is looked
    std::uint64_t next_state_ = 1;             // the first that was not read from the journal
    std::optional<wire::StoreStatus> wanted_;  // what stored had accepted when the tail began
    std::uint64_t durable_sample_ = 0;
    std::uint64_t durable_state_ = 0;
    std::vector<wire::StateRecord> not_durable_;  // of what was read
    std::uint64_t hole_begin_ = 0;
    std::uint64_t hole_end_ = 0;  // 0: there is none
    MonoTime wait_until_{};
    Timer timer_;
};

}  // namespace outstation::alertd
