// SPDX-License-Identifier: GPL-3.0-or-later
// recvmmsg, answer, sendmmsg.
#include "tests/sim/server.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

#include "drivers/snmp/datagram_socket.hpp"

namespace outstation::sim {
namespace {

constexpr std::size_t kBatch = 16;
constexpr std::size_t kMaxRequestBytes = 4096;
constexpr rlim_t kSpareDescriptors = 64;

Result<UniqueFd> open_socket(const Device& device) {
    if (!is_loopback(device.address))
        return fail(ErrorCode::refused, device.address + ": only loopback addresses are served");
    auto address = snmp::Address::parse(device.address, device.port);
    if (!address) return fail(address.error());
    const int family = address->is_v6() ? AF_INET6 : AF_INET;
    UniqueFd fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("UDP socket", errno);
    if (bind(fd.get(), address->raw(), address->raw_size()) != 0)
        return fail_errno("bind " + address->text(), errno);
    return fd;
}

void allow_descriptors(std::size_t sockets) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur =
        std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, sockets + kSpareDescriptors));
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct Server::Batch {
    std::array<std::array<char, kMaxRequestBytes>, kBatch> requests;
    std::array<sockaddr_storage, kBatch> peers;
    std::array<iovec, kBatch> parts;
    std::array<mmsghdr, kBatch> heads;
};

Server::Server(Loop& loop, AgentOptions options)
    : loop_(loop), agent_(std::move(options)), started_(loop.now()), batch_(std::make_unique<Batch>()) {
    time_.started_wall_s = std::chrono::duration<double>(loop.wall().time_since_epoch()).count();
}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(Loop& loop, std::vector<Device> devices, AgentOptions options) {
    allow_descriptors(devices.size());
    auto server = std::unique_ptr<Server>(new Server(loop, std::move(options)));
    for (Device& device : devices) {
        auto fd = open_socket(device);
        if (!fd) return fail(fd.error().in(device.id));
        auto endpoint = std::make_unique<Endpoint>();
        endpoint->fd = std::move(*fd);
        endpoint->mib = std::move(device.mib);
        endpoint->watch = loop.watch(endpoint->fd.get(), Interest::read,
                                     [self = server.get(), at = endpoint.get()](Ready) { self->serve(*at); });
        server->endpoints_.push_back(std::move(endpoint));
    }
    return server;
}

void Server::serve(const Endpoint& endpoint) {
    Batch& batch = *batch_;
    for (std::size_t i = 0; i < kBatch; ++i) {
        batch.parts[i] = {batch.requests[i].data(), batch.requests[i].size()};
        batch.heads[i] = {};
        batch.heads[i].msg_hdr.msg_name = &batch.peers[i];
        batch.heads[i].msg_hdr.msg_namelen = sizeof batch.peers[i];
        batch.heads[i].msg_hdr.msg_iov = &batch.parts[i];
        batch.heads[i].msg_hdr.msg_iovlen = 1;
    }
    const int n = recvmmsg(endpoint.fd.get(), batch.heads.data(), kBatch, MSG_DONTWAIT, nullptr);
    time_.elapsed_s = std::chrono::duration<double>(loop_.now() - started_).count();
    for (int i = 0; i < n; ++i) {
        const mmsghdr& head = batch.heads[static_cast<std::size_t>(i)];
        const std::string_view request(batch.requests[static_cast<std::size_t>(i)].data(), head.msg_len);
        const std::string_view answer = agent_.answer(*endpoint.mib, request, time_);
        if (answer.empty()) continue;
        // An agent whose network is full loses answers too: the poller asks again.
        (void)sendto(endpoint.fd.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                     static_cast<const sockaddr*>(head.msg_hdr.msg_name), head.msg_hdr.msg_namelen);
    }
}

}  // namespace outstation::sim
