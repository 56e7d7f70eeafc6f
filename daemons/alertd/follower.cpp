// SPDX-License-Identifier: GPL-3.0-or-later
// One step after the other.
#include "daemons/alertd/follower.hpp"

#include <algorithm>
#include <utility>

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;
constexpr Duration kTimeout = 10s;
constexpr Duration kLookAgain = 50ms;
constexpr Duration kRetry = 1s;
// States are flushed at once; a store that cannot write keeps nobody waiting.
constexpr Duration kWaitForDurable = 15s;

// About what it takes in memory.
std::size_t octets_of(const wire::Tail& tail) {
    constexpr std::size_t kOfValue = sizeof(std::uint32_t) + sizeof(double);
    std::size_t octets =
        tail.series.size() * sizeof(wire::SeriesDef) + tail.states.size() * sizeof(wire::StateRecord);
    for (const auto& record : tail.samples) octets += sizeof record + record.size() * kOfValue;
    for (const auto& record : tail.states) octets += record.text_octets();
    return octets;
}

}  // namespace

Follower::Follower(Loop& loop, ipc::Client& stored, Observer& observer, std::size_t most_queued_octets)
    : loop_(loop), stored_(stored), observer_(observer), most_queued_octets_(most_queued_octets) {
    stored_.on_push<wire::Tail>([this](const wire::Tail& tail) { on_tail(tail); });
    stored_.on_push<wire::DurableMark>([this](const wire::DurableMark& mark) { on_durable(mark); });
}

void Follower::begin() {
    next_sample_ = 0;
    subscribe();
}

void Follower::subscribe() {
    live_ = false;
    overrun_ = false;
    queue_.clear();
    queued_octets_ = 0;
    next_state_ -= std::exchange(not_durable_, {}).size();  // they may be lost
    wanted_.reset();
    hole_end_ = 0;
    timer_.cancel();
    reader_ = std::make_unique<HistoryReader>(stored_);
    const wire::TailRequest request{
        {static_cast<std::uint32_t>(StreamId::state), static_cast<std::uint32_t>(StreamId::samples)}};
    stored_.request<wire::Done>(request, kTimeout,
                                [this, turn = reader_->token()](const Result<wire::Done>& reply) {
                                    if (turn.expired()) return;
                                    if (!reply) return retry(reply.error());
                                    if (next_sample_ == 0) observer_.on_begin();
                                    wait_until_ = loop_.now() + kWaitForDurable;
                                    wait_for_durable();
                                });
}

void Follower::on_disconnected() {
    live_ = false;
    reader_.reset();
    timer_.cancel();
}

void Follower::retry(const Error& error) {
    observer_.on_failed(error);
    reader_.reset();
    timer_ = loop_.after(kRetry, [this] {
        if (stored_.connected()) begin();
    });
}

HistoryReader::Done<void> Follower::then(void (Follower::*next)()) {
    return [this, next](const Result<void>& done) {
        if (!done) return retry(done.error());
        (this->*next)();
    };
}

void Follower::wait_for_durable() {
    reader_->status([this](const Result<wire::StoreStatus>& status) {
        if (!status) return retry(status.error());
        if (!wanted_) wanted_ = *status;
        durable_sample_ = stream_of(*status, StreamId::samples).durable_sequence;
        durable_state_ = stream_of(*status, StreamId::state).durable_sequence;
        const bool durable = stream_of(*status, StreamId::state).durable_sequence >=
                             stream_of(*wanted_, StreamId::state).last_sequence;
        if (durable || loop_.now() >= wait_until_) return read_series();
        timer_ = loop_.after(kLookAgain, [this] { wait_for_durable(); });
    });
}

void Follower::read_series() {
    reader_->series([this](const wire::LatestRow& row) { observer_.on_series(row.series, row.wall_ns); },
                    then(&Follower::read_states));
}

void Follower::read_states() {
    const wire::StreamStatus states = stream_of(*wanted_, StreamId::state);
    reader_->records(
        StreamId::state, std::max(next_state_, states.first_sequence), states.last_sequence,
        [this](const wire::ReplayReply& reply) {
            next_state_ = std::max(next_state_, reply.first_sequence);
            for (const auto& record : reply.states) {
                observer_.on_old_state(record);
                const bool durable = next_state_++ <= durable_state_;
                if (durable) observer_.on_recorded(record);
                if (!durable) not_durable_.push_back(record);
            }
        },
        then(&Follower::read_samples));
}

void Follower::read_samples() {
    const std::uint64_t last = durable_sample_;
    const std::uint64_t accepted = stream_of(*wanted_, StreamId::samples).last_sequence;
    hole_begin_ = last + 1;
    hole_end_ = accepted > last ? accepted : 0;
    if (next_sample_ != 0) return read_samples_from(next_sample_, last);
    reader_->newest_sample(last, [this, last](const Result<std::optional<wire::WireStamp>>& newest) {
        if (!newest) return retry(newest.error());
        if (!newest->has_value()) return go_live();
        find_samples(**newest, last);
    });
}

// Back from the newest, not from now: the clock may not be set yet.
void Follower::find_samples(const wire::WireStamp& newest, std::uint64_t last) {
    const auto is_old = [newest, span = observer_.look_back()](const wire::WireStamp& stamp) {
        return lies_before(stamp, newest, span);
    };
    reader_->find_samples(is_old, 1, last, [this, last](const Result<std::uint64_t>& first) {
        if (!first) return retry(first.error());
        read_samples_from(*first, last);
    });
}

void Follower::read_samples_from(std::uint64_t first, std::uint64_t last) {
    reader_->records(
        StreamId::samples, first, last,
        [this](const wire::ReplayReply& reply) {
            for (const auto& record : reply.samples) observer_.on_old_sample(record);
        },
        then(&Follower::go_live));
}

void Follower::go_live() {
    if (overrun_) {
        next_sample_ = hole_begin_;
        return subscribe();
    }
    live_ = true;
    observer_.on_caught_up();
    for (const wire::Tail& tail : std::exchange(queue_, {})) deliver(tail);
    fill_hole();
}

void Follower::on_durable(const wire::DurableMark& mark) {
    if (mark.stream == StreamId::state) {
        durable_state_ = std::max(durable_state_, mark.sequence);
        if (durable_state_ + 1 < next_state_) return;
        for (const auto& record : std::exchange(not_durable_, {})) observer_.on_recorded(record);
    }
    if (mark.stream != StreamId::samples) return;
    durable_sample_ = std::max(durable_sample_, mark.sequence);
    if (live_) fill_hole();
}

void Follower::fill_hole() {
    if (hole_end_ == 0 || durable_sample_ < hole_end_) return;
    reader_->records(
        StreamId::samples, hole_begin_, std::exchange(hole_end_, 0),
        [this](const wire::ReplayReply& reply) {
            for (const auto& record : reply.samples) observer_.on_sample(record);
        },
        [this](const Result<void>& read) {
            if (!read) retry(read.error());
        });
}

void Follower::on_tail(const wire::Tail& tail) {
    if (live_) return deliver(tail);
    if (overrun_) return;
    queued_octets_ += octets_of(tail);
    queue_.push_back(tail);
    if (queued_octets_ <= most_queued_octets_) return;
    overrun_ = true;
    queue_.clear();
}

void Follower::deliver(const wire::Tail& tail) {
    for (const auto& def : tail.series) observer_.on_series(def, 0);
    for (const auto& record : tail.states) observer_.on_state(record);
    for (const auto& record : tail.samples) observer_.on_sample(record);
}

}  // namespace outstation::alertd
