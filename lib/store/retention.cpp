// SPDX-License-Identifier: GPL-3.0-or-later
// Plan, enter, drop.
#include "lib/store/retention.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;
constexpr Duration kInterval = 60s;
// The ledger explains the past of everything else; at about 100 octets an entry this is half a million of
// them.
constexpr std::uint64_t kLedgerOctets = 64U << 20;

// `state` carries what never changed since, and `audit` is kept by law: they go by size only, last. Samples
// go to history, which has their age.
std::map<StreamId, Limits> limits_of(const Settings& settings) {
    std::map<StreamId, Limits> limits;
    for (const StreamId id : {StreamId::logs, StreamId::flows, StreamId::jobs})
        limits[id].age = settings.retention;
    limits[StreamId::ledger].octets = kLedgerOctets;
    return limits;
}

wire::LedgerRecord entry_of(const Journal::Victim& victim) {
    const Segment& segment = victim.segment;
    wire::LedgerRecord entry;
    entry.account = wire::Account::dropped;
    entry.stream = segment.header.stream;
    entry.from_ns = segment.t0_ns;
    entry.to_ns = segment.t1_ns;
    entry.first_sequence = segment.header.first_sequence;
    entry.last_sequence = segment.end_sequence - 1;
    entry.reason = victim.aged ? "age" : "size";
    return entry;
}

}  // namespace

Retention::Retention(Parts parts) : parts_(std::move(parts)) {
    arm();
}

Retention::~Retention() {
    *alive_ = false;
}

void Retention::configure(const Settings& settings) {
    settings_ = settings;
    configured_ = true;
    plan();
}

void Retention::run() {
    plan();
}

void Retention::stop() {
    configured_ = false;
    timer_ = {};
}

void Retention::arm() {
    timer_ = parts_.loop.after(kInterval, [this] {
        plan();
        arm();
    });
}

void Retention::plan() {
    if (!configured_ || busy_) return;
    busy_ = true;
    const std::int64_t now_ns = parts_.loop.wall().time_since_epoch().count();
    const std::int64_t steady_ns = clock_.steady_ns(parts_.loop.now(), now_ns);
    parts_.flusher.submit([this, alive = alive_, journal = parts_.journal, room = parts_.room,
                           limits = limits_of(settings_), now_ns, steady_ns,
                           folded_to = parts_.states_folded_to(), &loop = parts_.loop] {
        journal->set_aside().drop_stuck();
        // What the keeper claims it gives back: nothing must go for that.
        std::vector<Journal::Victim> victims;
        if (!room->claimed()) {
            room->tell_journal();
            victims = journal->plan_trim(limits, journal->target_octets(), now_ns, steady_ns);
            std::erase_if(victims, [folded_to](const Journal::Victim& victim) {
                return victim.segment.header.stream == StreamId::state &&
                       victim.segment.end_sequence - 1 > folded_to;
            });
        }
        loop.post([this, alive, victims = std::move(victims), set_aside = journal->set_aside().take_news(),
                   stuck = journal->set_aside().stuck(), now_ns]() mutable {
            if (!*alive) return;
            for (const std::string& path : set_aside) parts_.set_aside(path);
            if (!stuck) failing_.reset();
            if (stuck) failing_ = Failing{failing_ ? failing_->since_ns : now_ns, stuck->text};
            on_planned(std::move(victims));
        });
    });
}

void Retention::on_planned(std::vector<Journal::Victim> victims) {
    std::vector<wire::LedgerRecord> entries;
    for (const Journal::Victim& victim : victims) {
        if (!victim.segment.empty()) entries.push_back(entry_of(victim));
    }
    if (victims.empty() || entries.empty()) return drop(std::move(victims));
    parts_.enter(std::move(entries),
                 [this, alive = alive_, victims = std::move(victims)](bool durable) mutable {
                     if (*alive) drop(durable ? std::move(victims) : std::vector<Journal::Victim>());
                 });
}

void Retention::drop(std::vector<Journal::Victim> victims) {
    if (victims.empty()) {
        busy_ = false;
        return;
    }
    parts_.flusher.submit(
        [this, alive = alive_, journal = parts_.journal, victims = std::move(victims), &loop = parts_.loop] {
            const auto dropped = journal->drop(victims);
            loop.post([this, alive, dropped] {
                if (!*alive) return;
                busy_ = false;
                if (!dropped) parts_.failed(dropped.error());
            });
        });
}

}  // namespace outstation::store
