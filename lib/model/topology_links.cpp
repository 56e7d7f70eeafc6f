// SPDX-License-Identifier: GPL-3.0-or-later
// Four kinds of evidence, one after the other.
#include "lib/model/topology_links.hpp"

#include <algorithm>
#include <cctype>

namespace outstation::topology {
namespace {

using Ends = std::pair<std::string, std::string>;

Ends ends_of(const std::string& a, const std::string& b) {
    return a < b ? Ends{a, b} : Ends{b, a};
}

// What stands in front of the first digit, and from it on.
Ends split_port(const std::string& port) {
    const std::size_t digit = std::min(port.find_first_of("0123456789"), port.size());
    std::string word = port.substr(0, digit);
    for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return {word, port.substr(digit)};
}

bool is_gateway(const Device& device) {
    return device.device_class == "router" || device.device_class == "firewall" ||
           device.device_class == "switch";
}

bool is_anything(const Device&) {
    return true;
}

bool is_bridge(const Device& device) {
    return device.device_class != "server";  // whose bridges are of its guests
}

}  // namespace

bool is_same_port(const std::string& one, const std::string& other) {
    const auto [word, number] = split_port(one);
    const auto [other_word, other_number] = split_port(other);
    if (number != other_number) return false;
    const bool is_short = number.empty() || word.empty() || other_word.empty();
    return is_short ? word == other_word : word.front() == other_word.front();
}

LinkMaker::LinkMaker(const std::vector<Device>& devices) : devices_(devices), finder_(devices) {
    for (const Device& device : devices) {
        Node node;
        node.id = device.id;
        node.name = device.name;
        node.device_class = device.device_class;
        node.address = device.address;
        node.is_polled = true;
        map_.nodes.push_back(std::move(node));
    }
    announced();
    learned();
    resolved();
    routed();
}

std::string LinkMaker::node_of(const Neighbour& neighbour) {
    if (const Device* device = finder_.find(neighbour)) return device->id;
    const std::string& who = !neighbour.remote_id.empty()     ? neighbour.remote_id
                             : !neighbour.remote_name.empty() ? neighbour.remote_name
                                                              : neighbour.remote_address;
    const std::string id = "?" + plain_name(who);
    const auto known = strangers_.find(id);
    if (known != strangers_.end()) {
        Node& node = map_.nodes[known->second];
        if (node.address.empty()) node.address = neighbour.remote_address;
        if (node.name == who && !neighbour.remote_name.empty()) node.name = neighbour.remote_name;
        return id;
    }
    if (who.empty() || strangers_.size() >= kMaxStrangers) return {};
    Node node;
    node.id = id;
    node.name = neighbour.remote_name.empty() ? who : neighbour.remote_name;
    node.address = neighbour.remote_address;
    strangers_.emplace(id, map_.nodes.size());
    map_.nodes.push_back(std::move(node));
    return id;
}

Link* LinkMaker::between(const std::string& a, const std::string& b) {
    const auto found = by_ends_.find(ends_of(a, b));
    return found == by_ends_.end() ? nullptr : &map_.links[found->second.front()];
}

void LinkMaker::prove(Link& link, const Word& word) {
    const std::int64_t since = word.evidence->since_ns;
    if (link.proofs.empty() || since < link.since_ns) link.since_ns = since;
    link.proofs.push_back({word.near->id, *word.evidence});
}

Link& LinkMaker::add_link(const Word& word, Strength strength) {
    const Neighbour& neighbour = word.evidence->neighbour;
    Link link;
    link.a = word.near->id;
    link.a_port = neighbour.local_port;
    link.b = word.far;
    link.b_port = neighbour.remote_port;
    link.strength = strength;
    by_ends_[ends_of(link.a, link.b)].push_back(map_.links.size());
    linked_.insert(link.a);
    linked_.insert(link.b);
    map_.links.push_back(std::move(link));
    prove(map_.links.back(), word);
    return map_.links.back();
}

// By its own port, or by that of the other end as that end was told; at last the only one whose other end did
// not speak yet, for a port may be told by its description.
Link* LinkMaker::meant(const Word& word) {
    const auto found = by_ends_.find(ends_of(word.near->id, word.far));
    if (found == by_ends_.end()) return nullptr;
    const Neighbour& neighbour = word.evidence->neighbour;
    std::vector<Link*> silent;  // this end of them did not speak
    for (const std::size_t at : found->second) {
        Link& link = map_.links[at];
        if (link.a == word.near->id) {
            if (link.a_port == neighbour.local_port) return &link;
            continue;
        }
        const bool is_far = is_same_port(link.a_port, neighbour.remote_port);
        const bool is_near = is_same_port(link.b_port, neighbour.local_port);
        if (is_far && (is_near || link.strength != Strength::both_ends)) return &link;
        if (is_near) return &link;
        if (link.strength != Strength::both_ends) silent.push_back(&link);
    }
    return silent.size() == 1 ? silent.front() : nullptr;
}

void LinkMaker::add_announced(const Word& word) {
    announced_ports_.emplace(word.near->id, word.evidence->neighbour.local_port);
    Link* link = meant(word);
    if (link == nullptr) {
        add_link(word, Strength::one_end);
        return;
    }
    prove(*link, word);
    if (link->a == word.near->id) {
        if (link->b_port.empty()) link->b_port = word.evidence->neighbour.remote_port;
        return;
    }
    link->b_port = word.evidence->neighbour.local_port;  // which it knows better
    link->strength = Strength::both_ends;
}

std::vector<LinkMaker::Word> LinkMaker::words_of(const char* protocol, bool (*is_reporter)(const Device&)) {
    std::vector<Word> out;
    for (const Device& device : devices_) {
        if (!is_reporter(device)) continue;
        for (const Evidence& evidence : device.evidence)
            if (evidence.neighbour.protocol == protocol) out.push_back({&device, {}, &evidence});
    }
    return out;
}

void LinkMaker::announced() {
    for (const char* protocol : {"lldp", "cdp"}) {
        for (Word& word : words_of(protocol, is_anything)) {
            word.far = node_of(word.evidence->neighbour);
            if (!word.far.empty() && word.far != word.near->id) add_announced(word);
        }
    }
}

// A MAC at a port where somebody announces itself is behind that one. Of several bridges that see the same
// device the one with the fewest links to others is the nearest.
void LinkMaker::learned() {
    std::map<std::string, std::vector<Word>> by_far;
    std::map<std::string, std::uint32_t> others;
    for (Word& word : words_of("fdb", is_bridge)) {
        if (announced_ports_.contains({word.near->id, word.evidence->neighbour.local_port})) continue;
        const Device* device = finder_.find(word.evidence->neighbour);
        if (device == nullptr) ++others[word.near->id];
        if (device == nullptr || device == word.near) continue;
        word.far = device->id;
        by_far[word.far].push_back(word);
    }
    for (Node& node : map_.nodes)
        if (const auto found = others.find(node.id); found != others.end()) node.other_ends = found->second;
    std::map<std::string, int> degree;
    for (const Link& link : map_.links) {
        ++degree[link.a];
        ++degree[link.b];
    }
    for (const auto& [far, words] : by_far) {
        const Word* nearest = nullptr;
        for (const Word& word : words) {
            Link* known = between(word.near->id, far);
            if (known != nullptr) prove(*known, word);
            if (known == nullptr && (nearest == nullptr || degree[word.near->id] < degree[nearest->near->id]))
                nearest = &word;
        }
        if (nearest != nullptr && !is_linked(far)) add_link(*nearest, Strength::fdb);
    }
}

// Only of devices that nothing better is known of.
void LinkMaker::resolved() {
    std::set<std::string> lone;
    for (const Node& node : map_.nodes)
        if (node.is_polled && !is_linked(node.id)) lone.insert(node.id);
    for (Word& word : words_of("arp", is_gateway)) {
        const Device* device = finder_.find(word.evidence->neighbour);
        if (device == nullptr || device == word.near) continue;
        word.far = device->id;
        if (Link* known = between(word.near->id, word.far)) {
            prove(*known, word);
        } else if (lone.contains(word.far) && !is_linked(word.far)) {
            add_link(word, Strength::arp);
        }
    }
}

void LinkMaker::routed() {
    for (const char* protocol : {"ospf", "bgp"}) {
        for (Word& word : words_of(protocol, is_anything)) {
            word.far = node_of(word.evidence->neighbour);
            if (word.far.empty() || word.far == word.near->id) continue;
            if (Link* known = between(word.near->id, word.far)) {
                prove(*known, word);
            } else {
                add_link(word, Strength::routing);
            }
        }
    }
}

}  // namespace outstation::topology
