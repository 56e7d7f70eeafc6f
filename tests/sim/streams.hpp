// SPDX-License-Identifier: GPL-3.0-or-later
// Devices over TCP (RFC 3430): one listener for all devices of a port and family, however many; messages and
// answers of a connection one behind the other. Threads: the loop's. Ownership: the loop outlives it.
#pragma once

#include <netinet/in.h>

#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "drivers/snmp/message_stream.hpp"
#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "tests/sim/agent.hpp"

namespace outstation::sim {

class Streams {
  public:
    static constexpr std::size_t kMostUnsent = 1U << 20;  // bytes of one connection; more ends it

    // Called with each message and the IPv4 address that it was sent to; 0: of IPv6. False: nobody is there,
    // and the connection ends.
    using Serve = std::function<bool(in_addr asked, std::string_view message, Outbox& outbox)>;
    Streams(Loop& loop, UniqueFd listener, Serve serve);
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

  private:
    struct Peer {
        UniqueFd fd;
        in_addr asked{};
        snmp::MessageStream in;
        std::string out;  // not taken by the system yet
        std::list<Timer> later;
        bool is_over = false;
        Watch watch;  // ends before the rest does
    };
    class Reply;
    void accept_all();
    void on_ready(Peer& peer, Ready ready);
    void read(Peer& peer);
    static void send(Peer& peer, std::string_view bytes);

    Loop& loop_;
    UniqueFd listener_;
    Serve serve_;
    std::list<Peer> peers_;
    Watch watch_;
};

}  // namespace outstation::sim
