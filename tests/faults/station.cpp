// SPDX-License-Identifier: GPL-3.0-or-later
// Sending, sending again, comparing.
#include "tests/faults/station.hpp"

#include <algorithm>
#include <cstdlib>

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kValues = 12;
constexpr int kSettleCycles = 40;
const std::string kBoot = "0123456789abcdef";

std::uint64_t value_of(std::uint64_t number, std::size_t column) {
    std::uint64_t x = number * 0x9e3779b97f4a7c15ULL + column;
    x ^= x >> 31;
    return x * 0xbf58476d1ce4e5b9ULL;
}

std::string device_of(std::uint64_t number) {
    return "sw-" + std::to_string(number % 5);
}

// The number of the batch, or 0 when the record is not as one was sent.
std::uint64_t number_of(const wire::SampleRecord& record) {
    const auto number = static_cast<std::uint64_t>(record.stamp.mono_ns);
    if (record.counters.size() != kValues || record.device != device_of(number)) return 0;
    for (std::size_t i = 0; i < kValues; ++i) {
        if (record.counters[i] != value_of(number, i)) return 0;
    }
    return number;
}

std::uint64_t number_of(const wire::StateRecord& record) {
    const auto number = static_cast<std::uint64_t>(record.stamp.mono_ns);
    return record.value == std::to_string(value_of(number, 0)) && record.device == device_of(number) ? number
                                                                                                     : 0;
}

template <typename Record>
void take(const std::vector<Record>& records, std::uint64_t sequence, Station::Contents& out) {
    for (const Record& record : records) {
        const std::uint64_t number = number_of(record);
        if (number == 0) out.wrong = "sequence " + std::to_string(sequence) + " is not as it was sent";
        if (!out.batches.emplace(number, sequence).second)
            out.wrong = "batch " + std::to_string(number) + " is there twice";
        ++sequence;
    }
}

}  // namespace

std::size_t campaign_size(std::size_t everyday) {
    const char* wanted = std::getenv("OUTSTATION_CAMPAIGN");
    const std::size_t size = wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
    return size > 0 ? size : everyday;
}

std::size_t stride_of(std::size_t all, std::size_t everyday) {
    return std::max<std::size_t>(1, all / campaign_size(everyday));
}

Snapshot snapshot_of(const store::FakeFileSystem& files) {
    Snapshot out;
    for (const std::string& path : files.paths()) out[path] = files.contents(path);
    return out;
}

void restore(store::FakeFileSystem& files, const Snapshot& snapshot) {
    for (const std::string& path : files.paths()) {
        if (!snapshot.contains(path)) static_cast<void>(files.remove(path));
    }
    for (const auto& [path, bytes] : snapshot) {
        static_cast<void>(files.open(path, store::FileSystem::Mode::create));
        files.set_contents(path, bytes);
    }
}

bool Station::open() {
    close();
    error_.clear();
    opened_ = {};
    store::Journal::Options options;
    options.directory = directory_;
    options.bulk_segment_octets = options.urgent_segment_octets = kSegmentOctets;
    auto made = store::open_journal_store({loop, files_, worker_, worker_, worker_}, options, opened_);
    if (!made) {
        error_ = made.error().text;
        return false;
    }
    store_ = std::move(*made);
    store_->set_observer(this);
    store_->configure(settings);
    series_.clear();
    for (std::size_t i = 0; i < kValues; ++i)
        series_.push_back(store_
                              ->define({0,
                                        "sw",
                                        "value_" + std::to_string(i) + "_total",
                                        {},
                                        SeriesKind::counter,
                                        "1.3.6.1",
                                        1.0})
                              .value());
    for (auto& [id, producer] : producers_) producer.go_back = true;
    loop.advance(1ms);  // retention looks
    return !failed();
}

bool Station::open_again(int times) {
    while (times-- > 0) {
        if (open()) return true;
    }
    return false;
}

void Station::send(StreamId id, std::uint64_t number) {
    if (on_batch) on_batch(id, number, false);
    Producer& producer = producers_.at(id);
    const auto done = [this, id, number, &producer](const Result<store::Accepted>& result) {
        if (!result) {
            producer.go_back = true;
            return;
        }
        producer.acknowledged = std::max(producer.acknowledged, number);
        if (!result->duplicate) producer.sequences[number] = result->first_sequence;
        if (on_batch) on_batch(id, number, true);
    };
    const wire::WireStamp stamp{loop.wall().time_since_epoch().count(), static_cast<std::int64_t>(number),
                                kBoot, ClockQuality::synchronised};
    if (id == StreamId::state) {
        wire::StateRecord record;
        record.device = device_of(number);
        record.stamp = stamp;
        record.kind = "attribute";
        record.component = "batch";
        record.value = std::to_string(value_of(number, 0));
        return store_->append({"polld", 7, number}, std::vector{record}, done);
    }
    wire::SampleRecord record;
    record.device = device_of(number);
    record.stamp = stamp;
    record.counter_series = series_;
    for (std::size_t i = 0; i < kValues; ++i) record.counters.push_back(value_of(number, i));
    store_->append({"polld", 7, number}, std::vector{record}, done);
}

void Station::send_waiting() {
    for (auto& [id, producer] : producers_) {
        if (!producer.go_back || failed()) continue;
        producer.go_back = false;
        for (std::uint64_t n = producer.acknowledged + 1; n <= producer.sent && !producer.go_back; ++n)
            send(id, n);
    }
}

void Station::send_next() {
    send_waiting();
    for (auto& [id, producer] : producers_) {
        ++producer.sent;
        if (producer.go_back || failed()) continue;  // it is sent with the others
        send(id, producer.sent);
    }
}

void Station::cycle(Duration span) {
    send_next();
    loop.advance(span);
}

void Station::take_over(StreamId id, std::uint64_t sent, std::uint64_t acknowledged) {
    producers_.at(id).sent = sent;
    producers_.at(id).acknowledged = acknowledged;
}

bool Station::all_acknowledged() const {
    return std::all_of(producers_.begin(), producers_.end(),
                       [](const auto& entry) { return entry.second.acknowledged == entry.second.sent; });
}

bool Station::settle() {
    for (int i = 0; i < kSettleCycles && !all_acknowledged(); ++i) {
        if ((failed() || !store_) && !open_again()) return false;
        send_waiting();
        loop.advance(3s);
    }
    return all_acknowledged();
}

Station::Contents Station::read_all(StreamId id) {
    Contents out;
    for (const auto& stream : store_->status().streams) {
        if (stream.stream != id) continue;
        out.first_sequence = stream.first_sequence;
        out.end_sequence = stream.last_sequence + 1;
    }
    std::uint64_t next = out.first_sequence;
    for (bool more = true; more && next < out.end_sequence;) {
        Result<wire::ReplayReply> reply = fail(ErrorCode::timeout, "no answer");
        store_->replay({id, next, 0}, [&reply](Result<wire::ReplayReply> got) { reply = std::move(got); });
        loop.advance(1ms);
        if (!reply) {
            out.wrong = reply.error().text;
            return out;
        }
        std::uint64_t end = next;
        for (const auto& gap : reply->gaps) {
            out.missing += gap.count;
            end = std::max(end, gap.first_sequence + gap.count);
        }
        for (const auto& span : reply->damaged) {
            out.missing += span.last_sequence - std::max(span.first_sequence, next) + 1;
            end = std::max(end, span.last_sequence + 1);
        }
        take(reply->samples, reply->first_sequence, out);
        take(reply->states, reply->first_sequence, out);
        const std::size_t records = reply->samples.size() + reply->states.size();
        if (records > 0) end = std::max(end, reply->first_sequence + records);
        more = end > next;
        next = end;
    }
    return out;
}

// What the ledger says was let go.
std::uint64_t Station::dropped_to(StreamId id) {
    std::uint64_t last = 0;
    Result<wire::LedgerReply> reply = fail(ErrorCode::timeout, "no answer");
    store_->ledger({}, [&reply](Result<wire::LedgerReply> got) { reply = std::move(got); });
    loop.advance(1ms);
    if (!reply) return 0;
    for (const auto& entry : reply->entries) {
        if (entry.record.account == wire::Account::dropped && entry.record.stream == id)
            last = std::max(last, entry.record.last_sequence);
    }
    return last;
}

std::string Station::check(StreamId id, const Contents& contents) {
    const std::string stream = std::string(stream_name(id)) + ": ";
    const Producer& producer = producers_.at(id);
    if (!contents.wrong.empty()) return stream + contents.wrong;
    if (contents.batches.size() + contents.missing != contents.end_sequence - contents.first_sequence)
        return stream + std::to_string(contents.batches.size()) + " records and " +
               std::to_string(contents.missing) + " told as missing of the sequences " +
               std::to_string(contents.first_sequence) + " to " + std::to_string(contents.end_sequence - 1);
    if (contents.first_sequence > dropped_to(id) + 1) return stream + "gone without an entry in the ledger";
    for (std::uint64_t number = 1; number <= producer.acknowledged; ++number) {
        if (contents.batches.contains(number)) continue;
        const auto sequence = producer.sequences.find(number);
        const bool dropped = sequence == producer.sequences.end()
                                 ? contents.first_sequence > 1 && number < contents.batches.begin()->first
                                 : sequence->second < contents.first_sequence;
        if (!dropped) return stream + "batch " + std::to_string(number) + " is lost";
    }
    return "";
}

std::string Station::verify() {
    if (!open_again()) return "does not open: " + error_;
    for (const StreamId id : kProduced) {
        const std::string wrong = check(id, read_all(id));
        if (!wrong.empty()) return wrong;
    }
    return "";
}

}  // namespace outstation::faults
