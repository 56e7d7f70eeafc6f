// SPDX-License-Identifier: GPL-3.0-or-later
// Batches out, batches in.
#include "drivers/snmp/link.hpp"

#include <array>

namespace outstation::snmp {

Link::Link(Loop& loop, DatagramSocket* socket, Duration receive_tick, User& user)
    : loop_(loop), socket_(socket), receive_tick_(receive_tick), user_(user) {
    if (socket_ == nullptr) return;
    watch_ = loop_.watch(socket_->fd(), Interest::read, [this](Ready ready) {
        if (ready.writable && !queue_.empty()) flush();
        if (ready.readable) receive();
    });
}

void Link::put(Sender sender) {
    queue_.push_back(sender);
    if (queue_.size() >= kBatch) return flush();
    if (queue_.size() > 1) return;
    loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) flush();
    });
}

void Link::flush() {
    while (!queue_.empty()) {
        std::array<Datagram, kBatch> batch;
        std::array<Sender, kBatch> senders;
        std::size_t n = 0;
        std::size_t looked = 0;
        for (; looked < queue_.size() && n < kBatch; ++looked) {
            senders[n] = queue_[looked];
            n += user_.pending(queue_[looked], batch[n]) ? 1 : 0;
        }
        int error = 0;
        const std::size_t sent = n == 0 ? 0 : socket_->send({batch.data(), n}, error);
        for (std::size_t i = 0; i < sent; ++i) user_.on_sent(senders[i]);
        if (sent == n) {
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(looked));
            continue;
        }
        if (error == 0) {  // the socket is full: go on when it can take more
            forget_sent();
            return watch_.set_interest(Interest::both);
        }
        user_.on_send_error(senders[sent], error);
        forget_sent();
    }
    watch_.set_interest(rearm_ ? Interest::none : Interest::read);
}

void Link::forget_sent() {
    Datagram ignored;
    std::erase_if(queue_, [&](Sender sender) { return !user_.pending(sender, ignored); });
}

void Link::receive() {
    for (;;) {
        const auto batch = socket_->receive();
        for (const Datagram& datagram : batch) user_.on_datagram(datagram);
        if (batch.size() < kBatch) break;
    }
    if (receive_tick_ <= Duration{0}) return;
    watch_.set_interest(Interest::none);
    rearm_ = loop_.after(receive_tick_, [this] {
        rearm_.cancel();
        watch_.set_interest(queue_.empty() ? Interest::read : Interest::both);
    });
}

}  // namespace outstation::snmp
