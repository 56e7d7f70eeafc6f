// SPDX-License-Identifier: GPL-3.0-or-later
// The store of a station behind one interface: numbered, durable records; series; latest values; questions.
// The engine below is the file journal; another can stand here. Threads: the loop's; what blocks runs on the
// two workers. Ownership: loop, file system and workers outlive the store; callbacks come on the loop's
// thread and never after the store is destroyed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/event/loop.hpp"
#include "lib/store/history/types.hpp"
#include "lib/store/journal/journal.hpp"
#include "lib/store/worker.hpp"
#include "lib/wire/state_messages.hpp"
#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {

// A batch is at most this large, and is never split over frames.
inline constexpr std::size_t kMaxBatchRecords = 65536;
inline constexpr std::size_t kMaxBatchValues = 65536;
// As a message has at most: of names of devices, or of all texts of states, summed over its records.
inline constexpr std::size_t kMaxBatchTextOctets = 8U << 20;
inline constexpr std::size_t kMaxStateTextOctets = 4096;
// More than this accepted and not yet durable, or this many questions under way: exhausted.
inline constexpr std::size_t kMaxPendingOctets = 64U << 20;
inline constexpr std::size_t kMaxQuestions = 64;

// What does not work at present and is tried again.
struct Failing {
    std::int64_t since_ns = 0;
    std::string text;
};

struct Settings {
    Duration flush_interval = std::chrono::seconds(10);  // 1 to 60 s; others are brought within
    std::uint64_t limit_octets = 0;                      // of all files; 0: no limit
    std::chrono::seconds retention{0};                   // of samples, logs, flows and jobs; 0: no limit
};

// What became of a batch. Sequences are 0 for a resend that was durable before.
struct Accepted {
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    bool duplicate = false;
};

class Store {
  public:
    using Appended = std::function<void(Result<Accepted>)>;
    template <typename Reply>
    using Answer = std::function<void(Result<Reply>)>;

    struct Observer {
        virtual ~Observer() = default;
        // Before they are durable. Never called for a resend.
        virtual void on_samples(std::uint64_t first_sequence,
                                const std::vector<wire::SampleRecord>& records) = 0;
        virtual void on_states(std::uint64_t first_sequence,
                               const std::vector<wire::StateRecord>& records) = 0;
        virtual void on_durable(StreamId stream, std::uint64_t sequence) = 0;
        // There is no room (the disk is full, or the limit of all files is reached): what is accepted waits,
        // and is written once there is. Told each time it is tried.
        virtual void on_no_room(const Error&) {}
        // Kept, and left out of ranges: its clock showed a time that cannot be, and nothing tells the right
        // one.
        virtual void on_impossible_stamp(const wire::SampleRecord&) {}
        // The store accepts nothing any more and must be opened again.
        virtual void on_failed(const Error& error) = 0;
        // Sealing, merging or thinning failed; nothing is lost and it is tried again.
        virtual void on_history_failed(const Error&) {}
        // Records cannot be folded into state.db; the journal has them and it is tried again.
        virtual void on_states_failed(const Error&) {}
        // state.db was damaged or not ours: it is made again, from what the journal still has.
        virtual void on_states_set_aside(const Error&) {}
        // A segment that the device could not read was renamed instead of unlinked.
        virtual void on_segment_set_aside(const std::string&) {}
        // There is no room in state.db for more facts of a device. Once a device.
        virtual void on_states_left_out(const std::string&) {}
    };

    virtual ~Store() = default;
    virtual void set_observer(Observer* observer) = 0;
    virtual void configure(const Settings& settings) = 0;
    // The devices that are asked: nothing of any other is missing.
    virtual void keep_only(const std::set<std::string, std::less<>>& devices) = 0;

    // The station's number of a series (Dictionary::define); records use these numbers.
    [[nodiscard]] virtual Result<std::uint32_t> define(const wire::SeriesDef& def) = 0;
    [[nodiscard]] virtual std::optional<wire::SeriesDef> series(std::uint32_t id) const = 0;
    // How many more can be defined until it is opened again.
    [[nodiscard]] virtual std::size_t series_left() const = 0;

    // `done` is called once the batch is durable; a resend of a durable batch is done at once; of the resends
    // of a batch that is not durable yet only the newest is called, beside the first sending. Fails with
    // malformed (nothing of the batch is kept), exhausted (try again later), io (the store failed). After
    // exhausted every later batch of the producer in this stream is exhausted too, until it goes back to that
    // one (or to the first of them that it still has): batches are kept in the order of their counters.
    virtual void append(const BatchId& batch, std::vector<wire::SampleRecord> records, Appended done) = 0;
    virtual void append(const BatchId& batch, std::vector<wire::StateRecord> records, Appended done) = 0;
    // Makes everything accepted before this call durable now, then calls `done` (also after a failure). What
    // is accepted while it waits does not delay it and may not be durable: it was not acknowledged either.
    virtual void flush(std::function<void()> done) = 0;

    // Seals what is durable into history now, whatever the time, then calls `done`.
    virtual void seal(std::function<void()> done) = 0;

    [[nodiscard]] virtual wire::Encoded<wire::LatestReply> latest(
        const wire::LatestRequest& request) const = 0;
    [[nodiscard]] virtual wire::DeviceStatesReply device_states(
        const wire::DeviceStatesRequest& request) const = 0;
    [[nodiscard]] virtual wire::StoreStatus status() const = 0;
    virtual void range(const wire::RangeRequest& request, Answer<wire::RangeReply> answer) = 0;
    virtual void events(const wire::EventsRequest& request, Answer<wire::EventsReply> answer) = 0;
    // The gap ledger, with the gaps in collection that are not over yet.
    virtual void ledger(const wire::LedgerRequest& request, Answer<wire::LedgerReply> answer) = 0;
    // What is and was so of devices, of what was durable when it was asked.
    virtual void search(const wire::SearchRequest& request, Answer<wire::FactsReply> answer) = 0;
    virtual void states(const wire::StatesRequest& request, Answer<wire::FactsReply> answer) = 0;
    virtual void state_history(const wire::StateHistoryRequest& request, Answer<wire::FactsReply> answer) = 0;
    virtual void replay(const wire::ReplayRequest& request, Answer<wire::ReplayReply> answer) = 0;
};

struct StoreParts {
    Loop& loop;
    FileSystem& files;
    Worker& flusher;  // writes, in order
    Worker& reader;   // answers questions, folds states
    Worker& keeper;   // seals and thins history
};

struct StoreOpened : Journal::Opened {
    std::vector<HistoryDamage> history;
    // Where few numbers of series were left: how many came back; or why none could, if that is so.
    std::size_t spare_numbers = 0;
    std::string numbers_kept;
};
// Opens the journal, history in the folder `history` and states in the folder `state` beside it, and rebuilds
// what is in memory; `opened` tells what was found. Blocks.
[[nodiscard]] Result<std::unique_ptr<Store>> open_journal_store(StoreParts parts, Journal::Options options,
                                                                StoreOpened& opened);

}  // namespace outstation::store
