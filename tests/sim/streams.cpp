// SPDX-License-Identifier: GPL-3.0-or-later
// accept, recv, answer, send.
#include "tests/sim/streams.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace outstation::sim {
namespace {

constexpr std::size_t kReadBytes = 8192;

// Which of our addresses the connection was made to.
in_addr asked_address(int fd) {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0 || own.ss_family != AF_INET) return {};
    return reinterpret_cast<const sockaddr_in*>(&own)->sin_addr;
}

}  // namespace

// Answers on one connection; where from is settled.
class Streams::Reply : public Outbox {
  public:
    Reply(Loop& loop, Peer& peer) : loop_(loop), peer_(peer) {}
    void send(std::string_view bytes, const Departure& departure) override {
        if (departure.from_other_address || departure.from_other_port) return;
        if (departure.after.count() <= 0) return Streams::send(peer_, bytes);
        auto timer = peer_.later.emplace(peer_.later.end());
        *timer = loop_.after(departure.after, [&peer = peer_, timer, kept = std::string(bytes)] {
            Streams::send(peer, kept);
            peer.later.erase(timer);  // and this function with it
        });
    }

  private:
    Loop& loop_;
    Peer& peer_;
};

Streams::Streams(Loop& loop, UniqueFd listener, Serve serve)
    : loop_(loop), listener_(std::move(listener)), serve_(std::move(serve)) {
    watch_ = loop_.watch(listener_.get(), Interest::read, [this](Ready) { accept_all(); });
}

void Streams::accept_all() {
    for (;;) {
        UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) return;
        const auto peer = peers_.emplace(peers_.end());
        peer->asked = asked_address(fd.get());
        peer->fd = std::move(fd);
        peer->watch = loop_.watch(peer->fd.get(), Interest::read, [this, peer](Ready ready) {
            on_ready(*peer, ready);
            if (peer->is_over) peers_.erase(peer);  // and this function with it
        });
    }
}

void Streams::on_ready(Peer& peer, Ready ready) {
    if (ready.writable) send(peer, {});
    if (ready.readable) read(peer);
}

void Streams::read(Peer& peer) {
    std::array<char, kReadBytes> buffer;
    const ssize_t n = recv(peer.fd.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        peer.is_over = true;
        return;
    }
    peer.in.append({buffer.data(), static_cast<std::size_t>(n)});
    Reply reply(loop_, peer);
    for (std::string_view one = peer.in.take(); !one.empty(); one = peer.in.take()) {
        if (!serve_(peer.asked, one, reply)) peer.is_over = true;
    }
    if (peer.in.is_broken()) peer.is_over = true;
}

// What the system does not take now waits for room. A connection that broke is noticed when it is read.
void Streams::send(Peer& peer, std::string_view bytes) {
    if (peer.out.size() + bytes.size() > kMostUnsent) return;
    peer.out += bytes;
    const ssize_t sent = ::send(peer.fd.get(), peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
    if (sent > 0) peer.out.erase(0, static_cast<std::size_t>(sent));
    peer.watch.set_interest(peer.out.empty() ? Interest::read : Interest::both);
}

}  // namespace outstation::sim
