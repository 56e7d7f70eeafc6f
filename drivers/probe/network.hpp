// SPDX-License-Identifier: GPL-3.0-or-later
// The prober's way to the network, and where a test puts its own. IPv4 addresses are numbers in the order of
// the host. Threads: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace outstation::probe {

enum class PortState : std::uint8_t { silent, open, refused };

// A TCP connection that is being opened: ends, with a reset, in its destructor.
class Connecting {
  public:
    virtual ~Connecting() = default;
};

class Network {
  public:
    struct Events {
        std::function<void(std::uint32_t from, std::string_view message)> on_icmp;
        std::function<void(std::uint32_t from, std::string_view datagram)> on_asf;  // from port 623
    };
    using OnConnected = std::function<void(PortState)>;

    virtual ~Network() = default;
    virtual void listen(Events events) = 0;
    // Why nothing can be sent by ICMP here; empty: it can.
    [[nodiscard]] virtual const std::string& icmp_problem() const = 0;
    // An address of this machine: that it answers says nothing.
    [[nodiscard]] virtual bool is_own(std::uint32_t address) = 0;
    // False: the system does not take it.
    [[nodiscard]] virtual bool send_icmp(std::uint32_t to, std::string_view message) = 0;
    [[nodiscard]] virtual bool send_asf(std::uint32_t to, std::string_view datagram) = 0;
    // Calls back at most once, never from inside this call. nullptr: the system does not even begin.
    [[nodiscard]] virtual std::unique_ptr<Connecting> connect(std::uint32_t to, std::uint16_t port,
                                                              OnConnected on_connected) = 0;
};

}  // namespace outstation::probe
