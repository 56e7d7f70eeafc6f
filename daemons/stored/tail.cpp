// SPDX-License-Identifier: GPL-3.0-or-later
// Pushing the tail, in messages well below the size limit.
#include "daemons/stored/tail.hpp"

namespace outstation::stored {
namespace {

constexpr std::size_t kSeriesPerMessage = 512;
constexpr std::size_t kOctetsPerMessage = 1U << 20;

std::size_t octets_of(const wire::SampleRecord& record) {
    return 128 + record.device.size() + 16 * record.size();
}

std::size_t octets_of(const wire::StateRecord& record) {
    return 128 + record.text_octets();
}

std::vector<wire::SampleRecord>& records_of(wire::Tail& tail, const wire::SampleRecord&) {
    return tail.samples;
}
std::vector<wire::StateRecord>& records_of(wire::Tail& tail, const wire::StateRecord&) {
    return tail.states;
}

template <typename Record>
void push_records(ipc::Peer& peer, StreamId stream, std::uint64_t first_sequence,
                  const std::vector<Record>& records) {
    std::size_t i = 0;
    while (i < records.size()) {
        wire::Tail tail;
        tail.stream = stream;
        tail.first_sequence = first_sequence + i;
        std::size_t octets = 0;
        for (; i < records.size() && octets < kOctetsPerMessage; ++i) {
            octets += octets_of(records[i]);
            records_of(tail, records[i]).push_back(records[i]);
        }
        peer.push(tail);
    }
}

class NewSeries {
  public:
    NewSeries(std::vector<bool>& told, const store::Store& store, ipc::Peer& peer)
        : told_(told), store_(store), peer_(peer) {}
    void add(const std::vector<std::uint32_t>& column) {
        for (const std::uint32_t id : column) {
            if (id >= told_.size()) told_.resize(id + 1);
            if (told_[id]) continue;
            told_[id] = true;
            if (auto def = store_.series(id)) tail_.series.push_back(std::move(*def));
            if (tail_.series.size() >= kSeriesPerMessage) push();
        }
    }
    void push() {
        if (!tail_.series.empty()) peer_.push(tail_);
        tail_.series.clear();
    }

  private:
    std::vector<bool>& told_;
    const store::Store& store_;
    ipc::Peer& peer_;
    wire::Tail tail_;
};

}  // namespace

Result<void> TailSubscribers::subscribe(ipc::Peer& peer, const wire::TailRequest& request) {
    Subscriber subscriber;
    subscriber.peer = peer.weak_from_this();
    for (const std::uint32_t number : request.streams) {
        const auto stream = stream_from(number);
        if (!stream) return fail(ErrorCode::not_found, "no stream " + std::to_string(number));
        subscriber.streams.insert(*stream);
    }
    subscribers_[peer.number()] = std::move(subscriber);
    return {};
}

template <typename Each>
void TailSubscribers::for_each(StreamId stream, Each each) {
    for (auto& [number, subscriber] : subscribers_) {
        const auto peer = subscriber.peer.lock();
        if (peer && subscriber.streams.contains(stream)) each(*peer, subscriber);
    }
}

void TailSubscribers::push(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records,
                           const store::Store& store) {
    for_each(StreamId::samples, [&](ipc::Peer& peer, Subscriber& subscriber) {
        NewSeries series(subscriber.told, store, peer);
        for (const auto& record : records) {
            series.add(record.counter_series);
            series.add(record.gauge_series);
        }
        series.push();
        push_records(peer, StreamId::samples, first_sequence, records);
    });
}

void TailSubscribers::push(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) {
    for_each(StreamId::state, [&](ipc::Peer& peer, Subscriber&) {
        push_records(peer, StreamId::state, first_sequence, records);
    });
}

void TailSubscribers::push_durable(StreamId stream, std::uint64_t sequence) {
    for_each(stream, [&](ipc::Peer& peer, Subscriber&) { peer.push(wire::DurableMark{stream, sequence}); });
}

}  // namespace outstation::stored
