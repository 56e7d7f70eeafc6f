// SPDX-License-Identifier: GPL-3.0-or-later
// Devices on real sockets of the loopback interface: each answers from its own address, wherever it stands.
#include "tests/sim/server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <set>

#include "drivers/snmp/datagram_socket.hpp"
#include "tests/sim/room.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

using namespace std::chrono_literals;

std::vector<Device> devices_at(const std::vector<std::string>& addresses, std::uint16_t port) {
    const auto mib = std::make_shared<const Mib>(parse_snmprec("1.3.6.1.2.1.1.5.0|4|x\n").mib);
    std::vector<Device> out;
    for (const std::string& address : addresses) out.push_back({address, address, port, mib});
    return out;
}

class ServerTest : public testing::Test {
  protected:
    ServerTest()
        : loop_(std::move(*make_epoll_loop())), socket_(std::move(*snmp::open_datagram_socket(AF_INET))) {}
    // A port that nobody has just now.
    void start(const std::vector<std::string>& addresses, const std::string& behaviour = "") {
        for (port_ = 25161; port_ < 25261 && !server_; ++port_) {
            auto devices = devices_at(addresses, port_);
            Library library;
            if (!behaviour.empty()) add_behaviours(devices, {parse_behaviour(behaviour).value()}, library);
            auto server = Server::start(*loop_, std::move(devices), AgentOptions{});
            if (server) server_ = std::move(*server);
        }
        --port_;
        ASSERT_TRUE(server_);
    }
    static std::string get_request() {
        std::array<char, 200> buffer;
        snmp::BackWriter out(buffer);
        snmp::request_varbind(out, snmp::encode_oid("1.3.6.1.2.1.1.5.0").value(), {});
        snmp::finish_pdu(out, snmp::Tag::get_request, 5);
        snmp::finish_message(out, snmp::Version::v2c, "public");
        return std::string(out.bytes());
    }
    // How many answers came on one connection, where so many were waited for, before it ended.
    std::size_t ask_by_tcp(const std::string& address, const std::vector<std::string>& parts,
                           std::size_t answers) {
        const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        auto to = snmp::Address::parse(address, port_).value();
        EXPECT_EQ(connect(fd.get(), to.raw(), to.raw_size()), 0);
        snmp::MessageStream in;
        std::size_t got = 0;
        const Watch watch = loop_->watch(fd.get(), Interest::read, [&](Ready) {
            std::array<char, 1024> buffer;
            const ssize_t n = recv(fd.get(), buffer.data(), buffer.size(), 0);
            if (n <= 0) return loop_->stop();
            in.append({buffer.data(), static_cast<std::size_t>(n)});
            while (!in.take().empty()) ++got;
            if (got >= answers) loop_->stop();
        });
        for (const std::string& part : parts) {
            EXPECT_EQ(send(fd.get(), part.data(), part.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(part.size()));
            const Timer turn = loop_->after(5ms, [this] { loop_->stop(); });
            if (&part != &parts.back()) loop_->run();
        }
        const Timer patience = loop_->after(30s, [this] { loop_->stop(); });
        loop_->run();
        return got;
    }
    // Where answers to a GET at these addresses come from.
    std::multiset<std::string> ask(const std::vector<std::string>& addresses, std::size_t answers) {
        const std::string request = get_request();
        for (const std::string& address : addresses) {
            snmp::Datagram datagram{snmp::Address::parse(address, port_).value(), request};
            int error = 0;
            EXPECT_EQ(socket_->send({&datagram, 1}, error), 1U);
        }
        std::multiset<std::string> from;
        const Watch watch = loop_->watch(socket_->fd(), Interest::read, [&](Ready) {
            for (const snmp::Datagram& datagram : socket_->receive()) from.insert(datagram.address.text());
            if (from.size() >= answers) loop_->stop();
        });
        const Timer patience = loop_->after(30s, [this] { loop_->stop(); });
        loop_->run();
        return from;
    }
    [[nodiscard]] std::string at(const std::string& address) const {
        return address + ":" + std::to_string(port_);
    }

    std::unique_ptr<Loop> loop_;
    std::unique_ptr<snmp::DatagramSocket> socket_;
    std::unique_ptr<Server> server_;
    std::uint16_t port_ = 0;
};

TEST_F(ServerTest, OneSocketIsManyDevices) {
    start({"127.61.0.1", "127.61.0.2", "127.61.200.9"});
    EXPECT_EQ(ask({"127.61.0.2", "127.61.200.9", "127.61.0.3", "127.61.0.1"}, 3),
              (std::multiset<std::string>{at("127.61.0.1"), at("127.61.0.2"), at("127.61.200.9")}));
    EXPECT_EQ(server_->requests(), 3U);  // nobody is at 127.61.0.3
}

TEST_F(ServerTest, AnswersFromElsewhereAndLater) {
    start({"127.61.0.4"}, "wrong-address");
    EXPECT_EQ(ask({"127.61.0.4"}, 1), std::multiset<std::string>{at("127.61.0.5")});
    server_.reset();
    start({"127.61.0.4"}, "wrong-port");
    const auto from = ask({"127.61.0.4"}, 1);
    ASSERT_EQ(from.size(), 1U);
    EXPECT_EQ(from.begin()->substr(0, 11), "127.61.0.4:");
    EXPECT_NE(*from.begin(), at("127.61.0.4"));
    server_.reset();
    start({"127.61.0.4"}, "drip 20 ms");
    EXPECT_EQ(ask({"127.61.0.4", "127.61.0.4"}, 2).count(at("127.61.0.4")), 2U);
}

// One listener is many devices too; messages and answers of a connection follow each other.
TEST_F(ServerTest, DevicesAnswerOverTcp) {
    start({"127.61.0.7", "127.61.0.8"}, "drip 20 ms");
    const std::string request = get_request();
    EXPECT_EQ(ask_by_tcp("127.61.0.8", {request, request}, 2), 2U);
    EXPECT_EQ(ask_by_tcp("127.61.0.7", {request.substr(0, 9), request.substr(9)}, 1), 1U);
    EXPECT_EQ(server_->requests(), 3U);
    EXPECT_EQ(ask_by_tcp("127.61.0.9", {request}, 1), 0U);  // nobody is there: the connection ends
    EXPECT_EQ(ask_by_tcp("127.61.0.7", {"GET / HTTP/1.0"}, 1), 0U);
}

TEST_F(ServerTest, OneAddressIsOneDeviceAndLoopbackOnly) {
    const auto twice = Server::start(*loop_, devices_at({"127.61.0.1", "127.61.0.1"}, 25160), AgentOptions{});
    ASSERT_FALSE(twice);
    EXPECT_NE(twice.error().text.find("127.61.0.1"), std::string::npos);
    EXPECT_FALSE(Server::start(*loop_, devices_at({"192.0.2.1"}, 25160), AgentOptions{}));
    start({"127.61.0.1"});
    EXPECT_FALSE(Server::start(*loop_, devices_at({"127.61.0.2"}, port_), AgentOptions{}));
}

}  // namespace
}  // namespace outstation::sim
