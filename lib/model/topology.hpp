// SPDX-License-Identifier: GPL-3.0-or-later
// From what devices say of their neighbours to the links of the room: both ends recognised, the evidence
// kept, and who is reached through whom. Pure: the same evidence gives the same map. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/model/neighbour.hpp"

namespace outstation::topology {

struct Evidence {
    Neighbour neighbour;
    std::int64_t since_ns = 0;  // wall clock: told first
};

// A configured device and all that it says of its neighbours and of itself.
struct Device {
    std::string id;
    std::string name;
    std::string device_class;  // switch, router, firewall, server, ...
    std::string address;       // that it is polled at
    std::string sys_name;
    std::vector<Evidence> evidence;
};

// How sure a link is, the weakest first.
enum class Strength : std::uint8_t {
    routing,    // a routing protocol says that they reach each other
    arp,        // a gateway knows the address at a port: the same subnet
    fdb,        // a bridge has learned the MAC, and no other, at a port
    one_end,    // one end heard the other announce itself
    both_ends,  // each heard the other
};
[[nodiscard]] const char* strength_name(Strength strength);

enum class Layer : std::uint8_t { wan, core, access, end };
[[nodiscard]] const char* layer_name(Layer layer);

struct Node {
    std::string id;  // of the device; of a neighbour that is not polled what it says it is, behind "?"
    std::string name;
    std::string device_class;  // empty: not known
    std::string address;
    bool is_polled = false;
    Layer layer = Layer::end;
    std::string parent;            // the node that it is reached through; empty: none
    std::uint32_t other_ends = 0;  // MACs at ports of its own that are of no node
};

struct Proof {
    std::string reporter;  // the device that says so
    Evidence evidence;
};

struct Link {
    std::string a;  // node; the nearer one to the parent
    std::string a_port;
    std::string b;
    std::string b_port;
    Strength strength = Strength::routing;
    std::int64_t since_ns = 0;  // of the oldest proof
    std::vector<Proof> proofs;
};

// Nodes by layer and name; links by their ends.
struct Map {
    std::vector<Node> nodes;
    std::vector<Link> links;
};

inline constexpr std::size_t kMaxStrangers = 1000;  // nodes that are not polled; more are left out

[[nodiscard]] Map draw(const std::vector<Device>& devices);
// Whether two names may be of one port: "GigabitEthernet1/0/1" and "Gi1/0/1".
[[nodiscard]] bool is_same_port(const std::string& one, const std::string& other);

}  // namespace outstation::topology
