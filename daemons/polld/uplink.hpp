// SPDX-License-Identifier: GPL-3.0-or-later
// The way to stored: records in numbered batches, kept until stored says they are on disk, sent again after a
// lost connection. Bounded: when nobody takes them the oldest samples go first, are counted and told. What
// stored calls malformed is dropped and told: it can never be taken. Who made a state that was dropped hears
// of it, to tell it again. Threads: the loop's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "daemons/polld/series_book.hpp"
#include "lib/event/loop.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::polld {

// The connection, as uplink needs it. Real: over ipc::Client; in tests a fake.
class StoreLink {
  public:
    using Answer = std::function<void(const Result<wire::Appended>&)>;
    virtual ~StoreLink() = default;
    [[nodiscard]] virtual bool connected() const = 0;
    virtual void define(const wire::DefineSeries& series) = 0;
    // The answer comes in a later turn, also that there is no connection.
    virtual void append(const wire::AppendSamples& batch, Answer answer) = 0;
    virtual void append(const wire::AppendStates& batch, Answer answer) = 0;
};

class Uplink {
  public:
    struct Options {
        std::size_t max_bytes = 16U << 20;                 // of what is kept
        Duration gather = std::chrono::milliseconds(200);  // how long records wait for others
        std::size_t max_records = 256;                     // of a batch
        std::size_t max_values = 32768;                    // of a batch: half of what stored takes at once
        std::size_t max_in_flight = 4096;  // batches: what a minute between two flushes can bring
    };
    Uplink(Loop& loop, StoreLink& link, const SeriesBook& book, Options options)
        : loop_(loop), link_(link), book_(book), options_(options) {}
    Uplink(Loop& loop, StoreLink& link, const SeriesBook& book) : Uplink(loop, link, book, Options{}) {}

    // For the log: the id of a line of docs/messages.md, and its text.
    using Tell = std::function<void(const char* id, const std::string& text)>;
    void on_trouble(Tell tell) { tell_ = std::move(tell); }
    // For states that stored will never have; called from within add() or in a turn of its own.
    using Lost = std::function<void(const std::vector<wire::StateRecord>&)>;
    void on_lost(Lost lost) { lost_ = std::move(lost); }
    // While held nothing is sent; what comes is kept.
    void hold(bool held);

    void add(wire::SampleRecord record);
    void add(std::vector<wire::StateRecord> records);
    // To be called when the connection is there (again): defines all series and sends what is not
    // acknowledged.
    void on_connected();
    void on_disconnected();
    // Calls back when nothing waits any more.
    void drain(std::function<void()> drained);

    [[nodiscard]] std::size_t kept_records() const { return kept_records_ + gathering_.size(); }
    // Records that stored refused as malformed: sending them again would not help.
    [[nodiscard]] std::uint64_t refused_records() const { return refused_records_; }
    [[nodiscard]] std::uint64_t dropped_records() const { return dropped_records_; }

  private:
    struct Batch {
        std::uint64_t counter = 0;
        std::vector<wire::SampleRecord> samples;  // one of the two
        std::vector<wire::StateRecord> states;
        std::size_t bytes = 0;
        bool in_flight = false;
        [[nodiscard]] std::size_t records() const { return samples.size() + states.size(); }
    };
    void close_samples();
    void keep(Batch batch);
    void make_room();
    void pump();
    void define_new();
    void send(Batch& batch);
    void note(const char* id, const std::string& text) const;
    void tell_refused(const Batch& batch, const Error& error);
    // Takes it out: it is acknowledged, or dropped.
    [[nodiscard]] Batch take_out(std::deque<Batch>::iterator batch);
    void lose(const Batch& batch) const;
    void send_all_again(const Error& error);
    void on_answer(std::uint64_t counter, std::uint64_t connection, const Result<wire::Appended>& answer);

    Loop& loop_;
    StoreLink& link_;
    const SeriesBook& book_;
    Options options_;
    std::vector<wire::SampleRecord> gathering_;
    std::size_t gathered_values_ = 0;
    Timer gather_timer_;
    std::deque<Batch> kept_;
    std::size_t kept_bytes_ = 0;
    std::size_t kept_records_ = 0;
    std::uint64_t last_counter_ = 0;
    std::uint64_t dropped_records_ = 0;
    std::uint64_t refused_records_ = 0;
    std::uint64_t connection_ = 0;  // grows with each; answers of an old one are not heard
    std::size_t defined_ = 0;       // version of the series book that this connection knows
    bool held_ = false;
    bool dropping_ = false;  // since the last acknowledgement
    bool refused_ = false;   // as a producer, since the last acknowledgement
    Tell tell_;
    Lost lost_;
    Timer retry_;  // armed: stored refused lately, nothing is sent until then
    std::function<void()> drained_;
};

}  // namespace outstation::polld
