// SPDX-License-Identifier: GPL-3.0-or-later
// One socket of the engine: who waits to send goes out in batches, what comes in is handed on, and neither
// wakes us more often than it has to. Threads: the loop's. Ownership: loop, socket and user outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/snmp/datagram_socket.hpp"
#include "lib/event/loop.hpp"

namespace outstation::snmp {

class Link {
  public:
    using Sender = std::uint32_t;
    class User {
      public:
        virtual ~User() = default;
        // What the sender has to send; its bytes stay as they are until it is sent. False: nothing any more.
        [[nodiscard]] virtual bool pending(Sender sender, Datagram& out) = 0;
        // Afterwards pending() is false.
        virtual void on_sent(Sender sender) = 0;
        virtual void on_send_error(Sender sender, int error) = 0;
        virtual void on_datagram(const Datagram& datagram) = 0;
        // After each batch of datagrams: the time to flush what they led to. The link may be destroyed in it.
        virtual void on_received() = 0;
    };

    // `socket` may be nullptr: nothing is sent or received then. What comes is read at once, and after that
    // again only `receive_tick` later.
    Link(Loop& loop, DatagramSocket* socket, Duration receive_tick, User& user);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] bool has_socket() const { return socket_ != nullptr; }
    // It has something to send: goes out with the next flush().
    void put(Sender sender) { queue_.push_back(sender); }
    // Sends for all that were put, as far as the system takes it; the rest when it takes more.
    void flush();
    // From now on nothing is read but by look(); false: as it comes.
    void read_by_clock(bool on);
    // Reads what has come. Gives how many datagrams; the link may have been destroyed meanwhile.
    std::size_t look();

  private:
    [[nodiscard]] bool send_batch();
    void forget_sent();
    void pause();
    void receive();
    void tick(bool busy);
    void watch_what_matters();

    Loop& loop_;
    DatagramSocket* socket_;
    Duration receive_tick_;
    User& user_;
    Watch watch_;
    Interest interest_ = Interest::read;
    bool by_clock_ = false;
    Timer rearm_;
    Timer pause_;  // nothing is sent until then
    std::vector<Sender> queue_;
    std::size_t sent_ = 0;  // of the queue
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::snmp
