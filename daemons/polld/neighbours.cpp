// SPDX-License-Identifier: GPL-3.0-or-later
// One share a kind.
#include "daemons/polld/neighbours.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

// What a device says of itself, of what: ids stand in front, for it may have addresses and ports without end.
constexpr const char* kOwnAddress = "own address";
constexpr const char* kOwnPort = "own port";

// The shares sum up to kMaxNeighbours.
struct Share {
    const char* kind;
    std::size_t most;
};
constexpr std::array kShares = {Share{"lldp", 64},      Share{"cdp", 32},    Share{"fdb", 64},
                                Share{"arp", 32},       Share{kOwn, 8},      Share{"ospf", 8},
                                Share{kOwnAddress, 16}, Share{kOwnPort, 24}, Share{"bgp", 8}};

std::string kind_of(const Neighbour& one) {
    if (one.protocol != kOwn) return one.protocol;
    if (!one.remote_address.empty()) return kOwnAddress;
    return one.local_port.empty() ? kOwn : kOwnPort;
}

Neighbour clean(const pack::Link& link) {
    const auto text = [](const std::string& raw) { return clean_text(raw, kMaxNeighbourField); };
    Neighbour out{link.protocol,          text(link.local_port), text(link.remote_name),
                  text(link.remote_port), text(link.remote_id),  text(link.remote_address)};
    if (out.remote_name == out.remote_id) out.remote_name.clear();
    return out;
}

// Two rows of a device may each tell a part.
void merge(Neighbour& known, const Neighbour& more) {
    const auto fill = [](std::string& field, const std::string& text) {
        if (field.empty()) field = text;
    };
    fill(known.remote_name, more.remote_name);
    fill(known.remote_port, more.remote_port);
    fill(known.remote_address, more.remote_address);
}

// By port: its MAC; empty where there are several.
std::map<std::string, std::string> only_macs(const std::vector<Neighbour>& all) {
    std::map<std::string, std::string> out;
    for (const Neighbour& one : all) {
        if (one.protocol != "fdb") continue;
        const auto [known, is_new] = out.try_emplace(one.local_port, one.remote_id);
        if (!is_new && known->second != one.remote_id) known->second.clear();
    }
    return out;
}

// A device says of itself what it is called once, not for each of its ports.
std::string key_of(const Neighbour& one) {
    if (one.protocol != kOwn) return neighbour_key(one);
    return neighbour_key({one.protocol, {}, {}, {}, one.remote_id, one.remote_address});
}

}  // namespace

Neighbours neighbours_of(const std::vector<pack::Link>& links, bool is_whole) {
    std::vector<Neighbour> all;
    for (const pack::Link& link : links) all.push_back(clean(link));
    const auto macs = only_macs(all);
    std::map<std::string, Neighbours> by_kind;
    for (Neighbour& one : all) {
        const bool is_learned = one.protocol == "fdb";
        if (is_learned && (!is_whole || one.local_port.empty() || macs.at(one.local_port).empty())) continue;
        const auto [known, is_new] = by_kind[kind_of(one)].try_emplace(key_of(one), one);
        if (!is_new) merge(known->second, one);
    }
    Neighbours out;
    for (const Share& share : kShares) {
        Neighbours& those = by_kind[share.kind];
        const auto end =
            std::next(those.begin(), static_cast<std::ptrdiff_t>(std::min(share.most, those.size())));
        out.insert(those.begin(), end);
    }
    return out;
}

}  // namespace outstation::polld
