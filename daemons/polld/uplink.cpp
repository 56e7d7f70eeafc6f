// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering, keeping, sending, sending again.
#include "daemons/polld/uplink.hpp"

#include <algorithm>
#include <utility>

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDefinitionsAtOnce = 1000;  // a few KiB each: well within a message

std::size_t bytes_of(const wire::SampleRecord& record) {
    return 100 + record.size() * 12;
}
std::size_t bytes_of(const wire::StateRecord& record) {
    return 100 + record.text_octets();
}

}  // namespace

void Uplink::add(wire::SampleRecord record) {
    if (gathered_values_ + record.size() > options_.max_values) close_samples();
    gathered_values_ += record.size();
    gathering_.push_back(std::move(record));
    if (gathering_.size() >= options_.max_records) return close_samples();
    if (!gather_timer_) gather_timer_ = loop_.after(options_.gather, [this] { close_samples(); });
}

void Uplink::add(std::vector<wire::StateRecord> records) {
    if (records.empty()) return;
    Batch batch;
    batch.states = std::move(records);
    for (const auto& record : batch.states) batch.bytes += bytes_of(record);
    keep(std::move(batch));
}

void Uplink::close_samples() {
    gather_timer_.cancel();
    gathered_values_ = 0;
    if (gathering_.empty()) return;
    Batch batch;
    batch.samples.swap(gathering_);
    for (const auto& record : batch.samples) batch.bytes += bytes_of(record);
    keep(std::move(batch));
}

void Uplink::keep(Batch batch) {
    batch.counter = ++last_counter_;
    kept_bytes_ += batch.bytes;
    kept_records_ += batch.records();
    kept_.push_back(std::move(batch));
    make_room();
    pump();
}

// Samples first, states only when nothing else is left; the newest batch stays.
void Uplink::make_room() {
    while (kept_bytes_ > options_.max_bytes && kept_.size() > 1) {
        auto victim = std::find_if(kept_.begin(), kept_.end() - 1,
                                   [](const Batch& batch) { return !batch.samples.empty(); });
        if (victim == kept_.end() - 1) victim = kept_.begin();
        if (!std::exchange(dropping_, true))
            note("RECORDS_DROPPED", "stored takes nothing: the oldest of " + std::to_string(kept_records_) +
                                        " records go first");
        dropped_records_ += victim->records();
        lose(take_out(victim));
    }
}

Uplink::Batch Uplink::take_out(std::deque<Batch>::iterator batch) {
    Batch out = std::move(*batch);
    kept_.erase(batch);
    kept_bytes_ -= out.bytes;
    kept_records_ -= out.records();
    return out;
}

void Uplink::lose(const Batch& batch) const {
    if (lost_ && !batch.states.empty()) lost_(batch.states);
}

void Uplink::on_connected() {
    ++connection_;
    retry_.cancel();
    defined_ = 0;
    for (Batch& batch : kept_) batch.in_flight = false;
    pump();
}

void Uplink::on_disconnected() {
    ++connection_;
    for (Batch& batch : kept_) batch.in_flight = false;
}

void Uplink::hold(bool held) {
    held_ = held;
    pump();
}

void Uplink::define_new() {
    const auto numbers = book_.changed_since(defined_);
    for (std::size_t at = 0; at < numbers.size(); at += kDefinitionsAtOnce) {
        wire::DefineSeries message;
        for (std::size_t i = at; i < std::min(numbers.size(), at + kDefinitionsAtOnce); ++i) {
            message.series.push_back(wire::SeriesDef::of(numbers[i], book_.info(numbers[i])));
        }
        link_.define(message);
    }
    defined_ = book_.version();
}

void Uplink::pump() {
    if (held_ || retry_ || !link_.connected()) return;
    define_new();
    std::size_t in_flight = 0;
    for (Batch& batch : kept_) {
        if (in_flight++ == options_.max_in_flight) return;
        if (!batch.in_flight) send(batch);
    }
}

void Uplink::send(Batch& batch) {
    batch.in_flight = true;
    const auto answer = [this, counter = batch.counter, connection = connection_](
                            const Result<wire::Appended>& result) { on_answer(counter, connection, result); };
    if (batch.samples.empty()) {
        link_.append(wire::AppendStates{batch.counter, batch.states}, answer);
    } else {
        link_.append(wire::AppendSamples{batch.counter, batch.samples}, answer);
    }
}

void Uplink::on_answer(std::uint64_t counter, std::uint64_t connection,
                       const Result<wire::Appended>& answer) {
    if (connection != connection_) return;
    const auto batch =
        std::find_if(kept_.begin(), kept_.end(), [&](const Batch& b) { return b.counter == counter; });
    if (batch == kept_.end()) return;
    if (!answer && answer.error().code != ErrorCode::malformed) return send_all_again(answer.error());
    const Batch done = take_out(batch);
    if (answer) {
        dropping_ = refused_ = false;
    } else {
        tell_refused(done, answer.error());
        lose(done);
    }
    pump();
    if (kept_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void Uplink::note(const char* id, const std::string& text) const {
    if (tell_) tell_(id, text);
}

void Uplink::tell_refused(const Batch& batch, const Error& error) {
    refused_records_ += batch.records();
    const std::string& device =
        batch.samples.empty() ? batch.states.front().device : batch.samples.front().device;
    note("BATCH_REFUSED", "batch " + std::to_string(batch.counter) + ", " + std::to_string(batch.records()) +
                              " records from " + device + " on, is dropped: " + error.text);
}

// Order within a stream is what resends are recognised by: everything not acknowledged goes again, in order.
void Uplink::send_all_again(const Error& error) {
    if (error.code == ErrorCode::refused && !std::exchange(refused_, true)) note("STORE_REFUSES", error.text);
    ++connection_;
    for (Batch& kept : kept_) kept.in_flight = false;
    retry_ = loop_.after(1s, [this] {
        retry_.cancel();
        pump();
    });
}

void Uplink::drain(std::function<void()> drained) {
    close_samples();
    if (kept_.empty()) return drained();
    drained_ = std::move(drained);
}

}  // namespace outstation::polld
