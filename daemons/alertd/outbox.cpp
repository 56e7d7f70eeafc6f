// SPDX-License-Identifier: GPL-3.0-or-later
// Gathering, keeping, sending again.
#include "daemons/alertd/outbox.hpp"

#include <algorithm>
#include <utility>

namespace outstation::alertd {
namespace {

constexpr Duration kRetry = std::chrono::seconds(1);

}  // namespace

void Outbox::add(wire::StateRecord record) {
    gathering_.push_back(std::move(record));
    if (gathering_.size() >= kMostRecords) return close_batch();
    if (!gather_) gather_ = loop_.after(Duration{0}, [this] { close_batch(); });
}

void Outbox::close_batch() {
    gather_.cancel();
    if (gathering_.empty()) return;
    kept_.push_back({{++last_counter_, std::exchange(gathering_, {})}, loop_.now(), false});
    pump();
}

void Outbox::on_connected() {
    ++connection_;
    retry_.cancel();
    trouble_.clear();
    for (Batch& batch : kept_) batch.in_flight = false;
    pump();
}

void Outbox::on_disconnected() {
    ++connection_;
    for (Batch& batch : kept_) batch.in_flight = false;
    trouble_ = "stored is not connected";
}

void Outbox::pump() {
    if (retry_ || !link_.connected()) return;
    std::size_t in_flight = 0;
    for (Batch& batch : kept_) {
        if (in_flight++ == kMostInFlight) return;
        if (!batch.in_flight) send(batch);
    }
}

void Outbox::send(Batch& batch) {
    batch.in_flight = true;
    link_.append(batch.message,
                 [this, counter = batch.message.counter, connection = connection_](
                     const Result<wire::Appended>& answer) { on_answer(counter, connection, answer); });
}

void Outbox::on_answer(std::uint64_t counter, std::uint64_t connection,
                       const Result<wire::Appended>& answer) {
    if (connection != connection_) return;
    const auto batch = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Batch& b) { return b.message.counter == counter; });
    if (batch == kept_.end()) return;
    if (!answer && answer.error().code != ErrorCode::malformed) return send_all_again(answer.error());
    const std::vector<wire::StateRecord> records = std::move(batch->message.records);
    kept_.erase(batch);
    if (answer) trouble_.clear();
    done_(records, answer ? Result<void>() : Result<void>(fail(answer.error())));
    pump();
    if (waiting() == 0 && drained_) std::exchange(drained_, nullptr)();
}

// The order of batches is what resends are recognised by: everything goes again.
void Outbox::send_all_again(const Error& error) {
    trouble_ = error.text;
    ++connection_;
    for (Batch& batch : kept_) batch.in_flight = false;
    retry_ = loop_.after(kRetry, [this] {
        retry_.cancel();
        pump();
    });
}

void Outbox::drain(std::function<void()> drained) {
    close_batch();
    if (waiting() == 0) return drained();
    drained_ = std::move(drained);
}

std::size_t Outbox::waiting() const {
    std::size_t count = gathering_.size();
    for (const Batch& batch : kept_) count += batch.message.records.size();
    return count;
}

Duration Outbox::oldest_age() const {
    return kept_.empty() ? Duration{0} : loop_.now() - kept_.front().made;
}

}  // namespace outstation::alertd
