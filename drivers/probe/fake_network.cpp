// SPDX-License-Identifier: GPL-3.0-or-later
// Answers as a host would make them.
#include "drivers/probe/fake_network.hpp"

#include <utility>

namespace outstation::probe {
namespace {

using namespace std::string_view_literals;

// RFC 1624: type 8 becomes 0, so the sum grows by 0x0800.
std::string echo_reply(std::string_view request) {
    std::string out(request);
    out[0] = 0;
    unsigned sum = static_cast<unsigned char>(out[2]) * 256U + static_cast<unsigned char>(out[3]) + 0x0800U;
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    out[2] = static_cast<char>(sum >> 8U);
    out[3] = static_cast<char>(sum & 0xFFU);
    return out;
}

std::string pong(std::string_view ping, bool has_ipmi) {
    std::string out(ping.substr(0, 8));
    out += '\x40';
    out += ping[9];
    out += "\x00\x10\x00\x00\x11\xBE\x00\x00\x00\x00"sv;
    out += has_ipmi ? '\x81' : '\x01';
    out.append(7, '\0');
    return out;
}

}  // namespace

class FakeNetwork::Connection : public Connecting {
  public:
    explicit Connection(std::size_t& open) : open_(open) { ++open_; }
    ~Connection() override { --open_; }
    Timer timer;

  private:
    std::size_t& open_;
};

const FakeNetwork::Host* FakeNetwork::deliver(std::uint32_t to, const std::string& kind) {
    sent.push_back({to, kind, loop_.now()});
    if (lost > 0) {
        --lost;
        return nullptr;
    }
    const auto host = hosts.find(to);
    return host == hosts.end() ? nullptr : &host->second;
}

void FakeNetwork::answer_later(Duration delay, std::function<void()> answer) {
    answers_.push_back(loop_.after(delay, std::move(answer)));
}

bool FakeNetwork::send_icmp(std::uint32_t to, std::string_view message) {
    if (refuses) return false;
    const Host* host = deliver(to, "icmp");
    if (host == nullptr || !host->echoes) return true;
    answer_later(host->rtt, [this, to, reply = echo_reply(message)]() mutable {
        if (twist) twist(reply);
        events.on_icmp(to, reply);
    });
    return true;
}

bool FakeNetwork::send_asf(std::uint32_t to, std::string_view datagram) {
    if (refuses) return false;
    const Host* host = deliver(to, "asf");
    if (host == nullptr || !host->has_pong) return true;
    answer_later(host->rtt, [this, to, reply = pong(datagram, host->has_ipmi)]() mutable {
        if (twist) twist(reply);
        events.on_asf(to, reply);
    });
    return true;
}

std::unique_ptr<Connecting> FakeNetwork::connect(std::uint32_t to, std::uint16_t port,
                                                 OnConnected on_connected) {
    if (refuses) return nullptr;
    auto out = std::make_unique<Connection>(open_connections);
    const Host* host = deliver(to, "tcp/" + std::to_string(port));
    if (host != nullptr && host->ports.count(port) > 0)
        out->timer = loop_.after(
            host->rtt, [state = host->ports.at(port), answer = std::move(on_connected)] { answer(state); });
    return out;
}

}  // namespace outstation::probe
