// SPDX-License-Identifier: GPL-3.0-or-later
// Layers, parents, order.
#include "lib/model/topology.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "lib/model/topology_links.hpp"

namespace outstation::topology {
namespace {

// A map whose nodes are found by their ids, and what is beside each.
class Tree {
  public:
    explicit Tree(Map& map) : map_(map) {
        for (Node& node : map.nodes) nodes_[node.id] = &node;
        for (const Link& link : map.links) {
            beside_[link.a].emplace(link.b, link.strength);
            beside_[link.b].emplace(link.a, link.strength);
        }
    }

    void grow() {
        class_layers();
        switch_layers();
        stranger_layers();
        parents();
        turn_links();
    }

  private:
    using Beside = std::multimap<std::string, Strength>;

    static bool is_switch(const Node& node) { return node.device_class == "switch"; }
    static bool is_wan(const Node& node) {
        return node.device_class == "router" || node.device_class == "firewall";
    }

    static bool is_network(const Node& node) { return is_switch(node) || is_wan(node); }

    void class_layers() {
        for (Node& node : map_.nodes)
            node.layer = is_wan(node) ? Layer::wan : is_switch(node) ? Layer::access : Layer::end;
    }

    [[nodiscard]] std::size_t degree(const Node& node, bool (*counts)(const Node&)) const {
        const auto found = beside_.find(node.id);
        if (found == beside_.end()) return 0;
        return static_cast<std::size_t>(
            std::count_if(found->second.begin(), found->second.end(), [&](const auto& beside) {
                return counts(*nodes_.at(beside.first)) && beside.second != Strength::routing;
            }));
    }

    // A switch with a way out is of the core, or where none has, the ones with the most switches beside them.
    void switch_layers() {
        std::size_t most = 0;
        bool has_way_out = false;
        for (const Node& node : map_.nodes) {
            if (!is_switch(node)) continue;
            most = std::max(most, degree(node, is_switch));
            has_way_out = has_way_out || degree(node, is_wan) > 0;
        }
        for (Node& node : map_.nodes) {
            if (!is_switch(node)) continue;
            const bool is_core =
                has_way_out ? degree(node, is_wan) > 0 : most > 1 && degree(node, is_switch) == most;
            if (is_core) node.layer = Layer::core;
        }
    }

    // A router that only a routing protocol knows is out there; what several switches or gateways hear stands
    // between them; any other that is not polled is an end.
    void stranger_layers() {
        for (Node& node : map_.nodes) {
            if (node.is_polled) continue;
            const bool is_between = degree(node, is_network) > 1;
            if (is_between) node.layer = degree(node, is_wan) > 0 ? Layer::core : Layer::access;
            for (const auto& [other, strength] : beside_[node.id])
                if (strength == Strength::routing) node.layer = Layer::wan;
        }
    }

    // From the top layer down, breadth first, by the surest link, and never upwards; what has no way up
    // begins a tree of its own.
    void parents() {
        std::vector<Node*> order;
        for (Node& node : map_.nodes) order.push_back(&node);
        std::stable_sort(order.begin(), order.end(),
                         [this](const Node* a, const Node* b) { return rank(*a) < rank(*b); });
        std::map<std::string, bool> reached;
        for (Node* root : order) {
            if (reached[root->id]) continue;
            reached[root->id] = true;
            std::vector<Node*> front{root};
            for (std::size_t at = 0; at < front.size(); ++at)
                for (Node* child : children(*front[at], reached)) front.push_back(child);
        }
    }

    // The upper layers first; in each a router, then the node with the most beside it.
    [[nodiscard]] std::tuple<Layer, bool, std::size_t, std::string> rank(const Node& node) const {
        return {node.layer, node.device_class != "router",
                SIZE_MAX - degree(node, [](const Node&) { return true; }), node.id};
    }

    std::vector<Node*> children(const Node& node, std::map<std::string, bool>& reached) {
        std::vector<std::pair<std::string, Strength>> beside(beside_[node.id].begin(),
                                                             beside_[node.id].end());
        std::stable_sort(beside.begin(), beside.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; });
        std::vector<Node*> out;
        for (const auto& [id, strength] : beside) {
            if (reached[id] || nodes_[id]->layer < node.layer) continue;
            reached[id] = true;
            nodes_[id]->parent = node.id;
            out.push_back(nodes_[id]);
        }
        return out;
    }

    void turn_links() {
        for (Link& link : map_.links) {
            const Node& a = *nodes_[link.a];
            const Node& b = *nodes_[link.b];
            const bool is_upward = a.parent == b.id;
            const bool is_level = b.parent != a.id && !is_upward;
            if (!is_upward && !(is_level && std::tie(b.layer, b.id) < std::tie(a.layer, a.id))) continue;
            std::swap(link.a, link.b);
            std::swap(link.a_port, link.b_port);
        }
    }

    Map& map_;
    std::map<std::string, Node*> nodes_;
    std::map<std::string, Beside> beside_;
};

}  // namespace

const char* strength_name(Strength strength) {
    constexpr const char* kNames[] = {"routing", "arp", "fdb", "one_end", "both_ends"};
    return kNames[static_cast<std::size_t>(strength)];
}

const char* layer_name(Layer layer) {
    constexpr const char* kNames[] = {"wan", "core", "access", "end"};
    return kNames[static_cast<std::size_t>(layer)];
}

Map draw(const std::vector<Device>& devices) {
    Map map = LinkMaker(devices).take();
    std::sort(map.nodes.begin(), map.nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
    Tree(map).grow();
    std::stable_sort(map.nodes.begin(), map.nodes.end(),
                     [](const Node& a, const Node& b) { return a.layer < b.layer; });
    std::sort(map.links.begin(), map.links.end(), [](const Link& a, const Link& b) {
        return std::tie(a.a, a.a_port, a.b, a.b_port) < std::tie(b.a, b.a_port, b.b, b.b_port);
    });
    return map;
}

}  // namespace outstation::topology
