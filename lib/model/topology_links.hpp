// SPDX-License-Identifier: GPL-3.0-or-later
// The links of a map, the surest evidence first: what is explained by a better one is a proof of it, no link
// of its own. Of one draw(). Threads: any.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/model/node_finder.hpp"
#include "lib/model/topology.hpp"

namespace outstation::topology {

class LinkMaker {
  public:
    explicit LinkMaker(const std::vector<Device>& devices);
    [[nodiscard]] Map take() { return std::move(map_); }

  private:
    // What one end says: seen from `near`.
    struct Word {
        const Device* near;
        std::string far;  // node
        const Evidence* evidence;
    };
    void announced();
    void learned();
    void resolved();
    void routed();
    void add_announced(const Word& word);
    // The link between the two that the word may mean; its end that was only told about becomes sure.
    [[nodiscard]] Link* meant(const Word& word);
    Link& add_link(const Word& word, Strength strength);
    static void prove(Link& link, const Word& word);
    // The node that a neighbour is, made where it is none yet; empty: there is no room for it.
    [[nodiscard]] std::string node_of(const Neighbour& neighbour);
    [[nodiscard]] bool is_linked(const std::string& node) const { return linked_.contains(node); }
    [[nodiscard]] Link* between(const std::string& a, const std::string& b);
    [[nodiscard]] std::vector<Word> words_of(const char* protocol, bool (*is_reporter)(const Device&));

    const std::vector<Device>& devices_;
    NodeFinder finder_;
    Map map_;
    std::map<std::string, std::size_t> strangers_;  // their places in the map
    std::set<std::string> linked_;
    std::set<std::pair<std::string, std::string>> announced_ports_;  // node and port
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> by_ends_;
};

}  // namespace outstation::topology
