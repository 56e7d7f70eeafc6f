// SPDX-License-Identifier: GPL-3.0-or-later
// Simulated devices on virtual time: a socket whose datagrams they answer, each in its own way. Threads: the
// loop's. Ownership: the loop outlives it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/snmp/datagram_socket.hpp"
#include "lib/event/sim_loop.hpp"
#include "tests/sim/agent.hpp"

namespace outstation::hostile {

class Network : public snmp::DatagramSocket {
  public:
    // Sending or receiving a datagram takes `cost` of the poller's time.
    Network(SimLoop& loop, std::vector<sim::Device> devices, sim::AgentOptions options, Duration cost);
    [[nodiscard]] int fd() const override { return 1001; }
    [[nodiscard]] std::size_t send(std::span<snmp::Datagram> datagrams, int& error) override;
    [[nodiscard]] std::span<const snmp::Datagram> receive() override;

    // Datagrams that devices were sent, by address.
    [[nodiscard]] std::uint64_t requests(const std::string& address) const;
    // Bytes of datagrams that are under way, and of those received last.
    [[nodiscard]] std::uint64_t held_bytes() const;

  private:
    struct Played {
        sim::Device device;
        sim::DeviceState state;
        snmp::Address address;
        snmp::Address other_address;
        snmp::Address other_port;
        std::uint64_t requests = 0;
    };
    using Letter = std::pair<snmp::Address, std::string>;
    class Reply;
    void deliver(const snmp::Address& from, std::string_view bytes, Duration after);
    void arrive();
    void arm();

    SimLoop& loop_;
    sim::Agent agent_;
    Duration cost_;
    MonoTime started_;
    std::unordered_map<std::string, Played> devices_;  // by address and port
    std::multimap<MonoTime, Letter> under_way_;
    MonoTime armed_at_;
    Timer timer_;
    std::deque<Letter> arrived_;
    std::vector<Letter> taken_;
    std::vector<snmp::Datagram> out_;
};

}  // namespace outstation::hostile
