// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of datagrams in and out: the engine's way to the network, and where a test puts its own.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/model/result.hpp"

namespace outstation::snmp {

// An IPv4 or IPv6 address with port.
class Address {
  public:
    Address() = default;
    // A literal; malformed otherwise.
    [[nodiscard]] static Result<Address> parse(const std::string& text, std::uint16_t port);
    [[nodiscard]] bool is_v6() const { return generic_.sin6_family == AF_INET6; }
    [[nodiscard]] std::string text() const;  // "192.0.2.1:161", "[2001:db8::1]:161"
    [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&generic_); }
    [[nodiscard]] socklen_t raw_size() const { return is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
    bool operator==(const Address& other) const;

  private:
    sockaddr_in6 generic_{};  // large enough for both
};

struct Datagram {
    Address address;
    std::string_view bytes;
    Duration waited{0};  // received: so long it lay in the socket
};

inline constexpr std::size_t kBatch = 32;

class DatagramSocket {
  public:
    virtual ~DatagramSocket() = default;
    [[nodiscard]] virtual int fd() const = 0;
    // Sends the first of the datagrams, as many as the system takes now; gives how many. `error` is set to
    // the errno of the one after them when the system refused it: ENOBUFS means later, though the socket
    // counts as writable; 0 means as soon as it is writable.
    [[nodiscard]] virtual std::size_t send(std::span<Datagram> datagrams, int& error) = 0;
    // Receives at most kBatch datagrams; their bytes are valid until the next call. Empty: nothing is there.
    [[nodiscard]] virtual std::span<const Datagram> receive() = 0;
};

// An unconnected UDP socket of the family, bound to any port of ours.
[[nodiscard]] Result<std::unique_ptr<DatagramSocket>> open_datagram_socket(int family);

}  // namespace outstation::snmp
