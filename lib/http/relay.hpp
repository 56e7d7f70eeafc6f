// SPDX-License-Identifier: GPL-3.0-or-later
// One client's connection: TLS on its side, plain bytes on a socket pair on ours. Handshake first; the other
// end of the pair is handed out when it is done. Memory is bounded by one piece in each direction.
// Threads: those of its loop. Ownership: owns the client's socket and one end of the pair.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/crypto/tls.hpp"
#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::http {

class Relay {
  public:
    struct Events {
        std::function<void(UniqueFd)> on_established;  // the end of the pair for the HTTP server
        std::function<void()> on_closed;               // once, as the last thing; may not destroy the relay
    };
    Relay(Loop& loop, UniqueFd client, crypto::TlsStream stream, Duration handshake_timeout, Events events);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // The server has sent something to this client: it is no stranger any more.
    [[nodiscard]] bool served() const { return served_; }
    [[nodiscard]] MonoTime opened() const { return opened_; }
    void close();

  private:
    enum class Phase { handshake, relaying, lingering, closed };

    void on_client();
    void shake();
    void establish();
    void relay();
    bool move_up();
    bool move_down();
    void linger();
    void drain();
    void update_interest();

    Loop& loop_;
    UniqueFd client_;
    UniqueFd pair_;
    crypto::TlsStream stream_;
    Events events_;
    Phase phase_ = Phase::handshake;
    std::string up_;    // from the client, not yet taken by the pair
    std::string down_;  // from the pair, not yet taken by TLS
    MonoTime opened_;
    bool served_ = false;
    bool client_ended_ = false;
    bool pair_ended_ = false;
    bool wants_write_ = false;  // TLS cannot go on before the client's socket takes bytes
    Interest client_interest_ = Interest::read;
    Timer deadline_;
    Timer again_;
    Watch client_watch_;
    Watch pair_watch_;
};

}  // namespace outstation::http
