// SPDX-License-Identifier: GPL-3.0-or-later
// What polld answers (types 400 to 499). Schema: poll_messages.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outstation::wire {

// How devices are polled; device empty: all.
struct PollStatusRequest {
    static constexpr const char* kName = "PollStatusRequest";
    static constexpr std::uint16_t kType = 400;
    std::string device;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
    }
    bool operator==(const PollStatusRequest&) const = default;
};

struct PollStatus {
    static constexpr const char* kName = "PollStatus";
    std::string device;
    std::int64_t last_ns = 0;  // wall clock at the end of the last cycle; 0: never
    std::int64_t next_ns = 0;
    std::uint64_t duration_ns = 0;
    std::uint64_t rtt_ns = 0;    // 0: not known
    std::uint32_t requests = 0;  // of the last cycle
    std::uint32_t values = 0;
    std::uint32_t timeouts = 0;
    std::string error;     // empty: none; one line
    std::string protocol;  // "SNMPv2c"
    bool authenticated = false;
    std::uint64_t interval_ms = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.device);
        v(2, s.last_ns);
        v(3, s.next_ns);
        v(4, s.duration_ns);
        v(5, s.rtt_ns);
        v(6, s.requests);
        v(7, s.values);
        v(8, s.timeouts);
        v(9, s.error);
        v(10, s.protocol);
        v(11, s.authenticated);
        v(12, s.interval_ms);
    }
    bool operator==(const PollStatus&) const = default;
};

struct PollStatusReply {
    static constexpr const char* kName = "PollStatusReply";
    static constexpr std::uint16_t kType = 401;
    std::vector<PollStatus> devices;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.devices);
    }
    bool operator==(const PollStatusReply&) const = default;
};

}  // namespace outstation::wire
