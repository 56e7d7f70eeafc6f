// SPDX-License-Identifier: GPL-3.0-or-later
// A network of hosts that answer what a test says, on virtual time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drivers/probe/network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::probe {

class FakeNetwork : public Network {
  public:
    struct Host {
        bool echoes = true;
        Duration rtt{std::chrono::milliseconds(3)};
        bool has_pong = false;
        bool has_ipmi = false;
        std::map<std::uint16_t, PortState> ports{};
    };
    struct Packet {
        std::uint32_t to = 0;
        std::string kind;  // "icmp", "asf", "tcp/443"
        MonoTime at;
    };

    explicit FakeNetwork(SimLoop& loop) : loop_(loop) {}

    std::map<std::uint32_t, Host> hosts;
    std::string icmp_trouble;
    std::uint32_t own = 0;
    unsigned lost = 0;     // so many of the next packets get no answer
    bool refuses = false;  // the system takes nothing
    std::vector<Packet> sent;
    std::size_t open_connections = 0;
    std::function<void(std::string& message)> twist;  // what answers say
    Events events;

    void listen(Events given) override { events = std::move(given); }
    [[nodiscard]] const std::string& icmp_problem() const override { return icmp_trouble; }
    [[nodiscard]] bool is_own(std::uint32_t address) override { return address == own; }
    [[nodiscard]] bool send_icmp(std::uint32_t to, std::string_view message) override;
    [[nodiscard]] bool send_asf(std::uint32_t to, std::string_view datagram) override;
    [[nodiscard]] std::unique_ptr<Connecting> connect(std::uint32_t to, std::uint16_t port,
                                                      OnConnected on_connected) override;

  private:
    class Connection;
    // Of who answers to it; nullptr: nobody.
    const Host* deliver(std::uint32_t to, const std::string& kind);
    void answer_later(Duration delay, std::function<void()> answer);

    SimLoop& loop_;
    std::vector<Timer> answers_;
};

}  // namespace outstation::probe
