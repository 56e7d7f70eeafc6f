// SPDX-License-Identifier: GPL-3.0-or-later
// The way of alarm records to the journal: batches of them in order, each kept until stored has answered that
// it is on disk, and sent again after a lost connection under the same number, so that none is doubled.
// Threads: the loop's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::alertd {

// The connection, as the outbox needs it. Real: over ipc::Client; in tests a fake.
class StoreLink {
  public:
    using Answer = std::function<void(const Result<wire::Appended>&)>;
    virtual ~StoreLink() = default;
    [[nodiscard]] virtual bool connected() const = 0;
    // The answer comes in a later turn, also that there is no connection.
    virtual void append(const wire::AppendStates& batch, Answer answer) = 0;
};

class Outbox {
  public:
    // Records that stored has on disk, or can never take (malformed): each once, in order.
    using Done =
        std::function<void(const std::vector<wire::StateRecord>& records, const Result<void>& result)>;
    Outbox(Loop& loop, StoreLink& link, Done done) : loop_(loop), link_(link), done_(std::move(done)) {}

    // Goes with all others of this turn of the loop, or later.
    void add(wire::StateRecord record);
    // The connection is there (again): what is not answered goes again.
    void on_connected();
    void on_disconnected();
    // Calls back when nothing waits any more.
    void drain(std::function<void()> drained);

    [[nodiscard]] std::size_t waiting() const;
    // How long the oldest record has waited; 0: nothing waits.
    [[nodiscard]] Duration oldest_age() const;
    // Why the last attempt failed; empty when it did not.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    static constexpr std::size_t kMostRecords = 1000;  // of a batch
    static constexpr std::size_t kMostInFlight = 16;   // batches
    struct Batch {
        wire::AppendStates message;
        MonoTime made;
        bool in_flight = false;
    };
    void close_batch();
    void pump();
    void send(Batch& batch);
    void on_answer(std::uint64_t counter, std::uint64_t connection, const Result<wire::Appended>& answer);
    void send_all_again(const Error& error);

    Loop& loop_;
    StoreLink& link_;
    Done done_;
    std::vector<wire::StateRecord> gathering_;
    std::deque<Batch> kept_;
    std::uint64_t last_counter_ = 0;
    std::uint64_t connection_ = 0;  // answers of an earlier one do not count
    std::string trouble_;
    std::function<void()> drained_;
    Timer gather_;
    Timer retry_;
};

}  // namespace outstation::alertd
