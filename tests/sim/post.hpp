// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams on their way out: at once in batches, or later. Threads: the loop's. Ownership: the loop and the
// sockets outlive it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/event/loop.hpp"

namespace outstation::sim {

// From which socket, with which address, to whom.
struct Route {
    int fd = -1;
    in_addr source{};  // 0: the socket's own
    sockaddr_storage peer{};
    socklen_t peer_size = 0;
};

class Post {
  public:
    static constexpr std::size_t kMostWaiting = 200'000;  // datagrams that leave later; more are lost

    explicit Post(Loop& loop) : loop_(loop) {}
    // Leaves with the next flush().
    void send(const Route& route, std::string_view bytes);
    void send_later(const Route& route, std::string_view bytes, Duration after);
    // What the system does not take now is lost, as on a network that is full.
    void flush();

  private:
    struct Letter {
        Route route;
        std::size_t at;  // in bytes_
        std::size_t size;
    };
    struct Waiting {
        Route route;
        std::string bytes;
    };
    void send_due();
    void arm();

    Loop& loop_;
    std::string bytes_;
    std::vector<Letter> letters_;
    std::multimap<MonoTime, Waiting> waiting_;
    MonoTime armed_at_;
    Timer timer_;
};

}  // namespace outstation::sim
