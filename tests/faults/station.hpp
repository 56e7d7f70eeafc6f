// SPDX-License-Identifier: GPL-3.0-or-later
// A store on virtual time with producers that do what ours do: number their batches, keep each until it is
// answered, send again after a failure. They remember what was acknowledged, and compare() finds what is not
// there: nothing lost, nothing doubled, what is missing is accounted for. Threads: one.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"
#include "tests/faults/findings.hpp"

namespace outstation::faults {

// Files together as they are, to begin again from; for the file system in memory.
using Snapshot = std::map<std::string, std::string>;
[[nodiscard]] Snapshot snapshot_of(const store::FakeFileSystem& files);
void restore(store::FakeFileSystem& files, const Snapshot& snapshot);

// How a station is worked.
struct Routine {
    const char* name;
    WallTime start;
    int cycles;
    Duration span;        // of a cycle
    std::size_t records;  // of a batch of samples, seconds apart
    store::Settings settings;
    bool counts_hours = false;  // each record has its place in the hours
};
// Seconds between batches and a cap that leaves room for the journal alone.
[[nodiscard]] Routine journal_routine();
// From the evening to the morning, half an hour between batches: windows are sealed, and merged when the day
// is over. `aged`: they go for their age; else the cap thins them.
[[nodiscard]] Routine history_routine(bool aged);

class Station : public store::Store::Observer {
  public:
    static constexpr std::uint64_t kSegmentOctets = 7168;
    static constexpr std::array kProduced = {StreamId::samples, StreamId::state};

    explicit Station(store::FileSystem& files, std::string directory = "journal",
                     const Routine& routine = journal_routine())
        : loop(routine.start),
          settings(routine.settings),
          routine_(routine),
          files_(files),
          directory_(std::move(directory)) {}
    ~Station() override { close(); }
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;

    // False: it did not open; error() says why.
    bool open();
    void close() { store_.reset(); }
    // As long as something fails, at most `times`.
    bool open_again(int times = 3);
    // The next batch of each producer, and those that are to be sent again.
    void send_next();
    // The same, then some time.
    void cycle(Duration span);
    void cycle() { cycle(routine_.span); }
    // Batches that another process sent until `wall`, and the last of them that it was told about.
    void take_over(StreamId id, std::uint64_t sent, std::uint64_t acknowledged, WallTime wall = {});
    // Cycles without new batches until everything is acknowledged. False: it never was.
    bool settle();
    // Of the open store: everything that can be read is as it was sent and there once, and what cannot be is
    // told as a gap, as damage or by the ledger.
    [[nodiscard]] Findings look();
    // After settle(): opens the store again, looks, and misses what was acknowledged.
    [[nodiscard]] Findings compare();
    // The first thing that compare() finds; empty: nothing.
    [[nodiscard]] std::string verify() { return compare().what; }
    // settle() and compare().
    [[nodiscard]] Findings settle_and_compare();

    [[nodiscard]] bool failed() const { return !error_.empty(); }
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] store::Store& store() { return *store_; }
    [[nodiscard]] const store::StoreOpened& opened() const { return opened_; }
    [[nodiscard]] std::uint64_t sent(StreamId id) const { return producers_.at(id).sent; }
    [[nodiscard]] std::uint64_t acknowledged(StreamId id) const { return producers_.at(id).acknowledged; }
    // Work on history that failed, so far.
    [[nodiscard]] std::size_t history_failures() const { return history_failures_; }
    [[nodiscard]] const Routine& routine() const { return routine_; }

    // Everything that can be read of a stream, by number of the record; batch b has the records
    // (b - 1) * n + 1 to b * n. Sequences that are told as gap or damage.
    struct Contents {
        std::map<std::uint64_t, std::uint64_t> records;  // number -> sequence
        std::map<std::uint64_t, std::uint64_t> told;     // first -> last sequence that is told as missing
        std::uint64_t missing = 0;                       // sequences in `told`
        std::uint64_t first_sequence = 0;
        std::uint64_t end_sequence = 0;
        Findings found;  // what is not as it was sent, or comes twice
    };
    [[nodiscard]] Contents read_all(StreamId id);

    // What the ledger says of records that are not there as they were.
    struct Account {
        std::map<std::uint64_t, std::uint64_t> gone;  // first -> last sequence, thinned or dropped
        bool dropped = false;                         // some without leaving anything
        bool thinned = false;
        bool whole = true;     // the ledger has its beginning
        bool readable = true;  // none of it is told as damaged
        bool torn = true;  // but for a last write that was cut short: what it was to enter is not let go of
        std::map<std::uint64_t, std::uint64_t> damaged;  // first -> last sequence that cannot be read

        [[nodiscard]] bool has(std::uint64_t sequence) const;
    };
    [[nodiscard]] Account account_of(StreamId id);

    SimLoop loop;
    store::Settings settings;
    // Told of each batch that is sent and of each that is acknowledged.
    std::function<void(StreamId, std::uint64_t number, bool acknowledged)> on_batch;

  private:
    struct Producer {
        std::uint64_t sent = 0;
        std::uint64_t acknowledged = 0;
        bool go_back = false;                              // to the first that is not acknowledged
        std::map<std::uint64_t, std::uint64_t> sequences;  // of batches that were acknowledged, where told
        std::map<std::uint64_t, WallTime> made;            // when a batch was sent first
    };
    void on_samples(std::uint64_t, const std::vector<wire::SampleRecord>&) override {}
    void on_states(std::uint64_t, const std::vector<wire::StateRecord>&) override {}
    void on_durable(StreamId, std::uint64_t) override {}
    void on_failed(const Error& error) override {
        if (error_.empty()) error_ = error.text;
    }
    void on_history_failed(const Error&) override { ++history_failures_; }
    // The limit of the settings is that of journal and history: states, whose log alone is larger than a
    // small journal, have theirs beside it.
    void make_room();
    void define_series();
    void define_one(std::size_t number);
    void send(StreamId id, std::uint64_t number);
    void send_waiting();
    [[nodiscard]] std::vector<wire::SampleRecord> samples_of(std::uint64_t number, WallTime made) const;
    [[nodiscard]] bool all_acknowledged() const;
    [[nodiscard]] std::size_t records_of(StreamId id) const {
        return id == StreamId::samples ? routine_.records : 1;
    }
    void look_at(StreamId id, const Contents& contents, const Account& account, Findings& out) const;
    void look_at_states(const Contents& contents, Findings& out);
    void look_at_hours(const Account& account, bool damage_allowed, Findings& out);
    void miss(StreamId id, const Contents& contents, const Account& account, Findings& out) const;
    [[nodiscard]] bool was_let_go(const Producer& producer, std::uint64_t batch, std::uint64_t record,
                                  const Account& account) const;

    Routine routine_;
    store::FileSystem& files_;
    std::string directory_;
    store::InlineWorker worker_;
    std::unique_ptr<store::Store> store_;
    store::StoreOpened opened_;
    std::string error_;
    std::size_t history_failures_ = 0;
    std::optional<std::uint64_t> state_octets_;  // that there is room for; none: not configured yet
    std::size_t opened_times_ = 0;
    std::vector<std::uint32_t> counters_;
    std::vector<std::uint32_t> gauges_;  // one of each device
    std::map<StreamId, Producer> producers_ = {{StreamId::samples, {}}, {StreamId::state, {}}};
};

}  // namespace outstation::faults
