// SPDX-License-Identifier: GPL-3.0-or-later
// Listening sockets with TLS, on a thread and a loop of their own: accepting, handshakes and encryption never
// keep the daemon's loop. Each established connection is given to the daemon's loop as one end of a socket
// pair with plain bytes. Threads: open() and the destructor on the daemon's loop; counters() anywhere.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/crypto/tls.hpp"
#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::http {

// At a limit the oldest connection that was never served gives way to a new one, once it had a quarter of a
// second: a flood of clients that ask nothing cannot hold the places, and who was served keeps his.
struct ListenLimits {
    std::size_t connections = 256;
    std::size_t connections_per_address = 32;  // an IPv6 /64 counts as one address
    Duration handshake{std::chrono::seconds(10)};
};

class TlsListener {
  public:
    struct Counters {
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;      // by a limit
        std::uint64_t established = 0;  // handshakes done
        std::uint64_t open = 0;
    };
    // The plain end and the client's address without its port. Called on the daemon's loop.
    using OnConnection = std::function<void(UniqueFd, std::string)>;

    // Addresses are "127.0.0.1:8443" or "[::1]:8443"; port 0 lets the kernel choose. Fails with config (not
    // an address), refused or io (the address cannot be taken).
    [[nodiscard]] static Result<std::unique_ptr<TlsListener>> open(Loop& loop, crypto::TlsServer tls,
                                                                   const std::vector<std::string>& addresses,
                                                                   ListenLimits limits,
                                                                   OnConnection on_connection);
    // Stops accepting and cuts every connection.
    ~TlsListener();
    TlsListener(const TlsListener&) = delete;
    TlsListener& operator=(const TlsListener&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }  // of the first address
    [[nodiscard]] Counters counters() const;

  private:
    class Acceptor;
    TlsListener() = default;

    std::uint16_t port_ = 0;
    std::unique_ptr<Loop> thread_loop_;
    std::unique_ptr<Acceptor> acceptor_;
    std::thread thread_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::http
