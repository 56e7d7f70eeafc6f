// SPDX-License-Identifier: GPL-3.0-or-later
// Seal, let go, merge, plan, enter, cut.
#include "lib/store/archive_keeper.hpp"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "lib/store/recover.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr Duration kInterval = 60s;
constexpr Duration kWindow = 2h;
constexpr std::size_t kMergesATime = 2;
constexpr std::size_t kMaxEntriesATime = 4096;  // fit in the segment that the ledger always has ready
// Room that is kept for what is written before the next look: a window's files are made beside those they
// come from. At most this part of everything.
constexpr std::uint64_t kReserveOctets = 16U << 20;
constexpr std::uint64_t kReservePart = 8;
constexpr std::uint64_t kSmallestWindowOctets = 192U << 10;

std::int64_t wall_ns(const Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

// What a merge may take beside the files that it replaces.
std::uint64_t room_octets(const SampleArchive& archive, const HistoryLimits& limits) {
    if (limits.octets == 0) return HistoryStore::kAnyRoom;
    const std::uint64_t octets = archive.history().octets();
    return limits.octets > octets ? limits.octets - octets : 0;
}

std::string key_of(const HistoryCut& cut) {
    return cut.file.name + (cut.to_minutes ? " thinned" : " dropped");
}

// One entry for each device and level: in the file's sequences, which many devices share.
wire::LedgerRecord entry_of(const HistoryCut& cut, const HistoryLoss& loss) {
    wire::LedgerRecord entry;
    entry.account = loss.gone ? wire::Account::dropped : wire::Account::thinned;
    entry.stream = StreamId::samples;
    entry.device = loss.device;
    entry.from_ns = loss.t0_ns;
    entry.to_ns = loss.t1_ns;
    entry.first_sequence = cut.file.head.sequences.first;
    entry.last_sequence = cut.file.head.sequences.last;
    if (!loss.gone) entry.step_ns = bucket_ns(loss.left);
    entry.reason = cut.aged ? "age" : "size";
    return entry;
}

}  // namespace

ArchiveKeeper::ArchiveKeeper(Parts parts)
    : parts_(std::move(parts)),
      window_ns_(span_start_ns(Span::window, wall_ns(parts_.loop))),
      sealed_at_(parts_.loop.now()) {
    arm();
}

ArchiveKeeper::~ArchiveKeeper() {
    *alive_ = false;
}

void ArchiveKeeper::configure(const Settings& settings) {
    settings_ = settings;
    configured_ = true;
    work();
}

void ArchiveKeeper::make_room(std::function<void()> done) {
    waiting_.push_back(std::move(done));
    // Small windows cost more room than they give.
    wanted_ = parts_.loop.now() - sealed_at_ >= kInterval ||
              parts_.archive->unsealed_octets() > kSmallestWindowOctets;
    work();
}

void ArchiveKeeper::stop() {
    configured_ = false;
    for (const auto& tell : std::exchange(waiting_, {})) parts_.loop.post(tell);
    timer_ = {};
}

void ArchiveKeeper::arm() {
    timer_ = parts_.loop.after(kInterval, [this] {
        work();
        arm();
    });
}

// By the wall clock, so that windows of days are whole; by the other one when the wall clock stands or steps.
bool ArchiveKeeper::seal_is_due() const {
    return has_room_to_seal() && (wanted_ || window_is_over());
}

// Files of history are never smaller than a few pages, and rows in memory about twice what they are sealed.
bool ArchiveKeeper::has_room_to_seal() const {
    if (settings_.limit_octets == 0) return true;
    return parts_.journal->octets() + parts_.archive->history().octets() + octets_to_seal() <=
           settings_.limit_octets;
}

std::uint64_t ArchiveKeeper::octets_to_seal() const {
    return kSmallestWindowOctets + parts_.archive->unsealed_octets();
}

bool ArchiveKeeper::window_is_over() const {
    return span_start_ns(Span::window, wall_ns(parts_.loop)) != window_ns_ ||
           parts_.loop.now() - sealed_at_ >= kWindow ||
           parts_.archive->unsealed_octets() > kMaxUnsealedOctets;
}

HistoryLimits ArchiveKeeper::limits() const {
    HistoryLimits limits;
    if (!configured_) return limits;
    const std::int64_t age_ns = std::chrono::nanoseconds(settings_.retention).count();
    limits.raw_ns = limits.m1_ns = age_ns;
    if (settings_.limit_octets == 0) return limits;
    const std::uint64_t reserve =
        std::max(std::min(kReserveOctets, settings_.limit_octets / kReservePart), octets_to_seal());
    const std::uint64_t others = parts_.journal->octets() + parts_.journal->coming_octets() + reserve;
    limits.octets = settings_.limit_octets > others ? settings_.limit_octets - others : 1;
    return limits;
}

void ArchiveKeeper::work() {
    if (busy_) return;
    busy_ = true;
    const std::vector<std::function<void()>> waiting = std::exchange(waiting_, {});
    parts_.keeper.submit([this, alive = alive_, waiting, archive = parts_.archive,
                          dictionary = parts_.dictionary, journal = parts_.journal, due = seal_is_due(),
                          limits = limits(), now_ns = wall_ns(parts_.loop), &loop = parts_.loop] {
        auto done = std::make_shared<Done>();
        const std::uint64_t kept = journal->stream(StreamId::samples).view().first_sequence();
        const auto sealed = due ? archive->seal(*dictionary, kept, now_ns) : Result<bool>(false);
        if (!sealed) done->error = sealed.error();
        if (due) malloc_trim(0);  // a window's worth of rows and blocks is free now, in pieces
        done->sealed = due && sealed.has_value();
        const auto merged = archive->history().merge(now_ns, kMergesATime, room_octets(*archive, limits));
        if (!merged) done->error = merged.error();
        auto cuts = archive->history().plan_cuts(limits, now_ns);
        if (cuts) {
            done->cuts = std::move(*cuts);
        } else {
            done->error = cuts.error();
        }
        loop.post([this, alive, done, waiting] {
            if (!*alive) return;
            on_worked(std::move(*done));
            for (const auto& tell : waiting) tell();
        });
    });
    wanted_ = false;
}

void ArchiveKeeper::on_worked(Done done) {
    if (done.sealed) {
        window_ns_ = span_start_ns(Span::window, wall_ns(parts_.loop));
        sealed_at_ = parts_.loop.now();
    }
    if (done.error) parts_.told(*done.error);
    let_go();
    if (done.cuts.empty()) return finish(std::nullopt);
    enter(std::move(done.cuts));
}

// Also what a crash kept the journal from letting go of.
void ArchiveKeeper::let_go() {
    parts_.flusher.submit([this, alive = alive_, journal = parts_.journal, last = parts_.archive->sealed_to(),
                           &loop = parts_.loop] {
        const auto dropped = journal->stream(StreamId::samples).drop_to(last);
        if (dropped) return;
        loop.post([this, alive, error = dropped.error()] {
            if (*alive) parts_.failed(error);
        });
    });
}

void ArchiveKeeper::enter(std::vector<HistoryCut> cuts) {
    std::vector<wire::LedgerRecord> entries;
    std::size_t fit = 0;  // cuts whose entries are in one batch
    for (const HistoryCut& cut : cuts) {
        const bool entered = entered_.contains(key_of(cut));
        if (fit > 0 && entries.size() + cut.losses.size() > kMaxEntriesATime) break;
        for (const HistoryLoss& loss : cut.losses) {
            if (!entered) entries.push_back(entry_of(cut, loss));
        }
        ++fit;
    }
    cuts.resize(fit);
    if (entries.empty()) return cut(std::move(cuts));
    parts_.enter(std::move(entries), [this, alive = alive_, cuts = std::move(cuts)](bool durable) mutable {
        if (!*alive) return;
        if (!durable) return finish(std::nullopt);
        for (const HistoryCut& cut : cuts) entered_.insert(key_of(cut));
        cut(std::move(cuts));
    });
}

void ArchiveKeeper::cut(std::vector<HistoryCut> cuts) {
    parts_.keeper.submit(
        [this, alive = alive_, archive = parts_.archive, cuts = std::move(cuts), &loop = parts_.loop] {
            std::optional<Error> error;
            for (const HistoryCut& cut : cuts) {
                const auto done = archive->history().cut(cut);
                if (!done && done.error().code != ErrorCode::not_found) error = done.error();
                if (error) break;
            }
            loop.post([this, alive, error] {
                if (!*alive) return;
                if (!error) entered_.clear();
                finish(error);
            });
        });
}

void ArchiveKeeper::finish(const std::optional<Error>& error) {
    busy_ = false;
    if (error) parts_.told(*error);
    if (!waiting_.empty()) work();
}

}  // namespace outstation::store
