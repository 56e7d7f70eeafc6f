// SPDX-License-Identifier: GPL-3.0-or-later
// What a device says of one neighbour, and the text that it is told as in a state record
// (docs/formats/state.md). Plain data, pure functions; threads: any.
#pragma once

#include <string>
#include <string_view>

namespace outstation {

struct Neighbour {
    // lldp, cdp, fdb (a bridge learned the MAC at the port), arp, ospf, bgp; own: what the device says of
    // itself, so that others are known to mean it.
    std::string protocol;
    std::string local_port;
    std::string remote_name;
    std::string remote_port;
    std::string remote_id;  // chassis id or MAC, "00:11:22:33:44:55"
    std::string remote_address;
    bool operator==(const Neighbour&) const = default;
};

inline constexpr const char* kOwn = "own";
inline constexpr std::size_t kMaxNeighbourField = 128;  // octets of each field; the rest is cut

// The neighbour, whatever else is told of it: protocol, port, and the first of id, name and address.
[[nodiscard]] std::string neighbour_key(const Neighbour& neighbour);
// "name|port|id|address"; a `|` in a field becomes `/`.
[[nodiscard]] std::string neighbour_text(const Neighbour& neighbour);
// Fields that the text does not have are empty.
[[nodiscard]] Neighbour parse_neighbour(std::string protocol, std::string local_port, std::string_view text);
// It is announced by the neighbour itself.
[[nodiscard]] bool is_announced(std::string_view protocol);

}  // namespace outstation
