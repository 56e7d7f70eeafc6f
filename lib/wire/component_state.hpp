// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the current states of a device. Schema: store_messages.proto.
#pragma once

#include <cstdint>
#include <string>

namespace outstation::wire {

// A state that a device pack knows: of a battery, a fan.
struct ComponentStateRow {
    static constexpr const char* kName = "ComponentStateRow";
    std::string key;  // its OID
    std::string name;
    std::string severity;
    std::string text;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.key);
        v(2, s.name);
        v(3, s.severity);
        v(4, s.text);
    }
    bool operator==(const ComponentStateRow&) const = default;
};

// A neighbour that the device tells of (lib/model/neighbour.hpp).
struct NeighbourRow {
    static constexpr const char* kName = "NeighbourRow";
    std::string key;
    std::string port;  // of the device itself
    std::string protocol;
    std::string text;
    std::int64_t since_ns = 0;  // told first
    template <class V, class S>
    static void fields(V& v, S& s) {
        v(1, s.key);
        v(2, s.port);
        v(3, s.protocol);
        v(4, s.text);
        v(5, s.since_ns);
    }
    bool operator==(const NeighbourRow&) const = default;
};

}  // namespace outstation::wire
