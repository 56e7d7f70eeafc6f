// SPDX-License-Identifier: GPL-3.0-or-later
// A real snmpd on loopback of our own, of UDP and TCP, of IPv4 and, where the machine has it, IPv6: a folder,
// a port and secrets that nobody else knows. Ends with its object.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace outstation::oracle {

class Agent {
  public:
    [[nodiscard]] static bool is_installed();
    [[nodiscard]] static bool has_ipv6();
    // Lines of snmpd.conf beside those for the community.
    explicit Agent(const std::string& more_lines = "");
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const std::string& community() const { return community_; }
    // Its users and engine are kept, the number of its boots grows.
    void restart();

  private:
    void start();
    void stop() const;
    [[noreturn]] void run() const;

    std::uint16_t port_;
    std::string community_;
    std::filesystem::path folder_;
    pid_t pid_ = -1;
};

}  // namespace outstation::oracle
