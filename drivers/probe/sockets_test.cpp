// SPDX-License-Identifier: GPL-3.0-or-later
// Real sockets on loopback: an echo, a port that is open and one that is not, and a controller that answers
// presence pings.
#include "drivers/probe/sockets.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "drivers/probe/prober.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kLoopback = 0x7f000001;

std::uint16_t bind_any_port(int fd) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(kLoopback);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
}

class SocketsTest : public testing::Test {
  protected:
    SocketsTest() : loop_(make_epoll_loop().value()) {
        controller_ = UniqueFd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
        network_ = open_sockets(*loop_, bind_any_port(controller_.get())).value();
        prober_ = std::make_unique<Prober>(*loop_, *network_, Prober::Limits{});
        watch_ = loop_->watch(controller_.get(), Interest::read, [this](Ready) { answer_ping(); });
    }
    void answer_ping() {
        std::array<char, 64> ping;
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t n = recvfrom(controller_.get(), ping.data(), ping.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
        ASSERT_EQ(n, 12);
        std::array<char, 28> pong{'\x06', 0, '\xFF', '\x06', 0, 0, '\x11', '\xBE', '\x40', ping[9], 0, 16};
        pong[20] = '\x81';
        EXPECT_EQ(
            sendto(controller_.get(), pong.data(), pong.size(), 0, reinterpret_cast<sockaddr*>(&from), size),
            28);
    }
    Findings probe(const What& what) {
        Findings out;
        EXPECT_TRUE(prober_->probe({kLoopback}, what, [&](const std::vector<Findings>& found) {
            out = found.at(0);
            loop_->stop();
        }));
        loop_->run();
        return out;
    }

    std::unique_ptr<Loop> loop_;
    UniqueFd controller_;
    Watch watch_;
    std::unique_ptr<Network> network_;
    std::unique_ptr<Prober> prober_;
};

TEST_F(SocketsTest, PortsAreOpenOrRefusedAndAControllerAnswers) {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM, 0));
    const std::uint16_t open = bind_any_port(listener.get());
    ASSERT_EQ(listen(listener.get(), 8), 0);
    std::uint16_t closed = 0;
    {
        const UniqueFd gone(socket(AF_INET, SOCK_STREAM, 0));
        closed = bind_any_port(gone.get());
    }
    const Findings found = probe({false, true, {open, closed}});
    EXPECT_EQ(found.ports, (std::vector<Port>{{open, PortState::open}, {closed, PortState::refused}}));
    EXPECT_TRUE(found.has_pong);
    EXPECT_TRUE(found.has_ipmi);
    EXPECT_TRUE(found.is_own);
    // The connection was reset: whoever accepts it reads no end, but the reset.
    const UniqueFd accepted(accept(listener.get(), nullptr, nullptr));
    char octet = 0;
    EXPECT_EQ(recv(accepted.get(), &octet, 1, 0), -1);
    EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(SocketsTest, APingIsAnsweredOrItIsSaidWhyThereIsNone) {
    const Findings found = probe({true, false, {}});
    EXPECT_EQ(found.rtt.has_value(), network_->icmp_problem().empty()) << network_->icmp_problem();
    if (found.rtt) {
        EXPECT_LT(*found.rtt, Prober::kTimeout);
        return;
    }
    EXPECT_NE(network_->icmp_problem().find("net.ipv4.ping_group_range"), std::string::npos);
}

TEST_F(SocketsTest, AddressesOfOthersAreNotOurs) {
    EXPECT_TRUE(network_->is_own(kLoopback + 7));
    EXPECT_FALSE(network_->is_own(0xc0000201)) << "192.0.2.1";
}

}  // namespace
}  // namespace outstation::probe
