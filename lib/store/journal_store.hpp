// SPDX-License-Identifier: GPL-3.0-or-later
// The store on the file journal: accepts on the loop, writes on the flush worker, reads on the other.
#pragma once

#include <map>

#include "lib/store/archive_keeper.hpp"
#include "lib/store/frame_writer.hpp"
#include "lib/store/intake.hpp"
#include "lib/store/recover.hpp"
#include "lib/store/retention.hpp"
#include "lib/store/state_keeper.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {

class JournalStore : public Store {
  public:
    // What the workers use; they keep it alive while they do.
    struct Shared {
        std::shared_ptr<Journal> journal;
        std::shared_ptr<SampleArchive> archive;
        std::shared_ptr<FoldedStates> states;
        Dictionary dictionary;
        std::map<StreamId, std::unique_ptr<FrameWriter>> writers;
    };

    JournalStore(StoreParts parts, std::shared_ptr<Shared> shared, Recovered recovered);
    ~JournalStore() override { *alive_ = false; }

    void set_observer(Observer* observer) override { observer_ = observer; }
    void configure(const Settings& settings) override;
    void keep_only(const std::set<std::string, std::less<>>& devices) override {
        collection_.keep_only(devices);
        states_.keep_only(devices);
        state_keeper_.keep_only(devices);
    }

    Result<std::uint32_t> define(const wire::SeriesDef& def) override {
        return shared_->dictionary.define(def);
    }
    std::optional<wire::SeriesDef> series(std::uint32_t id) const override {
        return shared_->dictionary.find(id);
    }
    std::size_t series_left() const override { return shared_->dictionary.numbers_left(); }

    void append(const BatchId& batch, std::vector<wire::SampleRecord> records, Appended done) override;
    void append(const BatchId& batch, std::vector<wire::StateRecord> records, Appended done) override;
    void flush(std::function<void()> done) override;
    void seal(std::function<void()> done) override { keeper_.make_room(std::move(done)); }

    wire::Encoded<wire::LatestReply> latest(const wire::LatestRequest& request) const override {
        return latest_.answer(request, shared_->dictionary);
    }
    wire::DeviceStatesReply device_states(const wire::DeviceStatesRequest& request) const override {
        return states_.answer(request);
    }
    wire::StoreStatus status() const override;

    void range(const wire::RangeRequest& request, Answer<wire::RangeReply> answer) override;
    void events(const wire::EventsRequest& request, Answer<wire::EventsReply> answer) override;
    void ledger(const wire::LedgerRequest& request, Answer<wire::LedgerReply> answer) override;
    void search(const wire::SearchRequest& request, Answer<wire::FactsReply> answer) override;
    void states(const wire::StatesRequest& request, Answer<wire::FactsReply> answer) override;
    void state_history(const wire::StateHistoryRequest& request, Answer<wire::FactsReply> answer) override;
    void replay(const wire::ReplayRequest& request, Answer<wire::ReplayReply> answer) override;

  private:
    // Somebody waits for what was accepted when he asked; what came later is not waited for.
    struct Flush {
        std::map<StreamId, std::uint64_t> until;  // durable before these sequences
        std::function<void()> done;
    };
    template <typename Record>
    void accept(StreamId id, const BatchId& batch, std::vector<Record> records, Appended done);
    void remember(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records);
    void remember(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records);
    void remember(std::uint64_t, const std::vector<wire::LedgerRecord>&) {}
    void enter(std::vector<wire::LedgerRecord> entries, std::function<void(bool durable)> done);
    void enter_gaps(const std::vector<CollectionWatch::Gap>& gaps, const wire::WireStamp& stamp);
    void enter_waiting_gaps();

    void pump(StreamId id, Intake& intake);
    void write(StreamId id, const std::shared_ptr<wire::FrameBody>& body);
    void on_written(StreamId id, const std::shared_ptr<wire::FrameBody>& body, const Result<void>& result);
    void wait_for_room(StreamId id, const std::shared_ptr<wire::FrameBody>& body, const Error& error);
    void flush_all();
    void flush_one(StreamId id);
    void tell_flushed();
    [[nodiscard]] bool is_done(const Flush& flush) const;
    void fail_all(const Error& error);
    void arm_flush();

    // Runs `question` on the reader and brings its answer back to the loop.
    template <typename Reply, typename Question>
    void ask(Answer<Reply> answer, Question question);
    template <typename Question>
    void ask_states(Answer<wire::FactsReply> answer, Question question);

    StoreParts parts_;
    std::shared_ptr<Shared> shared_;
    Observer* observer_ = nullptr;
    Settings settings_;
    std::map<StreamId, Intake> intakes_;
    std::map<StreamId, std::uint64_t> flush_to_;  // write frames that begin before this sequence
    LatestTable latest_;
    DeviceStates states_;
    CollectionWatch collection_;
    std::uint64_t ledger_start_ = 0;  // incarnation of our own batches, and their counter
    std::uint64_t ledger_counter_ = 0;
    std::shared_ptr<Room> room_;
    Retention retention_;
    ArchiveKeeper keeper_;
    StateKeeper state_keeper_;
    std::optional<Error> failed_;
    std::vector<Flush> flushes_;
    std::size_t questions_ = 0;
    std::uint64_t values_accepted_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t impossible_stamps_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer flush_timer_;
    std::map<StreamId, Timer> waits_;               // for room
    std::vector<wire::LedgerRecord> waiting_gaps_;  // that the ledger did not take yet; at most a batch
    Timer gaps_timer_;
    std::optional<Failing> no_room_;
};

}  // namespace outstation::store
