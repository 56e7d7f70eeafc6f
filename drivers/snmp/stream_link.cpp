// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting, writing what is left, reading.
#include "drivers/snmp/stream_link.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace outstation::snmp {
namespace {

constexpr std::size_t kBytesPerTurn = 16384;  // a flood does not keep the loop from others
constexpr Duration kPause = std::chrono::milliseconds(20);
constexpr Duration kGivenUp = std::chrono::seconds(30);  // nobody waits for an answer for so long

bool is_passing(int error) {
    return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

}  // namespace

void StreamLink::flush() {
    std::vector<Link::Sender> senders;
    senders.swap(queue_);
    is_full_ = false;
    for (const Link::Sender sender : senders) send(sender);
}

// Whoever did not answer the message before may be gone without a word: the next one goes another way.
void StreamLink::send(Link::Sender sender) {
    Datagram message;
    if (!user_.pending(sender, message)) return;
    if (const auto it = connections_.find(sender); it != connections_.end() && it->second.is_waiting)
        connections_.erase(it);
    if (!connections_.contains(sender) && !make_room()) return put_off(sender);
    const auto [it, is_new] = connections_.try_emplace(sender);
    Connection& connection = it->second;
    if (is_new) {
        connection.peer = message.address;
        if (const int error = connect(sender, connection); error != 0) {
            connections_.erase(it);
            const bool is_ours = error == EMFILE || error == ENFILE;  // it says nothing of the device
            return is_ours ? put_off(sender) : user_.on_send_error(sender, error);
        }
    }
    connection.used = loop_.now();
    connection.out = message.bytes;
    connection.is_waiting = true;
    user_.on_sent(sender);
    if (!connection.is_connecting) write(sender, connection);
}

std::size_t StreamLink::most_connections() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
    return std::max<std::size_t>(limit.rlim_cur, kLeftFree + 1) - kLeftFree;
}

// False: all there may be wait for answers.
bool StreamLink::make_room() {
    if (connections_.size() < most_) return true;
    auto quiet = connections_.end();
    for (auto it = connections_.begin(); !is_full_ && it != connections_.end(); ++it) {
        const bool is_idle = !it->second.is_waiting || loop_.now() - it->second.used > kGivenUp;
        if (is_idle && (quiet == connections_.end() || it->second.used < quiet->second.used)) quiet = it;
    }
    is_full_ = quiet == connections_.end();
    if (!is_full_) connections_.erase(quiet);
    return !is_full_;
}

void StreamLink::put_off(Link::Sender sender) {
    queue_.push_back(sender);
    if (retry_) return;
    retry_ = loop_.after(kPause, [this] {
        retry_.cancel();
        flush();
    });
}

int StreamLink::connect(Link::Sender sender, Connection& connection) {
    const int family = connection.peer.is_v6() ? AF_INET6 : AF_INET;
    connection.fd = UniqueFd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!connection.fd) return errno;
    if (::connect(connection.fd.get(), connection.peer.raw(), connection.peer.raw_size()) != 0) {
        if (errno != EINPROGRESS) return errno;
        connection.is_connecting = true;
    }
    connection.watch =
        loop_.watch(connection.fd.get(), connection.is_connecting ? Interest::both : Interest::read,
                    [this, sender](Ready ready) { on_ready(sender, ready); });
    return 0;
}

void StreamLink::on_ready(Link::Sender sender, Ready ready) {
    const auto it = connections_.find(sender);
    if (it == connections_.end()) return;
    if (it->second.is_connecting && !finish_connecting(sender, it->second)) return;
    if (ready.writable && !it->second.out.empty()) write(sender, it->second);
    if (ready.readable && connections_.contains(sender)) read(sender, it->second);
}

bool StreamLink::finish_connecting(Link::Sender sender, Connection& connection) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    connection.is_connecting = false;
    if (error == 0) return true;
    connections_.erase(sender);
    user_.on_send_error(sender, error);
    return false;
}

void StreamLink::write(Link::Sender sender, Connection& connection) {
    const std::string& out = connection.out;
    const ssize_t n = ::send(connection.fd.get(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && !is_passing(errno)) {
        connections_.erase(sender);  // the next try opens another
        return;
    }
    connection.out.erase(0, n > 0 ? static_cast<std::size_t>(n) : 0);
    connection.watch.set_interest(connection.out.empty() ? Interest::read : Interest::both);
}

void StreamLink::read(Link::Sender sender, Connection& connection) {
    std::array<char, kBytesPerTurn> buffer;
    bool is_open = true;
    for (std::size_t left = buffer.size(); is_open && left > 0;) {  // until nothing is there, or its end
        const ssize_t n = recv(connection.fd.get(), buffer.data(), left, MSG_DONTWAIT);
        is_open = n > 0 || (n < 0 && is_passing(errno));
        if (n <= 0) break;
        connection.in.append({buffer.data(), static_cast<std::size_t>(n)});
        left -= static_cast<std::size_t>(n);
    }
    for (std::string_view message = connection.in.take(); !message.empty(); message = connection.in.take()) {
        connection.is_waiting = false;
        user_.on_datagram({connection.peer, message});
    }
    if (!is_open || connection.in.is_broken()) connections_.erase(sender);
    user_.on_received();  // may destroy the link
}

}  // namespace outstation::snmp
