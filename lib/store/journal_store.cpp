// SPDX-License-Identifier: GPL-3.0-or-later
// The store on the file journal: accepts on the loop, writes on the flush worker, reads on the other.
#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "lib/store/archive_keeper.hpp"
#include "lib/store/frame_writer.hpp"
#include "lib/store/intake.hpp"
#include "lib/store/queries.hpp"
#include "lib/store/range_query.hpp"
#include "lib/store/recover.hpp"
#include "lib/store/retention.hpp"
#include "lib/store/store.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr Duration kMinFlush = 1s;
constexpr Duration kMaxFlush = 60s;
constexpr Duration kTryForRoom = 1s;

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

// What the workers use; they keep it alive while they do.
struct Shared {
    std::shared_ptr<Journal> journal;
    std::shared_ptr<SampleArchive> archive;
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
          states_(std::move(recovered.states)),
          collection_(std::move(recovered.collection)),
          ledger_start_(random_number()),
          retention_({parts_.loop, parts_.flusher, shared_->journal,
                      [this](auto entries, auto done) { enter(std::move(entries), std::move(done)); },
                      [this](const Error& error) { fail_all(error); },
                      [archive = shared_->archive] { return archive->history().octets(); }}),
          keeper_({parts_.loop, parts_.keeper, parts_.flusher, shared_->journal, shared_->archive,
                   std::shared_ptr<const Dictionary>(shared_, &shared_->dictionary),
                   [this](auto entries, auto done) { enter(std::move(entries), std::move(done)); },
                   [this](const Error& error) { fail_all(error); },
                   [this](const Error& error) {
                       if (observer_ != nullptr) observer_->on_history_failed(error);
                   }}) {
        for (const StreamId id : kStreams) {
            JournalStream& stream = shared_->journal->stream(id);
            intakes_.emplace(id, Intake(stream.next_sequence(), recovered.producers[id]));
            shared_->writers.emplace(id, std::make_unique<FrameWriter>(stream, shared_->dictionary,
                                                                       std::move(recovered.producers[id])));
        }
        arm_flush();
        enter_damage(recovered);
    }
    ~JournalStore() override { *alive_ = false; }

    void set_observer(Observer* observer) override { observer_ = observer; }
    void configure(const Settings& settings) override {
        settings_ = settings;
        settings_.flush_interval = std::clamp<Duration>(settings.flush_interval, kMinFlush, kMaxFlush);
        arm_flush();
        retention_.configure(settings_);
        keeper_.configure(settings_);
    }

    void keep_only(const std::set<std::string, std::less<>>& devices) override {
        collection_.keep_only(devices);
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

    void seal(std::function<void()> done) override { keeper_.make_room(std::move(done)); }

    wire::LatestReply latest(const wire::LatestRequest& request) const override {
        return latest_.answer(request, shared_->dictionary);
    }
    wire::DeviceStatesReply device_states(const wire::DeviceStatesRequest& request) const override {
        return states_.answer(request);
    }
    wire::StoreStatus status() const override;

    void range(const wire::RangeRequest& request, Answer<wire::RangeReply> answer) override {
        ask<wire::RangeReply>(std::move(answer), [request](Shared& shared) {
            return find_range(*shared.archive, shared.dictionary, request);
        });
    }
    void events(const wire::EventsRequest& request, Answer<wire::EventsReply> answer) override {
        ask<wire::EventsReply>(std::move(answer), [request](Shared& shared) {
            return find_events(shared.journal->stream(StreamId::state).view(), request);
        });
    }
    void ledger(const wire::LedgerRequest& request, Answer<wire::LedgerReply> answer) override;
    void replay(const wire::ReplayRequest& request, Answer<wire::ReplayReply> answer) override {
        ask<wire::ReplayReply>(std::move(answer), [request](Shared& shared) -> Result<wire::ReplayReply> {
            if (!stream_from(static_cast<std::uint64_t>(request.stream)))
                return fail(ErrorCode::not_found, "no such stream");
            if (request.stream == StreamId::samples)
                return replay_samples(*shared.archive, shared.journal->stream(request.stream).view(),
                                      request);
            return store::replay(shared.journal->stream(request.stream).view(), request);
        });
    }

  private:
    struct BatchSize {
        std::size_t values = 0;
        std::size_t name_octets = 0;
    };
    // Somebody waits for what was accepted when he asked; what came later is not waited for.
    struct Flush {
        std::map<StreamId, std::uint64_t> until;  // durable before these sequences
        std::function<void()> done;
    };
    template <typename Record>
    void accept(StreamId id, const BatchId& batch, std::vector<Record> records, Appended done);
    template <typename Record>
    [[nodiscard]] Result<void> check(const std::vector<Record>& records) const;
    [[nodiscard]] Result<void> check_record(const wire::SampleRecord& record, BatchSize& size) const;
    [[nodiscard]] Result<void> check_record(const wire::StateRecord& record, BatchSize&) const {
        return check_text(record);
    }
    [[nodiscard]] Result<void> check_record(const wire::LedgerRecord&, BatchSize&) const { return {}; }
    void add_history(wire::StoreStatus& out) const;
    [[nodiscard]] Result<void> check_column(const std::vector<std::uint32_t>& column, SeriesKind kind) const;
    void remember(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records);
    void remember(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records);
    void remember(std::uint64_t, const std::vector<wire::LedgerRecord>&) {}
    void enter(std::vector<wire::LedgerRecord> entries, std::function<void(bool durable)> done);
    void enter_gaps(const std::vector<CollectionWatch::Gap>& gaps, const wire::WireStamp& stamp);
    void enter_damage(const Recovered& recovered);
    [[nodiscard]] wire::LedgerRecord entry_of(const CollectionWatch::Gap& gap) const;

    void pump(StreamId id, Intake& intake);
    void write(StreamId id, const std::shared_ptr<wire::FrameBody>& body);
    void on_written(StreamId id, const std::shared_ptr<wire::FrameBody>& body, const Result<void>& result);
    void wait_for_room(StreamId id, const std::shared_ptr<wire::FrameBody>& body, const Error& error);
    void flush_all();
    void tell_flushed();
    [[nodiscard]] bool is_done(const Flush& flush) const;
    void fail_all(const Error& error);
    void arm_flush();

    // Runs `question` on the reader and brings its answer back to the loop.
    template <typename Reply, typename Question>
    void ask(Answer<Reply> answer, Question question);

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
    Retention retention_;
    ArchiveKeeper keeper_;
    std::optional<Error> failed_;
    std::vector<Flush> flushes_;
    std::size_t questions_ = 0;
    std::uint64_t values_accepted_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t impossible_stamps_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer flush_timer_;
    std::map<StreamId, Timer> waits_;  // for room
};

Result<void> JournalStore::check_column(const std::vector<std::uint32_t>& column, SeriesKind kind) const {
    if (shared_->dictionary.are_all(column, kind)) return {};
    return fail(ErrorCode::malformed, "value of an undefined series or in the wrong column");
}

Result<void> JournalStore::check_record(const wire::SampleRecord& record, BatchSize& size) const {
    if (!record.valid() || record.device.empty() || record.device.size() > kMaxStateTextOctets)
        return fail(ErrorCode::malformed, "sample record without device or with columns of different length");
    size.values += record.size();
    size.name_octets += record.device.size();
    if (const auto ok = check_column(record.counter_series, SeriesKind::counter); !ok) return ok;
    return check_column(record.gauge_series, SeriesKind::gauge);
}

template <typename Record>
Result<void> JournalStore::check(const std::vector<Record>& records) const {
    if (records.empty() || records.size() > kMaxBatchRecords)
        return fail(ErrorCode::malformed,
                    "a batch has 1 to " + std::to_string(kMaxBatchRecords) + " records");
    BatchSize size;
    for (const Record& record : records) {
        if (record.stamp.boot_id.size() > 16) return fail(ErrorCode::malformed, "boot id is too long");
        if (record.stamp.quality > ClockQuality::free_running)
            return fail(ErrorCode::malformed, "unknown clock quality");
        if (const auto ok = check_record(record, size); !ok) return ok;
    }
    if (size.values > kMaxBatchValues) return fail(ErrorCode::malformed, "too many values in a batch");
    if (size.name_octets > kMaxBatchNameOctets)
        return fail(ErrorCode::malformed, "too long names of devices in a batch");
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
    std::vector<CollectionWatch::Gap> gaps;
    for (const auto& record : records) {
        shared_->archive->clocks().learn(record.stamp);
        const RepairedStamp stamp = shared_->archive->clocks().repair(record.stamp);
        if (stamp.verdict == StampVerdict::impossible) ++impossible_stamps_;
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
    if (observer_ != nullptr) observer_->on_no_room(error);
    keeper_.make_room([this] { retention_.run(); });
    waits_[id] = parts_.loop.after(kTryForRoom, [this, id, body] { write(id, body); });
}

void JournalStore::on_written(StreamId id, const std::shared_ptr<wire::FrameBody>& body,
                              const Result<void>& result) {
    if (failed_) return;
    if (!result && result.error().code == ErrorCode::exhausted)
        return wait_for_room(id, body, result.error());
    if (!result) return fail_all(result.error());
    Intake& intake = intakes_.at(id);
    const PendingFrame frame = intake.finished();
    for (const auto& waiting : frame.waiting) {
        waiting.done(waiting.accepted);
        Accepted again = waiting.accepted;
        again.duplicate = true;
        if (waiting.resent) waiting.resent(again);
    }
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

wire::LedgerRecord JournalStore::entry_of(const CollectionWatch::Gap& gap) const {
    wire::LedgerRecord entry;
    entry.account = wire::Account::not_collected;
    entry.device = gap.device;
    entry.from_ns = gap.from_ns;
    entry.to_ns = gap.to_ns;
    entry.reason = gap.restarted                               ? "station_restarted"
                   : states_.was_down(gap.device, gap.from_ns) ? "device_down"
                                                               : "not_polled";
    return entry;
}

void JournalStore::enter_gaps(const std::vector<CollectionWatch::Gap>& gaps, const wire::WireStamp& stamp) {
    std::vector<wire::LedgerRecord> entries;
    for (const CollectionWatch::Gap& gap : gaps) entries.push_back(entry_of(gap));
    for (wire::LedgerRecord& entry : entries) entry.stamp = stamp;
    enter(std::move(entries), {});
}

// Damage is found again at every start, and told once.
void JournalStore::enter_damage(const Recovered& recovered) {
    std::vector<wire::LedgerRecord> entries;
    for (const HistoryDamage& damage : recovered.history_damage) {
        const SequenceRange& lost = damage.sequences;
        if (lost.first == 0 || recovered.told_damage.contains({StreamId::samples, lost.first, lost.last}))
            continue;
        wire::LedgerRecord& entry = entries.emplace_back();
        entry.account = wire::Account::damaged;
        entry.stream = StreamId::samples;
        entry.device = damage.device;
        entry.from_ns = damage.t0_ns;
        entry.to_ns = damage.t1_ns;
        entry.first_sequence = lost.first;
        entry.last_sequence = lost.last;
        entry.reason = "damage";
    }
    for (const Damage& damage : recovered.damage) {
        const auto segment = parse_segment_name(damage.segment.substr(damage.segment.rfind('/') + 1));
        if (!segment || damage.first_sequence > damage.last_sequence) continue;
        if (recovered.told_damage.contains({segment->stream, damage.first_sequence, damage.last_sequence}))
            continue;
        wire::LedgerRecord& entry = entries.emplace_back();
        entry.account = wire::Account::damaged;
        entry.stream = segment->stream;
        entry.first_sequence = damage.first_sequence;
        entry.last_sequence = damage.last_sequence;
        entry.reason = damage.tail ? "unfinished_or_damaged" : "damage";
        if (entries.size() == kMaxBatchRecords) break;
    }
    if (!entries.empty()) enter(std::move(entries), {});
}

void JournalStore::ledger(const wire::LedgerRequest& request, Answer<wire::LedgerReply> answer) {
    std::vector<wire::StoredLedger> open;
    if (request.before_sequence == 0) {
        for (const auto& gap : collection_.open(wall_ns(parts_.loop))) {
            const bool wanted = (request.device.empty() || request.device == gap.device) &&
                                (request.to_ns == 0 || gap.from_ns < request.to_ns) &&
                                open.size() < kMaxEvents;
            if (wanted) open.push_back({0, entry_of(gap)});
        }
    }
    ask<wire::LedgerReply>(std::move(answer), [request, open](Shared& shared) {
        auto reply = find_ledger(shared.journal->stream(StreamId::ledger).view(), request);
        if (reply) reply->entries.insert(reply->entries.begin(), open.begin(), open.end());
        return reply;
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

// Samples begin where the first raw file does, whatever the journal still has.
void JournalStore::add_history(wire::StoreStatus& out) const {
    std::map<Level, wire::HistoryLevelStatus> levels;
    std::uint64_t first_raw = 0;
    for (const HistoryFileInfo& info : shared_->archive->history().files()) {
        const Head& head = info.head;
        auto& level = levels[head.level];
        level.level = static_cast<std::uint32_t>(head.level);
        level.from_ns = level.files == 0 ? head.t0_ns : std::min(level.from_ns, head.t0_ns);
        level.to_ns = std::max(level.to_ns, head.t1_ns);
        level.bytes += info.octets;
        ++level.files;
        if (head.level == Level::raw && head.identity == shared_->journal->identity() && first_raw == 0)
            first_raw = head.sequences.first;
    }
    for (const auto& [level, status] : levels) {
        out.history.push_back(status);
        out.bytes += status.bytes;
    }
    if (first_raw == 0) return;
    for (wire::StreamStatus& row : out.streams) {
        if (row.stream != StreamId::samples || row.first_sequence <= first_raw) continue;
        row.first_sequence = first_raw;
        row.oldest_ns = levels[Level::raw].from_ns;
    }
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
    add_history(out);
    out.limit_bytes = settings_.limit_octets;
    out.flush_interval_ms =
        static_cast<std::uint64_t>(settings_.flush_interval / std::chrono::milliseconds(1));
    out.series = static_cast<std::uint32_t>(shared_->dictionary.size());
    out.samples_accepted = values_accepted_;
    out.duplicates = duplicates_;
    out.impossible_stamps = impossible_stamps_;
    out.durable_lag_ns = (parts_.loop.now() - oldest).count();
    out.newest_sample_ns = latest_.newest_ns();
    const Identity& identity = shared_->journal->identity();
    out.station_id.assign(identity.station.data(), identity.station.size());
    out.epoch = identity.epoch;
    return out;
}

}  // namespace

Result<std::unique_ptr<Store>> open_journal_store(StoreParts parts, Journal::Options options,
                                                  StoreOpened& opened) {
    const std::int64_t now_ns = wall_ns(parts.loop);
    const std::string directory = options.directory.substr(0, options.directory.rfind('/') + 1) + "history";
    options.now_ns = now_ns;
    auto journal = Journal::open(parts.files, std::move(options), opened);
    if (!journal) return fail(journal.error());
    auto shared = std::make_shared<Shared>();
    shared->journal = std::move(*journal);
    SampleArchive::Opened archive_opened;
    auto archive = SampleArchive::open(parts.files, directory, shared->journal->identity(),
                                       shared->dictionary, archive_opened);
    if (!archive) return fail(archive.error());
    opened.history = archive_opened.history.damage;
    if (archive_opened.catalog)
        opened.history.push_back({directory, "", 0, 0, {}, archive_opened.catalog->text});
    shared->archive = std::move(*archive);
    const std::uint64_t sealed_to = shared->archive->sealed_to();
    if (shared->journal->stream(StreamId::samples).next_sequence() <= sealed_to)
        return fail(ErrorCode::refused,
                    "the journal would give samples numbers that history has already (up to " +
                        std::to_string(sealed_to) +
                        "): segments of samples are missing; bring them back, or move the "
                        "folder history away");
    Recovery recovery(*shared->archive, shared->dictionary, now_ns);
    for (const StreamId id : kStreams) recovery.read(id, shared->journal->stream(id).view());
    recovery.read_latest();
    Recovered recovered = recovery.take();
    opened.damage.insert(opened.damage.end(), recovered.damage.begin(), recovered.damage.end());
    recovered.damage = opened.damage;
    recovered.history_damage = opened.history;
    // Gaps that an earlier start wrote and perhaps did not live to enter.
    recovered.damage.insert(recovered.damage.end(), opened.gaps.begin(), opened.gaps.end());
    return std::make_unique<JournalStore>(parts, std::move(shared), std::move(recovered));
}

}  // namespace outstation::store
