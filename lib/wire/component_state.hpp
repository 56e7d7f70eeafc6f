// SPDX-License-Identifier: GPL-3.0-or-later
// A row of the current states of a device. Schema: store_messages.proto.
#pragma once

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

}  // namespace outstation::wire
