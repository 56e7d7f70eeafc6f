// SPDX-License-Identifier: GPL-3.0-or-later
// Which device a neighbour is: by chassis id or MAC, address, name, in this order. What two devices have in
// common (the address of a cluster, a name nobody set) tells nothing. Pure; the devices outlive it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/topology.hpp"

namespace outstation::topology {

class NodeFinder {
  public:
    explicit NodeFinder(const std::vector<Device>& devices);
    // nullptr: none of them.
    [[nodiscard]] const Device* find(const Neighbour& neighbour) const;

  private:
    using Index = std::map<std::string, const Device*, std::less<>>;  // nullptr: of several
    static void add(Index& index, const std::string& key, const Device* device);
    [[nodiscard]] static const Device* look(const Index& index, const std::string& key);
    void add_learned(const std::vector<Device>& devices);

    Index ids_;
    Index addresses_;
    Index names_;
};

// In lower case, without what CDP puts in brackets behind it.
[[nodiscard]] std::string plain_name(std::string_view name);

}  // namespace outstation::topology
