// SPDX-License-Identifier: GPL-3.0-or-later
// The real socket, on this machine alone.
#include "drivers/snmp/datagram_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

// Bound by the system as soon as it has sent something: the port that others see.
Address address_of(const DatagramSocket& socket) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    EXPECT_EQ(getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&own), &size), 0);
    return Address::parse("127.0.0.1", ntohs(own.sin_port)).value();
}

void send(DatagramSocket& socket, const Address& to, std::string_view bytes) {
    std::array<Datagram, 1> one{Datagram{to, bytes}};
    int error = 0;
    ASSERT_EQ(socket.send(one, error), 1U) << error;
}

TEST(UdpSocket, SaysHowLongADatagramLayThere) {
    const auto ours = open_datagram_socket(AF_INET).value();
    const auto theirs = open_datagram_socket(AF_INET).value();
    send(*ours, Address::parse("127.0.0.1", 9).value(), "to get a port");
    send(*theirs, address_of(*ours), "answer");
    pollfd readable{ours->fd(), POLLIN, 0};
    ASSERT_EQ(poll(&readable, 1, 5000), 1);
    std::this_thread::sleep_for(5ms);
    const auto received = ours->receive();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].bytes, "answer");
    EXPECT_GE(received[0].waited, 5ms);
}

}  // namespace
}  // namespace outstation::snmp
