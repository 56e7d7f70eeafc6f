// SPDX-License-Identifier: GPL-3.0-or-later
// Handshake, relaying, lingering close.
#include "lib/http/relay.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace outstation::http {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kPieceBytes = 16384;    // a TLS record
constexpr int kPairBufferBytes = 256 * 1024;  // measured: a small one costs a wake-up a record
constexpr int kPiecesPerTurn = 16;            // then the other connections have their turn
constexpr Duration kLinger = 2s;

// Makes an Interest of two wishes.
Interest interest_of(bool read, bool write) {
    return static_cast<Interest>((read ? 1U : 0U) | (write ? 2U : 0U));
}

bool has_error(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

}  // namespace

Relay::Relay(Loop& loop, UniqueFd client, crypto::TlsStream stream, Duration handshake_timeout, Events events)
    : loop_(loop),
      client_(std::move(client)),
      stream_(std::move(stream)),
      events_(std::move(events)),
      opened_(loop.now()) {
    deadline_ = loop_.after(handshake_timeout, [this] { close(); });
    client_watch_ = loop_.watch(client_.get(), Interest::read, [this](Ready) { on_client(); });
}

void Relay::on_client() {
    // Without an interest only an error is reported, and for ever; or what was ready before we lost interest.
    if (client_interest_ == Interest::none && has_error(client_.get())) return close();
    if (phase_ == Phase::handshake) return shake();
    if (phase_ == Phase::relaying) return relay();
    if (phase_ == Phase::lingering) return drain();
}

void Relay::shake() {
    const auto progress = stream_.handshake();
    if (!progress) return close();
    if (progress->need == crypto::TlsNeed::nothing) return establish();
    client_interest_ = progress->need == crypto::TlsNeed::write ? Interest::write : Interest::read;
    client_watch_.set_interest(client_interest_);
}

void Relay::establish() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return close();
    pair_ = UniqueFd(ends[0]);
    UniqueFd other(ends[1]);
    for (const int end : ends)
        setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kPairBufferBytes, sizeof kPairBufferBytes);
    deadline_.cancel();
    phase_ = Phase::relaying;
    pair_watch_ = loop_.watch(pair_.get(), Interest::read, [this](Ready) { relay(); });
    events_.on_established(std::move(other));
    relay();
}

void Relay::relay() {
    bool moved = true;
    for (int i = 0; i < kPiecesPerTurn && moved && phase_ == Phase::relaying; ++i) {
        moved = move_up();
        if (phase_ == Phase::relaying) moved = move_down() || moved;
    }
    if (phase_ != Phase::relaying) return;
    if (pair_ended_ && down_.empty()) return linger();
    update_interest();
    // Bytes may wait inside TLS, where no descriptor tells of them.
    if (moved) again_ = loop_.after(0ns, [this] { relay(); });
}

// From the client to the pair. True when anything moved.
bool Relay::move_up() {
    if (up_.empty() && !client_ended_) {
        char piece[kPieceBytes];
        const auto progress = stream_.read(piece, sizeof piece);
        if (!progress) return close(), false;
        up_.assign(piece, progress->bytes);
        client_ended_ = progress->ended;
        if (client_ended_) shutdown(pair_.get(), SHUT_WR);
    }
    if (up_.empty()) return false;
    const ssize_t sent = send(pair_.get(), up_.data(), up_.size(), MSG_NOSIGNAL);
    if (sent > 0) return up_.erase(0, static_cast<std::size_t>(sent)), true;
    if (errno == EAGAIN || errno == EINTR) return false;
    up_.clear();  // the server has closed: what it still said comes down first
    client_ended_ = true;
    return false;
}

// From the pair to the client. True when anything moved.
bool Relay::move_down() {
    if (down_.empty() && !pair_ended_) {
        char piece[kPieceBytes];
        const ssize_t got = recv(pair_.get(), piece, sizeof piece, 0);
        if (got > 0) down_.assign(piece, static_cast<std::size_t>(got));
        served_ = served_ || got > 0;
        pair_ended_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    wants_write_ = false;
    if (down_.empty()) return false;
    const auto progress = stream_.write(down_);
    if (!progress) return close(), false;
    wants_write_ = progress->need == crypto::TlsNeed::write;
    down_.erase(0, progress->bytes);
    return progress->bytes > 0;
}

void Relay::update_interest() {
    client_interest_ = interest_of(up_.empty() && !client_ended_, wants_write_);
    client_watch_.set_interest(client_interest_);
    if (pair_ended_) {
        pair_watch_.cancel();  // a hang-up would be reported for ever
        if (!deadline_) deadline_ = loop_.after(kLinger, [this] { close(); });
    } else {
        pair_watch_.set_interest(interest_of(down_.empty(), !up_.empty()));
    }
}

// Everything is said. Reads on until the client has it too, or the kernel would throw the last bytes away.
void Relay::linger() {
    phase_ = Phase::lingering;
    pair_watch_.cancel();
    pair_.reset();
    again_.cancel();
    stream_.close_notify();
    shutdown(client_.get(), SHUT_WR);
    deadline_ = loop_.after(kLinger, [this] { close(); });
    client_interest_ = Interest::read;
    client_watch_.set_interest(client_interest_);
}

void Relay::drain() {
    char piece[kPieceBytes];
    const ssize_t got = recv(client_.get(), piece, sizeof piece, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) close();
}

void Relay::close() {
    if (phase_ == Phase::closed) return;
    phase_ = Phase::closed;
    deadline_.cancel();
    again_.cancel();
    client_watch_.cancel();
    pair_watch_.cancel();
    pair_.reset();
    client_.reset();
    events_.on_closed();
}

}  // namespace outstation::http
