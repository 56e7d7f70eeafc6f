// SPDX-License-Identifier: GPL-3.0-or-later
// Where the standard MIBs, and those of some makers, have what a recording should not tell: names, serial
// numbers, hardware addresses, addresses in an index. Threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "drivers/pack/oid.hpp"

namespace outstation::pack {

enum class Secret {
    name,     // of a device, a place, a person, a network, or a serial number: wherever it stands
    text,     // people wrote it: as a whole
    mac,      // six octets
    engine,   // snmpEngineID, RFC 3411 section 5
    dropped,  // communities, users, keys: not even their number
};

// What the value of this OID is, if anything that is known here.
[[nodiscard]] std::optional<Secret> secret_at(const Oid& oid);
// The device's maker wrote it: models, versions, names of parts. Its words are never taken for serial
// numbers.
[[nodiscard]] bool is_maker_text(const Oid& oid);

struct IndexAddress {
    std::size_t begin = 0;   // in the OID
    std::size_t length = 0;  // 4 and 16: an address; 6: a hardware address
};
// The addresses in its index, as its MIB has them.
[[nodiscard]] std::vector<IndexAddress> addresses_in_index(const Oid& oid);

}  // namespace outstation::pack
