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
constexpr Duration kShortestWindow =
    10min;                          // a clock that goes back and forth over a border seals no more often
constexpr Duration kHeld = 1h;      // a file that could not be cut is left alone
constexpr Duration kGivenUp = 24h;  // what the device does not give of it for so long is lost
constexpr std::size_t kMergesATime = 2;
constexpr std::size_t kCutsATime = 16;  // then what they freed is given to the journal
// Room that is kept for what is written before the next look: a window's files are made beside those they
// come from. At most this part of everything.
constexpr std::uint64_t kReserveOctets = 16U << 20;
constexpr std::uint64_t kReservePart = 8;
// What is to be sealed grows by at most this part of it until it is.
constexpr std::uint64_t kGrowthPart = 4;
// No file of history is merged larger than this part of everything, so that it can be thinned within the
// limit, too.
constexpr std::uint64_t kLargestFilePart = 16;

std::int64_t wall_ns(const Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

// Before the first synchronisation a box without a battery shows 1970, and what is sealed with such a stamp
// can never be shown in its place.
bool may_be_now(std::int64_t now_ns) {
    return now_ns >= Clocks::kFirstPossible_ns && now_ns < Clocks::kFirstImpossible_ns;
}

// Of all devices: a file goes as a whole.
wire::LedgerRecord entry_of(const HistoryCut& cut) {
    wire::LedgerRecord entry;
    entry.account = cut.gone ? wire::Account::dropped : wire::Account::thinned;
    entry.stream = StreamId::samples;
    entry.from_ns = cut.file.head.t0_ns;
    entry.to_ns = cut.file.head.t1_ns;
    entry.first_sequence = cut.file.head.sequences.first;
    entry.last_sequence = cut.file.head.sequences.last;
    if (!cut.gone) entry.step_ns = bucket_ns(cut.left);
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
    parts_.archive->history().interrupt();
}

void ArchiveKeeper::configure(const Settings& settings) {
    settings_ = settings;
    configured_ = true;
    work();
}

void ArchiveKeeper::make_room(std::function<void()> done) {
    waiting_.push_back(std::move(done));
    // Small windows cost more room than they give, and on a full disk each try costs a window's work.
    wanted_ = !failed_lately() && (parts_.loop.now() - sealed_at_ >= kInterval ||
                                   parts_.archive->unsealed_octets() > SampleArchive::kSmallestWindowOctets);
    work();
}

void ArchiveKeeper::stop() {
    configured_ = false;
    for (auto* const all : {&waiting_, &told_next_}) {
        for (const auto& tell : std::exchange(*all, {})) parts_.loop.post(tell);
    }
    timer_ = {};
}

void ArchiveKeeper::arm() {
    timer_ = parts_.loop.after(kInterval, [this] {
        work();
        arm();
    });
}

// By the wall clock, so that windows of days are whole; by the other one when the wall clock stands or steps.
// While it shows what cannot be, only room ends a window: what is not sealed is repaired when it is right.
bool ArchiveKeeper::seal_is_due() const {
    return wanted_ || window_is_over();
}

bool ArchiveKeeper::window_is_over() const {
    const Duration since = parts_.loop.now() - sealed_at_;
    if (parts_.archive->unsealed_octets() > most_unsealed_octets()) return true;
    if (!may_be_now(wall_ns(parts_.loop))) return false;
    return (span_start_ns(Span::window, wall_ns(parts_.loop)) != window_ns_ && since >= kShortestWindow) ||
           since >= kWindow;
}

// So little that it can be sealed within the limit, too.
std::size_t ArchiveKeeper::most_unsealed_octets() const {
    if (settings_.limit_octets == 0) return kMaxUnsealedOctets;
    return std::clamp<std::uint64_t>(settings_.limit_octets / kReservePart,
                                     SampleArchive::kSmallestWindowOctets, kMaxUnsealedOctets);
}

bool ArchiveKeeper::failed_lately() const {
    return failed_at_ && parts_.loop.now() - *failed_at_ < kInterval;
}

std::set<std::string> ArchiveKeeper::held() {
    const MonoTime now = parts_.loop.now();
    std::erase_if(held_, [now](const auto& file) { return now - file.second.last >= kGivenUp; });
    std::set<std::string> out;
    for (const auto& [name, held] : held_) {
        if (now - held.last < kHeld) out.insert(name);
    }
    return out;
}

HistoryLimits ArchiveKeeper::limits() const {
    HistoryLimits limits;
    if (!configured_) return limits;
    const std::int64_t age_ns = std::chrono::nanoseconds(settings_.retention).count();
    limits.raw_ns = limits.m1_ns = age_ns;
    const std::uint64_t limit = settings_.limit_octets;
    if (limit == 0) return limits;
    // Twice, because history gets half of what is free.
    const std::uint64_t to_thin =
        std::min(2 * parts_.archive->history().octets_to_thin(), limit / kReservePart);
    const std::uint64_t reserve = std::max({std::min(kReserveOctets, limit / kReservePart), to_thin,
                                            parts_.archive->octets_to_seal(*parts_.dictionary)});
    const std::uint64_t catalog = parts_.archive->octets() - parts_.archive->history().octets();
    const std::uint64_t others = parts_.journal->octets() + parts_.journal->coming_octets() + catalog +
                                 parts_.room->state_octets() + reserve;
    limits.octets = limit > others ? limit - others : 1;
    return limits;
}

// Room is claimed on the flush worker first.
void ArchiveKeeper::work() {
    if (busy_) return;
    busy_ = true;
    well_ = true;
    told_next_ = std::exchange(waiting_, {});
    const std::uint64_t to_seal = parts_.archive->octets_to_seal(*parts_.dictionary);
    const std::uint64_t needed = to_seal + to_seal / kGrowthPart;
    parts_.flusher.submit([this, alive = alive_, room = parts_.room, needed, &loop = parts_.loop] {
        const std::uint64_t most_octets = room->claim(needed);
        loop.post([this, alive, most_octets] {
            if (*alive) work(most_octets);
        });
    });
}

void ArchiveKeeper::work(std::uint64_t most_octets) {
    HistoryLimits limits = this->limits();
    limits.held = held();
    limits.steady_ns = clock_.steady_ns(parts_.loop.now(), wall_ns(parts_.loop));
    parts_.keeper.submit([this, alive = alive_, archive = parts_.archive, dictionary = parts_.dictionary,
                          journal = parts_.journal, rests = failed_lately(), due = seal_is_due(), limits,
                          merge_room = this->merge_room(), most_octets, now_ns = wall_ns(parts_.loop),
                          &loop = parts_.loop]() mutable {
        auto done = std::make_shared<Done>();
        const auto left = [&] { return most_octets - std::min(most_octets, archive->octets()); };
        if (due && !rests && archive->octets_to_seal(*dictionary) <= left()) {
            const std::uint64_t kept = journal->stream(StreamId::samples).view().first_sequence();
            const auto sealed = archive->seal(*dictionary, kept, now_ns);
            if (!sealed) done->error = sealed.error();
            malloc_trim(0);  // a window's worth of rows and blocks is free now, in pieces
            done->sealed = sealed.has_value();
        }
        merge_room.free_octets = left();
        const auto merged = archive->history().merge(now_ns, rests ? 0 : kMergesATime, merge_room);
        if (!merged) done->error = merged.error();
        done->held_back = archive->history().held_back();
        limits.room_octets = left();
        auto cuts = archive->history().plan_cuts(limits, now_ns);
        if (cuts) {
            done->cuts = std::move(*cuts);
        } else {
            done->error = cuts.error();
        }
        loop.post([this, alive, done] {
            if (*alive) on_worked(std::move(*done));
        });
    });
    wanted_ = false;
}

// What the ledger says is thinned already stays a file of its own until it is.
MergeRoom ArchiveKeeper::merge_room() const {
    MergeRoom room;
    if (settings_.limit_octets != 0) room.largest_octets = settings_.limit_octets / kLargestFilePart;
    for (const auto& [name, entered] : entered_) room.held.insert(name);
    return room;
}

void ArchiveKeeper::on_worked(Done done) {
    if (done.sealed) {
        window_ns_ = span_start_ns(Span::window, wall_ns(parts_.loop));
        sealed_at_ = parts_.loop.now();
    }
    if (done.error) tell(*done.error);
    held_back_ = std::move(done.held_back);
    let_go();
    more_cuts_ = false;
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

// The same is not entered again, whenever that cut is tried again.
bool ArchiveKeeper::is_entered(const HistoryCut& cut) const {
    const auto entered = entered_.find(cut.file.name);
    return entered != entered_.end() && entered->second == Entered{cut.left, cut.gone};
}

void ArchiveKeeper::enter(std::vector<HistoryCut> cuts) {
    more_cuts_ = cuts.size() > kCutsATime;
    cuts.resize(std::min(cuts.size(), kCutsATime));
    std::vector<wire::LedgerRecord> entries;
    for (HistoryCut& cut : cuts) {
        const auto held = held_.find(cut.file.name);
        cut.give_up = held != held_.end() && parts_.loop.now() - held->second.first >= kGivenUp;
        if (!is_entered(cut)) entries.push_back(entry_of(cut));
    }
    if (entries.empty()) return cut(std::move(cuts));
    parts_.enter(std::move(entries), [this, alive = alive_, cuts = std::move(cuts)](bool durable) mutable {
        if (!*alive) return;
        if (!durable)
            return finish(
                Error{ErrorCode::exhausted, "what is to go could not be entered in the gap ledger"});
        for (const HistoryCut& cut : cuts) entered_[cut.file.name] = {cut.left, cut.gone};
        cut(std::move(cuts));
    });
}

// One file that cannot go keeps no other; but where the disk has no room to thin it, nothing goes altogether
// in its place.
void ArchiveKeeper::cut(std::vector<HistoryCut> cuts) {
    parts_.keeper.submit(
        [this, alive = alive_, archive = parts_.archive, cuts = std::move(cuts), &loop = parts_.loop] {
            std::vector<Tried> tried;
            std::optional<Error> full;
            for (const HistoryCut& cut : cuts) {
                const bool waits = full && cut.gone;
                const auto done = waits ? Result<void>(fail(*full)) : archive->history().cut(cut);
                tried.push_back({cut, std::nullopt});
                if (done || done.error().code == ErrorCode::not_found) continue;
                tried.back().error = done.error();
                if (done.error().code == ErrorCode::exhausted) full = done.error();
            }
            loop.post([this, alive, tried = std::move(tried)] {
                if (*alive) on_cut(tried);
            });
        });
}

// Where there is no room to thin, it is tried again; what the device below does not give is left alone for a
// while, and others go in its place.
void ArchiveKeeper::on_cut(const std::vector<Tried>& tried) {
    std::optional<Error> first;
    const MonoTime now = parts_.loop.now();
    for (const auto& [cut, error] : tried) {
        if (!error) {
            held_.erase(cut.file.name);
            entered_.erase(cut.file.name);
            continue;
        }
        if (!first) first = error;
        if (error->code != ErrorCode::exhausted)
            held_.try_emplace(cut.file.name, Held{now, now}).first->second.last = now;
    }
    finish(first);
}

void ArchiveKeeper::tell(const Error& error) {
    well_ = false;
    failing_ = Failing{failing_ ? failing_->since_ns : wall_ns(parts_.loop), error.text};
    parts_.told(error);
}

// Who waits for room looks when what was claimed is free again.
void ArchiveKeeper::finish(const std::optional<Error>& error) {
    busy_ = false;
    if (error) tell(*error);
    if (well_) failing_.reset();
    if (!well_ && !failed_lately()) failed_at_ = parts_.loop.now();
    parts_.flusher.submit([room = parts_.room] { room->release(); });
    for (const auto& tell : std::exchange(told_next_, {})) tell();
    if (!waiting_.empty() || (more_cuts_ && !error)) work();
}

}  // namespace outstation::store
