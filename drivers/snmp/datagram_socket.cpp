// SPDX-License-Identifier: GPL-3.0-or-later
// sendmmsg and recvmmsg.
#include "drivers/snmp/datagram_socket.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

namespace outstation::snmp {

Result<Address> Address::parse(const std::string& text, std::uint16_t port) {
    Address out;
    sockaddr_in v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&out.generic_, &v4, sizeof v4);
        return out;
    }
    if (inet_pton(AF_INET6, text.c_str(), &out.generic_.sin6_addr) == 1) {
        out.generic_.sin6_family = AF_INET6;
        out.generic_.sin6_port = htons(port);
        return out;
    }
    return fail(ErrorCode::malformed, "not an IP address: " + text.substr(0, 80));
}

std::string Address::text() const {
    char buffer[INET6_ADDRSTRLEN] = "";
    const std::string port = std::to_string(ntohs(generic_.sin6_port));  // at the same place in both
    if (is_v6()) {
        inet_ntop(AF_INET6, &generic_.sin6_addr, buffer, sizeof buffer);
        return "[" + std::string(buffer) + "]:" + port;
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &generic_, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, buffer, sizeof buffer);
    return std::string(buffer) + ":" + port;
}

bool Address::operator==(const Address& other) const {
    if (generic_.sin6_family != other.generic_.sin6_family || generic_.sin6_port != other.generic_.sin6_port)
        return false;
    if (is_v6()) return std::memcmp(&generic_.sin6_addr, &other.generic_.sin6_addr, sizeof(in6_addr)) == 0;
    return std::memcmp(&generic_, &other.generic_, offsetof(sockaddr_in, sin_addr) + sizeof(in_addr)) == 0;
}

namespace {

constexpr std::size_t kMaxDatagramBytes = 65536;
// Not a power of two: the fronts of all buffers would fall into the same few sets of the caches.
constexpr std::size_t kStride = kMaxDatagramBytes + 2048;
// Room for the answers of a whole batch of requests sent at once.
constexpr int kReceiveBufferBytes = 4 << 20;

// Between two looks at a socket; where the clock was set meanwhile nobody knows.
constexpr Duration kLongestWait = std::chrono::milliseconds(100);

Duration duration_of(const timespec& time) {
    return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

// That of the stamps.
Duration wall_clock() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return duration_of(now);
}

std::optional<Duration> came_at(msghdr& head) {
    const cmsghdr* stamp = CMSG_FIRSTHDR(&head);
    if (stamp == nullptr || stamp->cmsg_level != SOL_SOCKET || stamp->cmsg_type != SCM_TIMESTAMPNS)
        return std::nullopt;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(stamp), sizeof time);
    return duration_of(time);
}

class UdpSocket : public DatagramSocket {
  public:
    explicit UdpSocket(UniqueFd fd) : fd_(std::move(fd)), buffer_(new char[kBatch * kStride]) {
        for (std::size_t i = 0; i < kBatch; ++i) {
            parts_[i] = iovec{buffer_.get() + i * kStride, kMaxDatagramBytes};
            heads_[i].msg_hdr = {};
            heads_[i].msg_hdr.msg_iov = &parts_[i];
            heads_[i].msg_hdr.msg_iovlen = 1;
            heads_[i].msg_hdr.msg_name = received_[i].address.raw();
            heads_[i].msg_hdr.msg_control = stamps_[i].data();
        }
    }
    [[nodiscard]] int fd() const override { return fd_.get(); }

    [[nodiscard]] std::size_t send(std::span<Datagram> datagrams, int& error) override {
        std::array<mmsghdr, kBatch> heads;
        std::array<iovec, kBatch> parts;
        const std::size_t n = std::min(datagrams.size(), kBatch);
        for (std::size_t i = 0; i < n; ++i) {
            parts[i] = iovec{const_cast<char*>(datagrams[i].bytes.data()), datagrams[i].bytes.size()};
            heads[i] = {};
            heads[i].msg_hdr.msg_name = datagrams[i].address.raw();
            heads[i].msg_hdr.msg_namelen = datagrams[i].address.raw_size();
            heads[i].msg_hdr.msg_iov = &parts[i];
            heads[i].msg_hdr.msg_iovlen = 1;
        }
        const int sent =
            sendmmsg(fd_.get(), heads.data(), static_cast<unsigned>(n), MSG_DONTWAIT | MSG_NOSIGNAL);
        error = sent >= 0 || errno == EAGAIN || errno == EINTR ? 0 : errno;
        return sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }

    [[nodiscard]] std::span<const Datagram> receive() override {
        for (std::size_t i = 0; i < kBatch; ++i) {
            heads_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
            heads_[i].msg_hdr.msg_controllen = stamps_[i].size();
        }
        const int n = recvmmsg(fd_.get(), heads_.data(), kBatch, MSG_DONTWAIT, nullptr);
        const Duration now = n > 0 ? wall_clock() : Duration{0};
        for (int i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(i);
            received_[at].bytes = std::string_view(buffer_.get() + at * kStride, heads_[at].msg_len);
            received_[at].waited = now - came_at(heads_[at].msg_hdr).value_or(now);
            received_[at].waited = std::clamp(received_[at].waited, Duration{0}, kLongestWait);
        }
        return {received_.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    }

  private:
    UniqueFd fd_;
    std::unique_ptr<char[]> buffer_;  // untouched pages cost nothing
    std::array<Datagram, kBatch> received_{};
    std::array<iovec, kBatch> parts_{};
    std::array<std::array<char, CMSG_SPACE(sizeof(timespec))>, kBatch> stamps_{};
    std::array<mmsghdr, kBatch> heads_{};
};

}  // namespace

Result<std::unique_ptr<DatagramSocket>> open_datagram_socket(int family) {
    UniqueFd fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("UDP socket", errno);
    // Best effort: the system's limit may be lower.
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on,
               sizeof on);  // without it a wait counts as the device's
    if (family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return std::make_unique<UdpSocket>(std::move(fd));
}

}  // namespace outstation::snmp
