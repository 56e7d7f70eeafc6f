// SPDX-License-Identifier: GPL-3.0-or-later
// SNMP over TCP (RFC 3430): a connection a device, opened by its first message and kept, with one message
// under way. A connection that ends, or brings no message until the next one has to go out, is opened anew;
// one that is refused is told at once. There are as many as descriptors allow, less some that others need:
// the one that was quiet for longest makes room, and who finds none waits. Threads: the loop's. Ownership:
// loop and user outlive it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/snmp/link.hpp"
#include "drivers/snmp/message_stream.hpp"
#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::snmp {

class StreamLink {
  public:
    static constexpr std::size_t kLeftFree = 64;  // descriptors

    StreamLink(Loop& loop, Link::User& user) : loop_(loop), user_(user) {}
    StreamLink(const StreamLink&) = delete;
    StreamLink& operator=(const StreamLink&) = delete;

    // As of a Link.
    void put(Link::Sender sender) { queue_.push_back(sender); }
    void flush();
    // Ends its connection.
    void forget(Link::Sender sender) { connections_.erase(sender); }

  private:
    struct Connection {
        UniqueFd fd;
        Watch watch;  // ends before the descriptor does
        Address peer;
        MessageStream in;
        std::string out;  // not written yet
        MonoTime used{};  // when the last message was put into it
        bool is_connecting = false;
        bool is_waiting = false;  // for an answer
    };
    void send(Link::Sender sender);
    [[nodiscard]] bool make_room();
    void put_off(Link::Sender sender);
    [[nodiscard]] static std::size_t most_connections();
    // errno, or 0.
    [[nodiscard]] int connect(Link::Sender sender, Connection& connection);
    void on_ready(Link::Sender sender, Ready ready);
    [[nodiscard]] bool finish_connecting(Link::Sender sender, Connection& connection);
    void write(Link::Sender sender, Connection& connection);
    void read(Link::Sender sender, Connection& connection);

    Loop& loop_;
    Link::User& user_;
    std::unordered_map<Link::Sender, Connection> connections_;
    std::vector<Link::Sender> queue_;
    std::size_t most_ = most_connections();
    bool is_full_ = false;  // as far as was looked in this turn
    Timer retry_;
};

}  // namespace outstation::snmp
