// SPDX-License-Identifier: GPL-3.0-or-later
// What probed answers (types 600 to 699). Schema: probe_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/wire/wire.hpp"

namespace outstation::wire {

// Whether anything answers at these addresses, without a credential. Answered by ProbeReply, after the last
// of them; malformed when there are too many, exhausted when too many wait already.
struct ProbeRequest {
    static constexpr const char* kName = "ProbeRequest";
    static constexpr std::uint16_t kType = 600;
    static constexpr std::size_t kMostAddresses = 256;
    static constexpr std::size_t kMostPorts = 16;
    std::vector<std::uint32_t> addresses;  // of IPv4, 10.0.0.1 is 0x0a000001
    std::vector<std::uint32_t> ports{};    // of TCP; empty: those that probed is configured with
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.addresses);
        v(2, s.ports);
    }
    bool operator==(const ProbeRequest&) const = default;
};

struct ProbedAddress {
    static constexpr const char* kName = "ProbedAddress";
    std::uint32_t address = 0;
    bool is_own = false;  // of this machine, where an echo or a port says nothing
    bool has_echo = false;
    std::uint64_t rtt_ns = 0;
    bool has_pong = false;  // it answers the presence ping of ASF
    bool has_ipmi = false;  // and says there that it has IPMI
    std::vector<std::uint32_t> open_ports{};
    std::vector<std::uint32_t> refused_ports{};  // it is there, and nothing listens
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.address);
        v(2, s.is_own);
        v(3, s.has_echo);
        v(4, s.rtt_ns);
        v(5, s.has_pong);
        v(6, s.has_ipmi);
        v(7, s.open_ports);
        v(8, s.refused_ports);
    }
    bool operator==(const ProbedAddress&) const = default;
};

struct ProbeReply {
    static constexpr const char* kName = "ProbeReply";
    static constexpr std::uint16_t kType = 601;
    std::vector<ProbedAddress> addresses;  // in the order of the request
    std::string icmp_problem{};            // why no echo was asked for; empty: it was
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.addresses);
        v(2, s.icmp_problem);
    }
    bool operator==(const ProbeReply&) const = default;
};

}  // namespace outstation::wire
