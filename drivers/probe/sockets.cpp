// SPDX-License-Identifier: GPL-3.0-or-later
// ICMP, UDP and connections of TCP that end as soon as they are there.
#include "drivers/probe/sockets.hpp"

#include <linux/icmp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "drivers/probe/icmp.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::probe {
namespace {

constexpr std::size_t kMostBytes = 2048;  // of what is received: more is no answer to us
constexpr int kMostPerTurn = 64;          // a flood does not keep the loop from others
constexpr std::uint32_t kLoopback = 127;  // the first octet

sockaddr_in socket_address(std::uint32_t address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(address);
    return out;
}

const sockaddr* raw(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

bool send_to(int fd, const sockaddr_in& to, std::string_view bytes) {
    const ssize_t sent =
        sendto(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, raw(to), sizeof to);
    return sent == static_cast<ssize_t>(bytes.size());
}

template <typename Use>
void receive(int fd, Use use) {
    std::array<char, kMostBytes> buffer;
    for (int i = 0; i < kMostPerTurn; ++i) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t n = recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &size);
        if (n < 0) return;
        use(from, std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    }
}

class Connection : public Connecting {
  public:
    Connection(Loop& loop, UniqueFd fd, Network::OnConnected on_connected)
        : loop_(loop), fd_(std::move(fd)), on_connected_(std::move(on_connected)) {}
    // A reset in place of the long goodbye.
    ~Connection() override {
        const linger at_once{1, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }

    // False: the system does not even try.
    bool begin(const sockaddr_in& to) {
        const bool is_there = ::connect(fd_.get(), raw(to), sizeof to) == 0;
        const int error = is_there ? 0 : errno;
        if (error == EINPROGRESS) {
            watch_ = loop_.watch(fd_.get(), Interest::write, [this](Ready) { on_ready(); });
            return true;
        }
        if (!is_there && error != ECONNREFUSED) return false;
        soon_ = loop_.after(Duration{0}, [this, error] { tell(error); });
        return true;
    }

  private:
    void on_ready() {
        int error = 0;
        socklen_t size = sizeof error;
        if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        watch_.cancel();
        tell(error);
    }
    void tell(int error) {
        const PortState state = error == 0              ? PortState::open
                                : error == ECONNREFUSED ? PortState::refused
                                                        : PortState::silent;
        on_connected_(state);
    }

    Loop& loop_;
    UniqueFd fd_;
    Network::OnConnected on_connected_;
    Watch watch_;
    Timer soon_;
};

class Sockets : public Network {
  public:
    Sockets(Loop& loop, std::uint16_t asf_port) : loop_(loop), asf_port_(asf_port) {}

    [[nodiscard]] Result<void> open() {
        udp_ = UniqueFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!udp_) return fail_errno("UDP socket", errno);
        open_icmp();
        return {};
    }

    void listen(Events events) override {
        events_ = std::move(events);
        udp_watch_ = loop_.watch(udp_.get(), Interest::read, [this](Ready) { on_udp(); });
        if (icmp_) icmp_watch_ = loop_.watch(icmp_.get(), Interest::read, [this](Ready) { on_icmp(); });
    }
    [[nodiscard]] const std::string& icmp_problem() const override { return icmp_problem_; }

    // Where the kernel would answer itself: the way there begins at that address.
    [[nodiscard]] bool is_own(std::uint32_t address) override {
        if (address >> 24U == kLoopback) return true;
        const UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const sockaddr_in to = socket_address(address, kAsfPort);
        sockaddr_in from{};
        socklen_t size = sizeof from;
        return fd && ::connect(fd.get(), raw(to), sizeof to) == 0 &&
               getsockname(fd.get(), reinterpret_cast<sockaddr*>(&from), &size) == 0 &&
               from.sin_addr.s_addr == to.sin_addr.s_addr;
    }

    [[nodiscard]] bool send_icmp(std::uint32_t to, std::string_view message) override {
        return icmp_ && send_to(icmp_.get(), socket_address(to, 0), message);
    }
    [[nodiscard]] bool send_asf(std::uint32_t to, std::string_view datagram) override {
        return send_to(udp_.get(), socket_address(to, asf_port_), datagram);
    }
    [[nodiscard]] std::unique_ptr<Connecting> connect(std::uint32_t to, std::uint16_t port,
                                                      OnConnected on_connected) override {
        UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd) return nullptr;
        auto out = std::make_unique<Connection>(loop_, std::move(fd), std::move(on_connected));
        if (!out->begin(socket_address(to, port))) return nullptr;
        return out;
    }

  private:
    void open_icmp() {
        icmp_ = UniqueFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP));
        if (icmp_) return;
        const std::string why = std::strerror(errno);
        icmp_ = UniqueFd(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP));
        is_raw_ = static_cast<bool>(icmp_);
        if (!is_raw_) {
            icmp_problem_ = "net.ipv4.ping_group_range has none of our groups (" + why +
                            "), and there is no CAP_NET_RAW (" + std::strerror(errno) + ")";
            return;
        }
        const icmp_filter echo_replies{~(1U << ICMP_ECHOREPLY)};
        setsockopt(icmp_.get(), SOL_RAW, ICMP_FILTER, &echo_replies, sizeof echo_replies);
    }

    void on_icmp() {
        receive(icmp_.get(), [this](const sockaddr_in& from, std::string_view bytes) {
            const auto message = is_raw_ ? parse_ip_packet(bytes) : Result<std::string_view>(bytes);
            if (message) events_.on_icmp(ntohl(from.sin_addr.s_addr), *message);
        });
    }

    void on_udp() {
        receive(udp_.get(), [this](const sockaddr_in& from, std::string_view bytes) {
            if (ntohs(from.sin_port) == asf_port_) events_.on_asf(ntohl(from.sin_addr.s_addr), bytes);
        });
    }

    Loop& loop_;
    std::uint16_t asf_port_;
    Events events_;
    UniqueFd udp_;
    UniqueFd icmp_;
    bool is_raw_ = false;
    std::string icmp_problem_;
    Watch udp_watch_;
    Watch icmp_watch_;
};

}  // namespace

Result<std::unique_ptr<Network>> open_sockets(Loop& loop, std::uint16_t asf_port) {
    auto out = std::make_unique<Sockets>(loop, asf_port);
    if (const auto opened = out->open(); !opened) return fail(opened.error());
    return out;
}

}  // namespace outstation::probe
