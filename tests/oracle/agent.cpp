// SPDX-License-Identifier: GPL-3.0-or-later
// fork, exec, SIGTERM.
#include "tests/oracle/agent.hpp"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>

namespace outstation::oracle {
namespace {

constexpr char kSnmpd[] = "/usr/sbin/snmpd";

std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0)
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

}  // namespace

bool Agent::is_installed() {
    return access(kSnmpd, X_OK) == 0;
}

bool Agent::has_ipv6() {
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const bool is_bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return is_bound;
}

Agent::Agent(const std::string& more_lines)
    : port_(free_port()), community_("c" + std::to_string(std::random_device{}())) {
    std::string folder = (std::filesystem::temp_directory_path() / "snmpd-oracle-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    std::filesystem::create_directory(folder_ / "state");
    const std::string port = std::to_string(port_);
    const std::string ipv6 = has_ipv6() ? ",udp6:[::1]:" + port + ",tcp6:[::1]:" + port : "";
    std::ofstream(folder_ / "snmpd.conf")
        << "rocommunity " << community_ << " 127.0.0.1\nrocommunity6 " << community_ << " ::1\n"
        << "sysLocation oracle\nsysContact nobody\n"
        << "agentAddress udp:127.0.0.1:" << port << ",tcp:127.0.0.1:" << port << ipv6 << "\n"
        << more_lines;
    start();
}

Agent::~Agent() {
    stop();
    std::filesystem::remove_all(folder_);
}

void Agent::restart() {
    stop();
    start();
}

void Agent::start() {
    pid_ = fork();
    if (pid_ == 0) run();
}

void Agent::stop() const {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

void Agent::run() const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Its configuration and what it keeps itself, and nothing of the machine's own agent.
    const std::string state = (folder_ / "state").string();
    setenv("SNMPCONFPATH", (folder_.string() + ":" + state).c_str(), 1);
    setenv("SNMP_PERSISTENT_DIR", state.c_str(), 1);
    setenv("MIBS", "", 1);
    execl(kSnmpd, kSnmpd, "-f", "-Ln", static_cast<char*>(nullptr));
    _exit(127);
}

}  // namespace outstation::oracle
