// SPDX-License-Identifier: GPL-3.0-or-later
// One share a protocol.
#include "daemons/polld/neighbours.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

// The shares sum up to kMaxNeighbours.
struct Share {
    const char* protocol;
    std::size_t most;
};
constexpr std::array kShares = {Share{"lldp", 64}, Share{"cdp", 32}, Share{"fdb", 64}, Share{"arp", 32},
                                Share{"own", 48},  Share{"ospf", 8}, Share{"bgp", 8}};

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
    std::map<std::string, Neighbours> by_protocol;
    for (Neighbour& one : all) {
        const bool is_learned = one.protocol == "fdb";
        if (is_learned && (!is_whole || one.local_port.empty() || macs.at(one.local_port).empty())) continue;
        const auto [known, is_new] = by_protocol[one.protocol].try_emplace(key_of(one), one);
        if (!is_new) merge(known->second, one);
    }
    Neighbours out;
    for (const Share& share : kShares) {
        Neighbours& those = by_protocol[share.protocol];
        const auto end =
            std::next(those.begin(), static_cast<std::ptrdiff_t>(std::min(share.most, those.size())));
        out.insert(those.begin(), end);
    }
    return out;
}

}  // namespace outstation::polld
