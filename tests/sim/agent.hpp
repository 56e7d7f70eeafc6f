// SPDX-License-Identifier: GPL-3.0-or-later
// How a device answers (RFC 3416 section 4.2): pure, from a request and a time to the bytes of the response.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tests/sim/mib.hpp"
#include "tests/sim/request.hpp"

namespace outstation::sim {

struct AgentOptions {
    std::string community = "public";
    std::size_t max_message_bytes = 1472;
};

class Agent {
  public:
    explicit Agent(AgentOptions options) : options_(std::move(options)) {}
    // Empty: the request gets no answer (malformed, another community). Valid until the next call.
    [[nodiscard]] std::string_view answer(const Mib& mib, std::string_view datagram, const SimTime& time);

  private:
    [[nodiscard]] bool get(const Mib& mib, const Request& request, const SimTime& time);
    [[nodiscard]] bool get_next(const Mib& mib, const Request& request, const SimTime& time);
    void get_bulk(const Mib& mib, const Request& request, const SimTime& time);
    [[nodiscard]] bool put(snmp::OidBytes oid, snmp::Tag tag, std::string_view content);
    [[nodiscard]] bool put_instance(const Mib& mib, std::size_t at, snmp::OidBytes asked,
                                    const SimTime& time);

    AgentOptions options_;
    std::string list_;  // varbinds of the answer, front to back
    std::size_t room_ = 0;
    std::array<char, 65536> out_;
};

}  // namespace outstation::sim
