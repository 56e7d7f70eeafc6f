// SPDX-License-Identifier: GPL-3.0-or-later
// The real socket, on this machine alone.
#include "drivers/snmp/datagram_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

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

bool stamps_are_to_be_had() {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    const bool they_are = setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
    close(fd);
    return they_are;
}

// Linux turns its stamps on some time after the first socket asked for them (net_enable_timestamp defers to
// a work queue): until then a datagram is stamped when it is read.
TEST(UdpSocket, SaysHowLongADatagramLayThere) {
    if (!stamps_are_to_be_had()) GTEST_SKIP() << "no SO_TIMESTAMPNS here (an emulator)";
    const auto ours = open_datagram_socket(AF_INET).value();
    const auto theirs = open_datagram_socket(AF_INET).value();
    send(*ours, Address::parse("127.0.0.1", 9).value(), "to get a port");
    const Address to = address_of(*ours);
    std::chrono::nanoseconds waited{};
    for (int attempt = 0; attempt < 400 && waited < 5ms; ++attempt) {
        send(*theirs, to, "answer");
        pollfd readable{ours->fd(), POLLIN, 0};
        ASSERT_EQ(poll(&readable, 1, 5000), 1);
        std::this_thread::sleep_for(5ms);
        const auto received = ours->receive();
        ASSERT_EQ(received.size(), 1U);
        EXPECT_EQ(received[0].bytes, "answer");
        waited = received[0].waited;
    }
    EXPECT_GE(waited, 5ms);
}

}  // namespace
}  // namespace outstation::snmp
