// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a batch: accepted, written, told; and the questions that go to the reader.
#include "lib/store/journal_store.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lib/store/check_batch.hpp"
#include "lib/store/losses.hpp"
#include "lib/store/queries.hpp"
#include "lib/store/range_query.hpp"
#include "lib/store/store_status.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr Duration kMinFlush = 1s;
constexpr Duration kMaxFlush = 60s;
constexpr Duration kTryForRoom = 1s;
constexpr std::uint64_t kStatesPart = 8;  // state.db gets this part of the limit
constexpr std::uint64_t kLeastStatesOctets = 1U << 20;

std::int64_t wall_ns(const Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

constexpr const char* kLedgerProducer = "stored";

// A number that no other start of the store has had.
std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) std::abort();
    return number;
}

}  // namespace

JournalStore::JournalStore(StoreParts parts, std::shared_ptr<Shared> shared, Recovered recovered)
    : parts_(parts),
      shared_(std::move(shared)),
      latest_(std::move(recovered.latest)),
      states_(std::move(recovered.states)),
      collection_(std::move(recovered.collection)),
      ledger_start_(random_number()),
      room_(std::make_shared<Room>(shared_->journal, shared_->archive, shared_->states)),
      retention_({parts_.loop, parts_.flusher, shared_->journal,
                  [this](auto entries, auto done) { enter(std::move(entries), std::move(done)); },
                  [this](const Error& error) { fail_all(error); }, room_,
                  [states = shared_->states] { return states->let_go_to(); },
                  [this](const std::string& path) {
                      if (observer_ != nullptr) observer_->on_segment_set_aside(path);
                  }}),
      keeper_({parts_.loop, parts_.keeper, parts_.flusher, shared_->journal, shared_->archive,
               std::shared_ptr<const Dictionary>(shared_, &shared_->dictionary), room_,
               [this](auto entries, auto done) { enter(std::move(entries), std::move(done)); },
               [this](const Error& error) { fail_all(error); },
               [this](const Error& error) {
                   if (observer_ != nullptr) observer_->on_history_failed(error);
               }}),
      state_keeper_({parts_.loop, parts_.reader, shared_->states,
                     [this](const Error& error) {
                         if (observer_ != nullptr) observer_->on_states_failed(error);
                     },
                     [this](const Error& error) {
                         if (observer_ != nullptr) observer_->on_states_set_aside(error);
                     },
                     [this](const std::string& device) {
                         if (observer_ != nullptr) observer_->on_states_left_out(device);
                     },
                     [this] { parts_.flusher.submit([room = room_] { room->tell_journal(); }); }}) {
    for (const StreamId id : kStreams) {
        JournalStream& stream = shared_->journal->stream(id);
        intakes_.emplace(id, Intake(stream.next_sequence(), recovered.producers[id]));
        shared_->writers.emplace(id, std::make_unique<FrameWriter>(stream, shared_->dictionary,
                                                                   std::move(recovered.producers[id])));
    }
    arm_flush();
    if (auto losses = losses_of(recovered); !losses.empty()) enter(std::move(losses), {});
}

void JournalStore::configure(const Settings& settings) {
    const Duration flush_interval = settings_.flush_interval;
    settings_ = settings;
    const std::uint64_t limit = settings.limit_octets;
    shared_->states->set_limit(limit == 0 ? 0 : std::max(limit / kStatesPart, kLeastStatesOctets));
    settings_.flush_interval = std::clamp<Duration>(settings.flush_interval, kMinFlush, kMaxFlush);
    if (settings_.flush_interval != flush_interval) arm_flush();  // else the next flush is on its way
    room_->set_limit(settings_.limit_octets);
    retention_.configure(settings_);
    keeper_.configure(settings_);
}

void JournalStore::flush(std::function<void()> done) {
    Flush& flush = flushes_.emplace_back(Flush{{}, std::move(done)});
    for (const auto& [id, intake] : intakes_) flush.until.emplace(id, intake.next_sequence());
    flush_all();
    tell_flushed();
}

template <typename Record>
void JournalStore::accept(StreamId id, const BatchId& batch, std::vector<Record> records, Appended done) {
    if (failed_) return done(fail(*failed_));
    Intake& intake = intakes_.at(id);
    if (intake.answer_resend(batch, done)) {
        ++duplicates_;
        return;
    }
    if (const auto ok = check_batch(records, shared_->dictionary); !ok) return done(fail(ok.error()));
    if (intake.out_of_turn(batch) || intake.pending_octets() > kMaxPendingOctets) {
        intake.turn_away(batch);
        return done(fail(ErrorCode::exhausted, "too much waits to be written"));
    }
    remember(intake.next_sequence(), records);
    intake.add(batch, std::move(records), parts_.loop.now(), std::move(done));
    pump(id, intake);
}

void JournalStore::append(const BatchId& batch, std::vector<wire::SampleRecord> records, Appended done) {
    accept(StreamId::samples, batch, std::move(records), std::move(done));
}

// What an alarm was raised by is durable with it: the samples that were accepted before.
void JournalStore::append(const BatchId& batch, std::vector<wire::StateRecord> records, Appended done) {
    const bool alarms = std::any_of(records.begin(), records.end(),
                                    [](const wire::StateRecord& record) { return record.alarm.has_value(); });
    if (alarms) flush_one(StreamId::samples);
    accept(StreamId::state, batch, std::move(records), std::move(done));
}

void JournalStore::remember(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) {
    std::vector<CollectionWatch::Gap> gaps;
    for (const auto& record : records) {
        shared_->archive->clocks().learn(record.stamp);
        const RepairedStamp stamp = shared_->archive->clocks().repair(record.stamp);
        if (stamp.verdict == StampVerdict::impossible) {
            ++impossible_stamps_;
            if (observer_ != nullptr) observer_->on_impossible_stamp(record);
        }
        latest_.add(record, stamp);
        values_accepted_ += record.size();
        // A device that is down still has records of polld's own (`up` is 0): they are no collection.
        if (states_.is_down(record.device, record.stamp.wall_ns)) continue;
        if (auto gap = collection_.see(record)) gaps.push_back(std::move(*gap));
    }
    if (!gaps.empty()) enter_gaps(gaps, records.back().stamp);
    if (observer_ != nullptr) observer_->on_samples(first_sequence, records);
}

void JournalStore::remember(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) {
    for (const auto& record : records) states_.add(record);
    if (observer_ != nullptr) observer_->on_states(first_sequence, records);
}

void JournalStore::pump(StreamId id, Intake& intake) {
    if (failed_ || intake.writing() || intake.empty()) return;
    const bool due =
        flushed_at_once(id) || intake.front_is_full() || intake.front().first_sequence < flush_to_[id];
    if (!due) return;
    write(id, std::make_shared<wire::FrameBody>(intake.take_front()));
}

void JournalStore::write(StreamId id, const std::shared_ptr<wire::FrameBody>& body) {
    parts_.flusher.submit([this, id, body, shared = shared_, alive = alive_, &loop = parts_.loop,
                           now_ns = wall_ns(parts_.loop)] {
        const std::uint64_t first = shared->journal->stream(id).next_sequence();
        const auto result = shared->writers.at(id)->write(*body, now_ns);
        if (result) shared->archive->add(first, *body);
        loop.post([this, id, body, result, alive] {
            if (*alive) on_written(id, body, result);
        });
    });
}

// A full disk is no failure: nothing was written, nobody was told, and retention may make room.
void JournalStore::wait_for_room(StreamId id, const std::shared_ptr<wire::FrameBody>& body,
                                 const Error& error) {
    no_room_ = Failing{no_room_ ? no_room_->since_ns : wall_ns(parts_.loop), error.text};
    if (observer_ != nullptr) observer_->on_no_room(error);
    parts_.flusher.submit([journal = shared_->journal] { journal->set_aside().drop(); });
    keeper_.make_room([this] { retention_.run(); });
    waits_[id] = parts_.loop.after(kTryForRoom, [this, id, body] { write(id, body); });
}

void JournalStore::on_written(StreamId id, const std::shared_ptr<wire::FrameBody>& body,
                              const Result<void>& result) {
    if (failed_) return;
    if (!result && result.error().code == ErrorCode::exhausted)
        return wait_for_room(id, body, result.error());
    if (!result) return fail_all(result.error());
    waits_.erase(id);
    if (waits_.empty()) no_room_.reset();
    Intake& intake = intakes_.at(id);
    const PendingFrame frame = intake.finished();
    for (const auto& waiting : frame.waiting) {
        waiting.done(waiting.accepted);
        Accepted again = waiting.accepted;
        again.duplicate = true;
        if (waiting.resent) waiting.resent(again);
    }
    if (observer_ != nullptr) observer_->on_durable(id, frame.end_sequence - 1);
    if (id == StreamId::state) state_keeper_.wake();
    pump(id, intake);
    tell_flushed();
}

void JournalStore::flush_all() {
    for (const auto& [id, intake] : intakes_) flush_one(id);
}

void JournalStore::flush_one(StreamId id) {
    Intake& intake = intakes_.at(id);
    flush_to_[id] = intake.next_sequence();
    pump(id, intake);
}

bool JournalStore::is_done(const Flush& flush) const {
    return failed_ || std::all_of(intakes_.begin(), intakes_.end(), [&flush](const auto& entry) {
               return entry.second.durable_end() >= flush.until.at(entry.first);
           });
}

void JournalStore::tell_flushed() {
    for (const Flush& flush : flushes_) {
        if (is_done(flush)) parts_.loop.post(flush.done);
    }
    std::erase_if(flushes_, [this](const Flush& flush) { return is_done(flush); });
}

// What was accepted may or may not be on the device: nobody is told that it is.
void JournalStore::fail_all(const Error& error) {
    failed_ = error;
    retention_.stop();
    keeper_.stop();
    waits_.clear();
    if (observer_ != nullptr) observer_->on_failed(error);
    tell_flushed();
}

void JournalStore::arm_flush() {
    flush_timer_ = parts_.loop.after(settings_.flush_interval, [this] {
        flush_all();
        arm_flush();
    });
}

// Our own batches are numbered like a producer's, so that a receiver recognises them as it does the others.
void JournalStore::enter(std::vector<wire::LedgerRecord> entries, std::function<void(bool durable)> done) {
    for (wire::LedgerRecord& entry : entries) {
        if (entry.stamp.wall_ns == 0) entry.stamp.wall_ns = wall_ns(parts_.loop);
    }
    accept(StreamId::ledger, {kLedgerProducer, ledger_start_, ++ledger_counter_}, std::move(entries),
           [this, done = std::move(done)](const Result<Accepted>& result) {
               // A batch that was turned away keeps its number for the next one.
               if (!result && result.error().code == ErrorCode::exhausted) --ledger_counter_;
               if (done) done(result.has_value());
           });
}

void JournalStore::enter_gaps(const std::vector<CollectionWatch::Gap>& gaps, const wire::WireStamp& stamp) {
    for (const CollectionWatch::Gap& gap : gaps) {
        if (waiting_gaps_.size() == kMaxBatchRecords) break;
        waiting_gaps_.push_back(loss_of(gap, states_));
        waiting_gaps_.back().stamp = stamp;
    }
    enter_waiting_gaps();
}

// Turned away because too much waits to be written, they are offered again.
void JournalStore::enter_waiting_gaps() {
    if (waiting_gaps_.empty()) return;
    auto entries = std::exchange(waiting_gaps_, {});
    enter(entries, [this, entries](bool durable) {
        if (durable || failed_) return;
        waiting_gaps_ = entries;
        gaps_timer_ = parts_.loop.after(kTryForRoom, [this] { enter_waiting_gaps(); });
    });
}

template <typename Reply, typename Question>
void JournalStore::ask(Answer<Reply> answer, Question question) {
    if (questions_ >= kMaxQuestions)
        return answer(fail(ErrorCode::exhausted, "too many questions are under way"));
    ++questions_;
    parts_.reader.submit([this, answer = std::move(answer), question = std::move(question), shared = shared_,
                          alive = alive_, &loop = parts_.loop] {
        auto reply = std::make_shared<Result<Reply>>(question(*shared));
        loop.post([this, answer, reply, alive] {
            if (!*alive) return;
            --questions_;
            answer(std::move(*reply));
        });
    });
}

void JournalStore::range(const wire::RangeRequest& request, Answer<wire::RangeReply> answer) {
    ask<wire::RangeReply>(std::move(answer), [request](Shared& shared) {
        return find_range(*shared.archive, shared.dictionary, request);
    });
}

void JournalStore::events(const wire::EventsRequest& request, Answer<wire::EventsReply> answer) {
    ask<wire::EventsReply>(std::move(answer), [request](Shared& shared) {
        return find_events(shared.journal->stream(StreamId::state).view(), request);
    });
}

// What a question finds to be folded, or damaged, is seen to at once.
template <typename Question>
void JournalStore::ask_states(Answer<wire::FactsReply> answer, Question question) {
    ask<wire::FactsReply>(
        [this, answer = std::move(answer)](Result<wire::FactsReply> reply) {
            if (!reply || reply->behind) state_keeper_.wake();
            answer(std::move(reply));
        },
        [question = std::move(question)](Shared& shared) { return question(*shared.states); });
}

void JournalStore::search(const wire::SearchRequest& request, Answer<wire::FactsReply> answer) {
    ask_states(std::move(answer), [request](FoldedStates& states) { return states.search(request); });
}

void JournalStore::states(const wire::StatesRequest& request, Answer<wire::FactsReply> answer) {
    ask_states(std::move(answer), [request](FoldedStates& states) { return states.states(request); });
}

void JournalStore::state_history(const wire::StateHistoryRequest& request, Answer<wire::FactsReply> answer) {
    ask_states(std::move(answer), [request](FoldedStates& states) { return states.history(request); });
}

void JournalStore::replay(const wire::ReplayRequest& request, Answer<wire::ReplayReply> answer) {
    ask<wire::ReplayReply>(std::move(answer), [request](Shared& shared) -> Result<wire::ReplayReply> {
        if (!stream_from(static_cast<std::uint64_t>(request.stream)))
            return fail(ErrorCode::not_found, "no such stream");
        return store::replay(*shared.archive, shared.journal->stream(request.stream), request);
    });
}

void JournalStore::ledger(const wire::LedgerRequest& request, Answer<wire::LedgerReply> answer) {
    std::vector<wire::StoredLedger> open;
    if (request.before_sequence == 0) {
        for (const auto& gap : collection_.open(wall_ns(parts_.loop))) {
            const bool wanted = (request.device.empty() || request.device == gap.device) &&
                                (request.to_ns == 0 || gap.from_ns < request.to_ns) &&
                                open.size() < kMaxEvents;
            if (wanted) open.push_back({0, loss_of(gap, states_)});
        }
    }
    ask<wire::LedgerReply>(std::move(answer), [request, open](Shared& shared) {
        auto reply = find_ledger(shared.journal->stream(StreamId::ledger).view(), request);
        if (reply) reply->entries.insert(reply->entries.begin(), open.begin(), open.end());
        return reply;
    });
}

wire::StoreStatus JournalStore::status() const {
    wire::StoreStatus out;
    MonoTime oldest = parts_.loop.now();
    const SetAside& set_aside = shared_->journal->set_aside();
    out.set_aside_segments = static_cast<std::uint32_t>(set_aside.files());
    out.set_aside_bytes = set_aside.octets();
    for (const auto& [id, intake] : intakes_) {
        const JournalStream& stream = shared_->journal->stream(id);
        const JournalView view = stream.view();
        wire::StreamStatus& row = out.streams.emplace_back();
        row.stream = id;
        row.first_sequence = view.first_sequence();
        row.last_sequence = intake.next_sequence() - 1;
        row.durable_sequence = intake.durable_end() - 1;
        row.bytes = stream.octets() + (id == StreamId::samples ? set_aside.octets() : 0);
        row.segments = static_cast<std::uint32_t>(stream.segments());
        row.oldest_ns = view.parts().empty() ? 0 : view.parts().front().segment.t0_ns;
        if (!intake.empty()) oldest = std::min(oldest, intake.front().since);
    }
    add_history(out, shared_->archive->history().files(), shared_->journal->epochs());
    out.state_bytes = shared_->states->octets();
    out.bytes = shared_->journal->octets() + shared_->journal->other_octets() + shared_->archive->octets() +
                out.state_bytes;
    out.limit_bytes = settings_.limit_octets;
    out.flush_interval_ms =
        static_cast<std::uint64_t>(settings_.flush_interval / std::chrono::milliseconds(1));
    out.series = static_cast<std::uint32_t>(shared_->dictionary.size());
    out.samples_accepted = values_accepted_;
    out.duplicates = duplicates_;
    out.impossible_stamps = impossible_stamps_;
    for (const auto* failing :
         {&no_room_, &keeper_.failing(), &state_keeper_.failing(), &retention_.failing()}) {
        if (!*failing) continue;
        out.failing_since_ns = (*failing)->since_ns;
        out.failing = (*failing)->text;
        break;
    }
    out.held_back = keeper_.held_back();
    out.durable_lag_ns = (parts_.loop.now() - oldest).count();
    out.newest_sample_ns = latest_.newest_ns();
    const Identity& identity = shared_->journal->identity();
    out.station_id.assign(identity.station.data(), identity.station.size());
    out.epoch = identity.epoch;
    return out;
}

}  // namespace outstation::store
