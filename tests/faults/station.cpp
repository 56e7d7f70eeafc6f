// SPDX-License-Identifier: GPL-3.0-or-later
// Sending and sending again.
#include "tests/faults/station.hpp"

#include <algorithm>

#include "tests/faults/values.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr int kSettleCycles = 40;
constexpr auto kBetweenRecords = 5s;
const std::string kBoot = "0123456789abcdef";

}  // namespace

Routine journal_routine() {
    return {"journal", WallTime(1'700'000'000s), 60, 3s, 1, {1s, 9 * Station::kSegmentOctets, 0s}, false};
}

Routine history_routine(bool aged) {
    const WallTime six_in_the_evening(1'699'984'800s);
    if (aged) return {"history by age", six_in_the_evening, 28, 30min, 8, {60s, 0, 7h}, true};
    return {"history by size", six_in_the_evening, 36, 30min, 8, {60s, 640U << 10, 0s}, true};
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
    define_series();
    for (auto& [id, producer] : producers_) producer.go_back = true;
    loop.advance(1ms);  // states are folded
    state_octets_.reset();
    make_room();
    loop.advance(1ms);  // retention looks
    return !failed();
}

void Station::make_room() {
    const std::uint64_t states = store_->status().state_bytes;
    if (states == state_octets_) return;
    state_octets_ = states;
    store::Settings with_states = settings;
    if (settings.limit_octets > 0) with_states.limit_octets += states;
    store_->configure(with_states);
}

// In another order each time: a start of a producer knows nothing of the one before.
void Station::define_series() {
    counters_.resize(kCounters);
    gauges_.resize(kDevices);
    constexpr std::size_t kAll = kCounters + kDevices;
    const std::size_t first = 5 * opened_times_++;
    for (std::size_t i = first; i < first + kAll; ++i) define_one(i % kAll);
}

void Station::define_one(std::size_t number) {
    const auto define = [this](const std::string& device, const std::string& metric, SeriesKind kind) {
        return store_->define({0, device, metric, {}, kind, "1.3.6.1", 1.0}).value();
    };
    if (number < kCounters) {
        counters_[number] = define(kCounterDevice, counter_metric(number), SeriesKind::counter);
    } else {
        gauges_[number - kCounters] = define(device_of(number - kCounters), kGaugeMetric, SeriesKind::gauge);
    }
}

bool Station::open_again(int times) {
    while (times-- > 0) {
        if (open()) return true;
    }
    return false;
}

// The same records whenever the batch is sent.
std::vector<wire::SampleRecord> Station::samples_of(std::uint64_t number, WallTime made) const {
    std::vector<wire::SampleRecord> out;
    for (std::size_t i = 0; i < routine_.records; ++i) {
        const std::uint64_t record_number = (number - 1) * routine_.records + i + 1;
        wire::SampleRecord& record = out.emplace_back();
        record.device = device_of(number);
        record.stamp = {(made + static_cast<int>(i) * kBetweenRecords).time_since_epoch().count(),
                        static_cast<std::int64_t>(record_number), kBoot, ClockQuality::synchronised};
        record.counter_series = counters_;
        for (std::size_t c = 0; c < kCounters; ++c) record.counters.push_back(value_of(record_number, c));
        record.gauge_series = {gauges_[number % kDevices]};
        record.gauges = {static_cast<double>(number)};
    }
    return out;
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
    const WallTime made = producer.made.emplace(number, loop.wall()).first->second;
    if (id == StreamId::samples) return store_->append({"polld", 7, number}, samples_of(number, made), done);
    wire::StateRecord record;
    record.device = device_of(number);
    record.stamp = {made.time_since_epoch().count(), static_cast<std::int64_t>(number), kBoot,
                    ClockQuality::synchronised};
    record.kind = "attribute";
    record.component = "batch";
    record.value = std::to_string(value_of(number, 0));
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
    if (store_) make_room();
    send_next();
    loop.advance(span);
}

void Station::take_over(StreamId id, std::uint64_t sent, std::uint64_t acknowledged, WallTime wall) {
    producers_.at(id).sent = sent;
    producers_.at(id).acknowledged = acknowledged;
    if (wall > loop.wall()) loop.advance(wall - loop.wall());
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

}  // namespace outstation::faults
