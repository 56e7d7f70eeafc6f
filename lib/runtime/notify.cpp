// SPDX-License-Identifier: GPL-3.0-or-later
// sd_notify without the library: one datagram.
#include "lib/runtime/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace outstation::runtime {
namespace {

UniqueFd connect_datagram(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return UniqueFd{};
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';  // abstract name
    UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return UniqueFd{};
    return fd;
}

std::string take_variable(const char* name) {
    const char* value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    unsetenv(name);
    return text;
}

}  // namespace

Notifier::Notifier() : fd_(connect_datagram(take_variable("NOTIFY_SOCKET"))) {
    const std::string microseconds = take_variable("WATCHDOG_USEC");
    const long long value = std::strtoll(microseconds.c_str(), nullptr, 10);
    if (value > 0) watchdog_ = std::chrono::microseconds(value);
}

void Notifier::send(const std::string& assignments) const {
    if (!fd_) return;
    [[maybe_unused]] const ssize_t sent =
        ::send(fd_.get(), assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace outstation::runtime
