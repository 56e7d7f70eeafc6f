// SPDX-License-Identifier: GPL-3.0-or-later
// Reading everything back and comparing it with what was acknowledged.
#include <algorithm>
#include <set>

#include "tests/faults/station.hpp"
#include "tests/faults/values.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kHourNs = 3'600'000'000'000;

// What the store says that its numbers of series mean.
class Meanings {
  public:
    explicit Meanings(const store::Store& store) : store_(store) {}
    // Also when its definition is lost: nobody sees its values then.
    bool may_be(std::uint32_t id, const std::string& device, const std::string& metric) {
        const auto [known, is_new] = known_.try_emplace(id);
        if (is_new) known->second = store_.series(id);
        const auto& def = known->second;
        return !def || (def->device == device && def->metric == metric);
    }

  private:
    const store::Store& store_;
    std::map<std::uint32_t, std::optional<wire::SeriesDef>> known_;
};

// The number of the record, or 0 when it is not as one was sent.
std::uint64_t number_of(const wire::SampleRecord& record, std::size_t records, Meanings& meanings) {
    const auto number = static_cast<std::uint64_t>(record.stamp.mono_ns);
    const std::uint64_t batch = number == 0 ? 0 : (number - 1) / records + 1;
    if (record.counters.size() != kCounters || record.device != device_of(batch)) return 0;
    if (record.gauges != std::vector{static_cast<double>(batch)}) return 0;
    if (!meanings.may_be(record.gauge_series.at(0), record.device, kGaugeMetric)) return 0;
    for (std::size_t i = 0; i < kCounters; ++i) {
        if (record.counters[i] != value_of(number, i)) return 0;
        if (!meanings.may_be(record.counter_series.at(i), kCounterDevice, counter_metric(i))) return 0;
    }
    return number;
}

std::uint64_t number_of(const wire::StateRecord& record, std::size_t, Meanings&) {
    const auto number = static_cast<std::uint64_t>(record.stamp.mono_ns);
    return record.value == std::to_string(value_of(number, 0)) && record.device == device_of(number) ? number
                                                                                                     : 0;
}

template <typename Record>
void take(const std::vector<Record>& records, std::size_t of_batch, std::uint64_t sequence,
          Meanings& meanings, Station::Contents& out) {
    for (const Record& record : records) {
        const std::uint64_t number = number_of(record, of_batch, meanings);
        if (number == 0) {
            out.found.add(&Findings::phantom,
                          "sequence " + std::to_string(sequence) + " is not as it was sent");
        } else if (!out.records.emplace(number, sequence).second) {
            out.found.add(&Findings::doubled, "record " + std::to_string(number) + " is there twice");
        }
        ++sequence;
    }
}

bool covered(const std::map<std::uint64_t, std::uint64_t>& spans, std::uint64_t sequence) {
    return std::any_of(spans.begin(), spans.end(), [sequence](const auto& span) {
        return span.first <= sequence && sequence <= span.second;
    });
}

// Calls `question` and returns its answer.
template <typename Reply, typename Request>
Result<Reply> ask(SimLoop& loop, store::Store& store,
                  void (store::Store::*question)(const Request&, store::Store::Answer<Reply>),
                  const Request& request) {
    Result<Reply> out = fail(ErrorCode::timeout, "no answer");
    (store.*question)(request, [&out](Result<Reply> got) { out = std::move(got); });
    loop.advance(1ms);
    return out;
}

}  // namespace

Station::Contents Station::read_all(StreamId id) {
    Contents out;
    for (const auto& stream : store_->status().streams) {
        if (stream.stream != id) continue;
        out.first_sequence = stream.first_sequence;
        out.end_sequence = stream.last_sequence + 1;
    }
    const auto tell = [&out](std::uint64_t first, std::uint64_t last) {
        out.missing += last - first + 1;
        out.told[first] = last;
    };
    Meanings meanings(*store_);
    std::uint64_t next = 1;
    for (bool more = true; more && next < out.end_sequence;) {
        const auto reply = ask(loop, *store_, &store::Store::replay, wire::ReplayRequest{id, next, 0});
        if (!reply) {
            out.found.add(&Findings::other, reply.error().text);
            return out;
        }
        std::uint64_t end = next;
        for (const auto& gap : reply->gaps) {
            tell(gap.first_sequence, gap.first_sequence + gap.count - 1);
            end = std::max(end, gap.first_sequence + gap.count);
        }
        for (const auto& span : reply->damaged) {
            tell(std::max(span.first_sequence, next), span.last_sequence);
            end = std::max(end, span.last_sequence + 1);
        }
        take(reply->samples, records_of(id), reply->first_sequence, meanings, out);
        take(reply->states, 1, reply->first_sequence, meanings, out);
        const std::size_t records = reply->samples.size() + reply->states.size();
        if (records > 0) end = std::max(end, reply->first_sequence + records);
        more = end > next;
        next = end;
    }
    return out;
}

// Of a ledger whose own beginning was let go the entries about the oldest records may be gone too.
bool Station::Account::has(std::uint64_t sequence) const {
    return covered(gone, sequence) || (!whole && !gone.empty() && sequence < gone.begin()->first);
}

Station::Account Station::account_of(StreamId id) {
    Account out;
    for (const auto& stream : store_->status().streams) {
        if (stream.stream == StreamId::ledger) out.whole = stream.first_sequence <= 1;
    }
    for (const auto& damage : opened_.damage) {
        if (damage.segment.find("/ledger-") == std::string::npos) continue;
        out.readable = false;
        out.torn = out.torn && damage.tail;
    }
    wire::LedgerRequest request;
    for (bool more = true; more;) {
        const auto page = ask(loop, *store_, &store::Store::ledger, request);
        if (!page) break;
        if (!page->damaged.empty()) out.readable = out.torn = false;
        for (const auto& [sequence, entry] : page->entries) {
            const bool dropped = entry.account == wire::Account::dropped;
            const bool thinned = entry.account == wire::Account::thinned;
            const bool damaged = entry.account == wire::Account::damaged;
            if (entry.stream != id || (!dropped && !thinned && !damaged)) continue;
            out.dropped |= dropped;
            out.thinned |= thinned;
            std::uint64_t& last = (damaged ? out.damaged : out.gone)[entry.first_sequence];
            last = std::max(last, entry.last_sequence);
        }
        more = page->more;
        request.before_sequence = page->next_before;
    }
    return out;
}

// The sequence of a resend is not told: it lies behind that of the batch before and in front of the next.
bool Station::was_let_go(const Producer& producer, std::uint64_t batch, std::uint64_t record,
                         const Account& account) const {
    const std::uint64_t within = record - ((batch - 1) * routine_.records + 1);
    const auto at = producer.sequences.lower_bound(batch);
    if (at != producer.sequences.end() && at->first == batch) return account.has(at->second + within);
    const bool before_next = at != producer.sequences.end() && account.has(at->second - 1);
    const bool behind = at == producer.sequences.begin()
                            ? account.has(1)
                            : account.has(std::prev(at)->second + routine_.records);
    return before_next || behind;
}

void Station::look_at(StreamId id, const Contents& contents, const Account& account, Findings& out) const {
    for (const auto kind : {&Findings::doubled, &Findings::phantom, &Findings::other})
        out.*kind += contents.found.*kind;
    if (out.what.empty()) out.what = contents.found.what;
    std::set<std::uint64_t> there;
    for (const auto& [number, sequence] : contents.records) there.insert(sequence);
    for (std::uint64_t sequence = 1; sequence < contents.end_sequence; ++sequence) {
        if (there.contains(sequence) || covered(contents.told, sequence) || account.has(sequence) ||
            !account.readable || covered(account.damaged, sequence))
            continue;
        out.add(&Findings::other,
                std::string(stream_name(id)) + ": nothing is told of sequence " + std::to_string(sequence));
    }
}

// Each record counts once in the hours, also where it was thinned.
void Station::look_at_hours(const Account& account, bool damage_allowed, Findings& out) {
    if (account.dropped || !routine_.counts_hours) return;
    const std::int64_t to_ns = (loop.wall().time_since_epoch().count() / kHourNs + 1) * kHourNs;
    const auto hours = ask(loop, *store_, &store::Store::range,
                           wire::RangeRequest{gauges_, to_ns - 72 * kHourNs, to_ns, kHourNs, 0});
    if (!hours) return out.add(&Findings::other, hours.error().text);
    std::uint64_t counted = 0;
    for (const auto& column : hours->columns) {
        for (const auto count : column.count) counted += count;
    }
    const std::uint64_t sent = producers_.at(StreamId::samples).sent * routine_.records;
    const bool told = !hours->damaged.empty() || !opened_.damage.empty() || !opened_.history.empty();
    if (counted == sent || (counted < sent && told && damage_allowed)) return;
    out.add(counted < sent ? &Findings::lost : &Findings::doubled,
            "the hours count " + std::to_string(counted) + " of " + std::to_string(sent) + " records");
}

// What is so now is what the newest record said that the journal has.
void Station::look_at_states(const Contents& contents, Findings& out) {
    std::map<std::string, std::uint64_t> newest;
    for (const auto& [number, sequence] : contents.records) newest[device_of(number)] = number;
    for (const auto& [device, number] : newest) {
        const wire::StatesRequest request{device, 0, "", "", 0};
        auto reply = ask(loop, *store_, &store::Store::states, request);
        for (int again = 0; again < 100 && reply && reply->behind; ++again)
            reply = ask(loop, *store_, &store::Store::states, request);
        if (!reply) return out.add(&Findings::other, "states: " + reply.error().text);
        if (reply->facts.size() == 1 && reply->facts[0].value == std::to_string(value_of(number, 0)) &&
            reply->facts[0].sequence == contents.records.at(number))
            continue;
        out.add(&Findings::lost,
                "the state of " + device + " is not that of record " + std::to_string(number));
    }
}

void Station::miss(StreamId id, const Contents& contents, const Account& account, Findings& out) const {
    const Producer& producer = producers_.at(id);
    const std::size_t records = records_of(id);
    for (std::uint64_t record = 1; record <= producer.acknowledged * records; ++record) {
        if (contents.records.contains(record)) continue;
        if (was_let_go(producer, (record - 1) / records + 1, record, account)) continue;
        out.add(&Findings::lost,
                std::string(stream_name(id)) + ": record " + std::to_string(record) + " is lost");
    }
}

Findings Station::look() {
    Findings out;
    for (const StreamId id : kProduced) look_at(id, read_all(id), account_of(id), out);
    look_at_hours(account_of(StreamId::samples), true, out);
    return out;
}

Findings Station::compare() {
    if (!open_again()) return Findings::failure("does not open: " + error_);
    Findings out;
    for (const StreamId id : kProduced) {
        const Contents contents = read_all(id);
        const Account account = account_of(id);
        if (!account.readable && !account.torn) out.add(&Findings::other, "the ledger is damaged");
        look_at(id, contents, account, out);
        miss(id, contents, account, out);
        if (id == StreamId::state) look_at_states(contents, out);
    }
    look_at_hours(account_of(StreamId::samples), false, out);
    return out;
}

Findings Station::settle_and_compare() {
    if (!settle()) return Findings::failure("does not settle: " + error_);
    return compare();
}

}  // namespace outstation::faults
