// SPDX-License-Identifier: GPL-3.0-or-later
// recvmmsg with the address that was asked, answer, send.
#include "tests/sim/server.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/sim/room.hpp"

namespace outstation::sim {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxRequestBytes = 8192;
constexpr int kReceiveBufferBytes = 8 << 20;
constexpr std::uint32_t kV6 = 65536;

struct alignas(cmsghdr) Control {
    char bytes[CMSG_SPACE(sizeof(in_pktinfo)) + 64];
};

// All of 127/8, and nothing that another machine sends: what is not for a device of ours is not read either.
Result<void> bind_to_loopback(const UniqueFd& fd, int family, std::uint16_t port) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    constexpr char kLoopback[] = "lo";
    if (family == AF_INET &&
        setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, kLoopback, sizeof kLoopback) != 0)
        return fail_errno("a socket for the loopback interface alone", errno);
    const auto* const address =
        family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
    if (bind(fd.get(), address, family == AF_INET6 ? sizeof v6 : sizeof v4) != 0)
        return fail_errno("port " + std::to_string(port), errno);
    return {};
}

Result<UniqueFd> open_socket(int family, std::uint16_t port) {
    UniqueFd fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("UDP socket", errno);
    // Best effort: the system's limit may be lower.
    if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof kReceiveBufferBytes) !=
        0)
        setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
    const int on = 1;
    if (family == AF_INET && setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0)
        return fail_errno("UDP socket that tells where it was asked", errno);
    if (const auto bound = bind_to_loopback(fd, family, port); !bound) return fail(bound.error().in("UDP"));
    return fd;
}

Result<UniqueFd> open_listener(int family, std::uint16_t port) {
    UniqueFd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("TCP socket", errno);
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (const auto bound = bind_to_loopback(fd, family, port); !bound) return fail(bound.error().in("TCP"));
    if (listen(fd.get(), SOMAXCONN) != 0) return fail_errno("TCP port " + std::to_string(port), errno);
    return fd;
}

// To which of our addresses a datagram came; 0: not known.
in_addr asked_address(msghdr& head) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&head); part != nullptr; part = CMSG_NXTHDR(&head, part)) {
        if (part->cmsg_level != IPPROTO_IP || part->cmsg_type != IP_PKTINFO) continue;
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(part), sizeof info);
        return info.ipi_addr;
    }
    return {};
}

}  // namespace

struct Server::Batch {
    std::array<std::array<char, kMaxRequestBytes>, kBatch> requests;
    std::array<sockaddr_storage, kBatch> peers;
    std::array<iovec, kBatch> parts;
    std::array<Control, kBatch> controls;
    std::array<mmsghdr, kBatch> heads;
};

// Answers to one request.
class Server::Reply : public Outbox {
  public:
    Reply(Server& server, const Route& route) : server_(server), route_(route) {}
    void send(std::string_view bytes, const Departure& departure) override {
        Route route = route_;
        if (departure.from_other_address) route.source.s_addr = htonl(ntohl(route.source.s_addr) ^ 1U);
        if (departure.from_other_port && server_.other_port_) route.fd = server_.other_port_.get();
        if (departure.after.count() > 0) return server_.post_.send_later(route, bytes, departure.after);
        server_.post_.send(route, bytes);
    }

  private:
    Server& server_;
    const Route& route_;
};

Server::Server(Loop& loop, AgentOptions options)
    : loop_(loop),
      agent_(std::move(options)),
      started_(loop.now()),
      started_wall_s_(std::chrono::duration<double>(loop.wall().time_since_epoch()).count()),
      batch_(std::make_unique<Batch>()),
      post_(loop) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(Loop& loop, std::vector<Device> devices, AgentOptions options) {
    auto server = std::unique_ptr<Server>(new Server(loop, std::move(options)));
    auto other = open_socket(AF_INET, 0);
    if (!other) return fail(other.error());
    server->other_port_ = std::move(*other);
    server->devices_.reserve(devices.size());
    for (Device& device : devices) {
        if (const auto added = server->add(std::move(device)); !added) return fail(added.error());
    }
    return server;
}

Result<Server::Place*> Server::place_of(const Device& device, bool is_v6) {
    auto& place = places_[device.port + (is_v6 ? kV6 : 0)];
    if (place) return place.get();
    auto fd = open_socket(is_v6 ? AF_INET6 : AF_INET, device.port);
    if (!fd) return fail(fd.error());
    auto listener = open_listener(is_v6 ? AF_INET6 : AF_INET, device.port);
    if (!listener) return fail(listener.error());
    place = std::make_unique<Place>();
    place->fd = std::move(*fd);
    place->streams = std::make_unique<Streams>(
        loop_, std::move(*listener),
        [this, at = place.get()](in_addr asked, std::string_view message, Outbox& out) {
            return answer(*at, asked, message, time(), out);
        });
    place->watch =
        loop_.watch(place->fd.get(), Interest::read, [this, at = place.get()](Ready) { serve(*at); });
    return place.get();
}

Result<void> Server::add(Device device) {
    if (!is_loopback(device.address))
        return fail(ErrorCode::refused,
                    device.id + ": " + device.address + ": only loopback addresses are served");
    in_addr v4{};
    const bool is_v6 = inet_pton(AF_INET, device.address.c_str(), &v4) != 1;
    const auto place = place_of(device, is_v6);
    if (!place) return fail(place.error().in(device.id));
    const auto [it, is_new] = (*place)->by_address.emplace(is_v6 ? 0 : v4.s_addr, devices_.size());
    if (!is_new)
        return fail(ErrorCode::config, device.id + ": " + device.address + " port " +
                                           std::to_string(device.port) + " is that of " +
                                           devices_[it->second].device.id);
    DeviceState state(device);
    devices_.push_back({std::move(device), std::move(state)});
    return {};
}

void Server::serve(const Place& place) {
    Batch& batch = *batch_;
    for (std::size_t i = 0; i < kBatch; ++i) {
        batch.parts[i] = {batch.requests[i].data(), batch.requests[i].size()};
        batch.heads[i] = {};
        batch.heads[i].msg_hdr.msg_name = &batch.peers[i];
        batch.heads[i].msg_hdr.msg_namelen = sizeof batch.peers[i];
        batch.heads[i].msg_hdr.msg_iov = &batch.parts[i];
        batch.heads[i].msg_hdr.msg_iovlen = 1;
        batch.heads[i].msg_hdr.msg_control = batch.controls[i].bytes;
        batch.heads[i].msg_hdr.msg_controllen = sizeof batch.controls[i].bytes;
    }
    const int n = recvmmsg(place.fd.get(), batch.heads.data(), kBatch, MSG_DONTWAIT, nullptr);
    const SimTime now = time();
    for (int i = 0; i < n; ++i) take(place, static_cast<std::size_t>(i), now);
    post_.flush();
}

void Server::take(const Place& place, std::size_t i, const SimTime& time) {
    mmsghdr& head = batch_->heads[i];
    Route route{place.fd.get(), asked_address(head.msg_hdr), batch_->peers[i], head.msg_hdr.msg_namelen};
    Reply reply(*this, route);
    (void)answer(place, route.source, {batch_->requests[i].data(), head.msg_len}, time, reply);
}

SimTime Server::time() const {
    return {started_wall_s_, std::chrono::duration<double>(loop_.now() - started_).count()};
}

bool Server::answer(const Place& place, in_addr asked, std::string_view message, const SimTime& time,
                    Outbox& outbox) {
    const auto it = place.by_address.find(asked.s_addr);
    if (it == place.by_address.end()) return false;
    ++requests_;
    Played& played = devices_[it->second];
    agent_.receive(played.device, played.state, message, time, outbox);
    return true;
}

}  // namespace outstation::sim
