// SPDX-License-Identifier: GPL-3.0-or-later
// The store on the file journal: accepts on the loop, writes on the flush worker, reads on the other.
#include <algorithm>
#include <map>

#include "lib/store/dictionary.hpp"
#include "lib/store/frame_writer.hpp"
#include "lib/store/intake.hpp"
#include "lib/store/queries.hpp"
#include "lib/store/range_query.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr Duration kTrimInterval = 60s;
constexpr Duration kMinFlush = 1s;
constexpr Duration kMaxFlush = 60s;

std::int64_t wall_ns(const Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

// What the workers use; they keep it alive while they do.
struct Shared {
    std::unique_ptr<Journal> journal;
    Dictionary dictionary;
    std::map<StreamId, std::unique_ptr<FrameWriter>> writers;
};

Result<void> check_text(const wire::StateRecord& record) {
    for (const std::string* text :
         {&record.device, &record.kind, &record.component, &record.value, &record.reason}) {
        if (text->size() > kMaxStateTextOctets)
            return fail(ErrorCode::malformed, "state with too long a text");
    }
    if (record.device.empty() || record.kind.empty())
        return fail(ErrorCode::malformed, "state without device or kind");
    return {};
}

class JournalStore : public Store {
  public:
    JournalStore(StoreParts parts, std::shared_ptr<Shared> shared, Recovered recovered)
        : parts_(parts),
          shared_(std::move(shared)),
          latest_(std::move(recovered.latest)),
          states_(std::move(recovered.states)) {
        for (const StreamId id : kStreams) {
            JournalStream& stream = shared_->journal->stream(id);
            intakes_.emplace(id, Intake(stream.next_sequence(), recovered.producers[id]));
            shared_->writers.emplace(id, std::make_unique<FrameWriter>(stream, shared_->dictionary,
                                                                       std::move(recovered.producers[id])));
        }
        arm_flush();
        arm_trim();
    }
    ~JournalStore() override { *alive_ = false; }

    void set_observer(Observer* observer) override { observer_ = observer; }
    void configure(const Settings& settings) override {
        settings_ = settings;
        settings_.flush_interval = std::clamp<Duration>(settings.flush_interval, kMinFlush, kMaxFlush);
        configured_ = true;
        arm_flush();
        trim();
    }

    Result<std::uint32_t> define(const wire::SeriesDef& def) override {
        return shared_->dictionary.define(def);
    }
    std::optional<wire::SeriesDef> series(std::uint32_t id) const override {
        return shared_->dictionary.find(id);
    }

    void append(const BatchId& batch, std::vector<wire::SampleRecord> records, Appended done) override {
        accept(StreamId::samples, batch, std::move(records), std::move(done));
    }
    void append(const BatchId& batch, std::vector<wire::StateRecord> records, Appended done) override {
        accept(StreamId::state, batch, std::move(records), std::move(done));
    }
    void flush(std::function<void()> done) override {
        Flush& flush = flushes_.emplace_back(Flush{{}, std::move(done)});
        for (const auto& [id, intake] : intakes_) flush.until.emplace(id, intake.next_sequence());
        flush_all();
        tell_flushed();
    }

    wire::LatestReply latest(const wire::LatestRequest& request) const override {
        return latest_.answer(request, shared_->dictionary);
    }
    wire::DeviceStatesReply device_states(const wire::DeviceStatesRequest& request) const override {
        return states_.answer(request);
    }
    wire::StoreStatus status() const override;

    void range(const wire::RangeRequest& request, Answer<wire::RangeReply> answer) override {
        ask<wire::RangeReply>(std::move(answer), [request](Shared& shared) {
            return find_range(shared.journal->stream(StreamId::samples).view(), shared.dictionary, request);
        });
    }
    void events(const wire::EventsRequest& request, Answer<wire::EventsReply> answer) override {
        ask<wire::EventsReply>(std::move(answer), [request](Shared& shared) {
            return find_events(shared.journal->stream(StreamId::state).view(), request);
        });
    }
    void replay(const wire::ReplayRequest& request, Answer<wire::ReplayReply> answer) override {
        ask<wire::ReplayReply>(std::move(answer), [request](Shared& shared) -> Result<wire::ReplayReply> {
            if (!stream_from(static_cast<std::uint64_t>(request.stream)))
                return fail(ErrorCode::not_found, "no such stream");
            return store::replay(shared.journal->stream(request.stream).view(), request);
        });
    }

  private:
    // Somebody waits for what was accepted when he asked; what came later is not waited for.
    struct Flush {
        std::map<StreamId, std::uint64_t> until;  // durable before these sequences
        std::function<void()> done;
    };
    template <typename Record>
    void accept(StreamId id, const BatchId& batch, std::vector<Record> records, Appended done);
    template <typename Record>
    [[nodiscard]] Result<void> check(const std::vector<Record>& records) const;
    [[nodiscard]] Result<void> check_record(const wire::SampleRecord& record, std::size_t& values) const;
    [[nodiscard]] Result<void> check_record(const wire::StateRecord& record, std::size_t&) const {
        return check_text(record);
    }
    [[nodiscard]] Result<void> check_column(const std::vector<std::uint32_t>& column, SeriesKind kind) const;
    void remember(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records);
    void remember(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records);

    void pump(StreamId id, Intake& intake);
    void on_written(StreamId id, const Result<void>& result);
    void flush_all();
    void tell_flushed();
    [[nodiscard]] bool is_done(const Flush& flush) const;
    void fail_all(const Error& error);
    void arm_flush();
    void arm_trim();
    void trim();

    // Runs `question` on the reader and brings its answer back to the loop.
    template <typename Reply, typename Question>
    void ask(Answer<Reply> answer, Question question);

    StoreParts parts_;
    std::shared_ptr<Shared> shared_;
    Observer* observer_ = nullptr;
    Settings settings_;
    bool configured_ = false;
    std::map<StreamId, Intake> intakes_;
    std::map<StreamId, std::uint64_t> flush_to_;  // write frames that begin before this sequence
    LatestTable latest_;
    DeviceStates states_;
    std::optional<Error> failed_;
    std::vector<Flush> flushes_;
    std::size_t questions_ = 0;
    bool trimming_ = false;
    std::uint64_t values_accepted_ = 0;
    std::uint64_t duplicates_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer flush_timer_;
    Timer trim_timer_;
};

Result<void> JournalStore::check_column(const std::vector<std::uint32_t>& column, SeriesKind kind) const {
    for (const std::uint32_t id : column) {
        if (shared_->dictionary.kind_of(id) != kind)
            return fail(ErrorCode::malformed, "value of an undefined series or in the wrong column");
    }
    return {};
}

Result<void> JournalStore::check_record(const wire::SampleRecord& record, std::size_t& values) const {
    if (!record.valid() || record.device.empty() || record.device.size() > kMaxStateTextOctets)
        return fail(ErrorCode::malformed, "sample record without device or with columns of different length");
    values += record.size();
    if (const auto ok = check_column(record.counter_series, SeriesKind::counter); !ok) return ok;
    return check_column(record.gauge_series, SeriesKind::gauge);
}

template <typename Record>
Result<void> JournalStore::check(const std::vector<Record>& records) const {
    if (records.empty() || records.size() > kMaxBatchRecords)
        return fail(ErrorCode::malformed,
                    "a batch has 1 to " + std::to_string(kMaxBatchRecords) + " records");
    std::size_t values = 0;
    for (const Record& record : records) {
        if (record.stamp.boot_id.size() > 16) return fail(ErrorCode::malformed, "boot id is too long");
        if (const auto ok = check_record(record, values); !ok) return ok;
    }
    if (values > kMaxBatchValues) return fail(ErrorCode::malformed, "too many values in a batch");
    return {};
}

template <typename Record>
void JournalStore::accept(StreamId id, const BatchId& batch, std::vector<Record> records, Appended done) {
    if (failed_) return done(fail(*failed_));
    Intake& intake = intakes_.at(id);
    if (intake.answer_resend(batch, done)) {
        ++duplicates_;
        return;
    }
    if (const auto ok = check(records); !ok) return done(fail(ok.error()));
    if (intake.out_of_turn(batch) || intake.pending_octets() > kMaxPendingOctets) {
        intake.turn_away(batch);
        return done(fail(ErrorCode::exhausted, "too much waits to be written"));
    }
    remember(intake.next_sequence(), records);
    intake.add(batch, std::move(records), parts_.loop.now(), std::move(done));
    pump(id, intake);
}

void JournalStore::remember(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) {
    for (const auto& record : records) {
        latest_.add(record);
        values_accepted_ += record.size();
    }
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
    auto body = std::make_shared<wire::FrameBody>(intake.take_front());
    parts_.flusher.submit([this, id, body, shared = shared_, alive = alive_, &loop = parts_.loop,
                           now_ns = wall_ns(parts_.loop)] {
        const auto result = shared->writers.at(id)->write(std::move(*body), now_ns);
        loop.post([this, id, result, alive] {
            if (*alive) on_written(id, result);
        });
    });
}

void JournalStore::on_written(StreamId id, const Result<void>& result) {
    if (failed_) return;
    if (!result) return fail_all(result.error());
    Intake& intake = intakes_.at(id);
    const PendingFrame frame = intake.finished();
    for (const auto& waiting : frame.waiting) waiting.done(waiting.accepted);
    if (observer_ != nullptr) observer_->on_durable(id, frame.end_sequence - 1);
    pump(id, intake);
    tell_flushed();
}

void JournalStore::flush_all() {
    for (auto& [id, intake] : intakes_) {
        flush_to_[id] = intake.next_sequence();
        pump(id, intake);
    }
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
    if (observer_ != nullptr) observer_->on_failed(error);
    tell_flushed();
}

void JournalStore::arm_flush() {
    flush_timer_ = parts_.loop.after(settings_.flush_interval, [this] {
        flush_all();
        arm_flush();
    });
}

void JournalStore::arm_trim() {
    trim_timer_ = parts_.loop.after(kTrimInterval, [this] {
        trim();
        arm_trim();
    });
}

// `state` carries what never changed since, and `audit` is kept by law: they go by size only, last.
void JournalStore::trim() {
    if (!configured_ || trimming_ || failed_) return;
    trimming_ = true;
    std::map<StreamId, Limits> limits;
    for (const StreamId id : {StreamId::samples, StreamId::logs, StreamId::flows, StreamId::jobs})
        limits[id].age = settings_.retention;
    parts_.flusher.submit([this, limits, total = settings_.limit_octets, shared = shared_, alive = alive_,
                           &loop = parts_.loop, now_ns = wall_ns(parts_.loop)] {
        const auto result = shared->journal->trim(limits, total, now_ns);
        loop.post([this, result, alive] {
            if (!*alive) return;
            trimming_ = false;
            if (!result && !failed_) fail_all(result.error());
        });
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

wire::StoreStatus JournalStore::status() const {
    wire::StoreStatus out;
    MonoTime oldest = parts_.loop.now();
    for (const auto& [id, intake] : intakes_) {
        const JournalStream& stream = shared_->journal->stream(id);
        const JournalView view = stream.view();
        wire::StreamStatus& row = out.streams.emplace_back();
        row.stream = id;
        row.first_sequence = view.first_sequence();
        row.last_sequence = intake.next_sequence() - 1;
        row.durable_sequence = intake.durable_end() - 1;
        row.bytes = stream.octets();
        row.segments = static_cast<std::uint32_t>(stream.segments());
        row.oldest_ns = view.parts().empty() ? 0 : view.parts().front().segment.t0_ns;
        out.bytes += row.bytes;
        if (!intake.empty()) oldest = std::min(oldest, intake.front().since);
    }
    out.limit_bytes = settings_.limit_octets;
    out.flush_interval_ms =
        static_cast<std::uint64_t>(settings_.flush_interval / std::chrono::milliseconds(1));
    out.series = static_cast<std::uint32_t>(shared_->dictionary.size());
    out.samples_accepted = values_accepted_;
    out.duplicates = duplicates_;
    out.durable_lag_ns = (parts_.loop.now() - oldest).count();
    out.newest_sample_ns = latest_.newest_ns();
    const Identity& identity = shared_->journal->identity();
    out.station_id.assign(identity.station.data(), identity.station.size());
    out.epoch = identity.epoch;
    return out;
}

}  // namespace

Result<std::unique_ptr<Store>> open_journal_store(StoreParts parts, Journal::Options options,
                                                  Journal::Opened& opened) {
    options.now_ns = wall_ns(parts.loop);
    auto journal = Journal::open(parts.files, std::move(options), opened);
    if (!journal) return fail(journal.error());
    auto shared = std::make_shared<Shared>();
    shared->journal = std::move(*journal);
    Recovered recovered;
    for (const StreamId id : kStreams)
        recover_stream(id, shared->journal->stream(id).view(), shared->dictionary, recovered);
    opened.damage.insert(opened.damage.end(), recovered.damage.begin(), recovered.damage.end());
    return std::make_unique<JournalStore>(parts, std::move(shared), std::move(recovered));
}

}  // namespace outstation::store
