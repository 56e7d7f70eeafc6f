// SPDX-License-Identifier: GPL-3.0-or-later
// Batches out, batches in.
#include "drivers/snmp/link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace outstation::snmp {
namespace {

constexpr std::size_t kBatchesPerTurn = 16;  // a flood does not keep the loop from its timers
constexpr Duration kPause = std::chrono::milliseconds(20);

}  // namespace

Link::Link(Loop& loop, DatagramSocket* socket, Duration receive_tick, User& user)
    : loop_(loop), socket_(socket), receive_tick_(receive_tick), user_(user) {
    if (socket_ == nullptr) return;
    watch_ = loop_.watch(socket_->fd(), Interest::read, [this](Ready ready) {
        if (ready.writable && !queue_.empty()) flush();
        if (ready.readable) receive();
    });
}

void Link::flush() {
    if (pause_) return;
    bool takes_more = true;
    while (takes_more && sent_ < queue_.size()) takes_more = send_batch();
    if (takes_more) {
        queue_.clear();
        sent_ = 0;
    }
    watch_what_matters();
}

// False: the socket is full.
bool Link::send_batch() {
    std::array<Datagram, kBatch> batch;
    std::array<Sender, kBatch> senders;
    std::size_t n = 0;
    for (; sent_ < queue_.size() && n < kBatch; ++sent_) {
        // Who ended while nothing could be sent and began anew stands in the queue twice.
        const Sender* first = senders.data();
        if (std::find(first, first + n, queue_[sent_]) != first + n) continue;
        senders[n] = queue_[sent_];
        n += user_.pending(queue_[sent_], batch[n]) ? 1 : 0;
    }
    if (n == 0) return true;
    int error = 0;
    const std::size_t sent = socket_->send({batch.data(), n}, error);
    for (std::size_t i = 0; i < sent; ++i) user_.on_sent(senders[i]);
    if (sent == n) return true;
    if (error == ENOBUFS) pause();
    const bool is_refused = error != 0 && error != ENOBUFS;
    if (is_refused) user_.on_send_error(senders[sent], error);
    sent_ = 0;
    forget_sent();
    return is_refused;
}

// The system has no memory for datagrams.
void Link::pause() {
    pause_ = loop_.after(kPause, [this] {
        pause_.cancel();
        flush();
    });
}

void Link::forget_sent() {
    Datagram ignored;
    std::erase_if(queue_, [&](Sender sender) { return !user_.pending(sender, ignored); });
}

void Link::watch_what_matters() {
    const bool reads = !rearm_ && !by_clock_;
    const bool writes = !queue_.empty() && !pause_;
    const Interest wanted =
        reads ? (writes ? Interest::both : Interest::read) : (writes ? Interest::write : Interest::none);
    if (std::exchange(interest_, wanted) != wanted) watch_.set_interest(wanted);
}

void Link::read_by_clock(bool on) {
    if (socket_ == nullptr || std::exchange(by_clock_, on) == on) return;
    rearm_.cancel();
    watch_what_matters();
}

std::size_t Link::look() {
    if (socket_ == nullptr) return 0;
    const std::weak_ptr<bool> alive = alive_;
    std::size_t found = 0;
    std::size_t received = kBatch;
    for (std::size_t batches = 0; batches < kBatchesPerTurn && received == kBatch; ++batches) {
        const auto batch = socket_->receive();
        received = batch.size();
        found += received;
        for (const Datagram& datagram : batch) user_.on_datagram(datagram);
        if (received > 0) user_.on_received();
        if (alive.expired()) break;
    }
    return found;
}

void Link::receive() {
    const std::weak_ptr<bool> alive = alive_;
    const std::size_t found = look();
    if (!alive.expired() && receive_tick_ > Duration{0} && !by_clock_) tick(found > 0);
}

// While answers come they are looked for by the clock; the descriptor tells of the first after a pause.
void Link::tick(bool busy) {
    rearm_.cancel();
    if (busy) rearm_ = loop_.after(receive_tick_, [this] { receive(); });
    watch_what_matters();
}

}  // namespace outstation::snmp
