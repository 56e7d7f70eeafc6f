// SPDX-License-Identifier: GPL-3.0-or-later
// Names to numbers.
#include "daemons/polld/interface_numbers.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace outstation::polld {
namespace {

using Told = std::map<std::string, Recalled::Interface>;

// Numbers by name; empty where several were told by that name.
std::map<std::string_view, std::string_view> numbers_by_name(const Told& told) {
    std::map<std::string_view, std::string_view> out;
    for (const auto& [number, interface] : told) {
        if (!interface.name) continue;
        const auto [it, is_new] = out.emplace(*interface.name, number);
        if (!is_new) it->second = {};
    }
    return out;
}

// That only one of them has.
std::set<std::string> single_names(const std::vector<InterfaceState>& now) {
    std::map<std::string_view, int> count;
    for (const InterfaceState& interface : now) ++count[interface.name];
    std::set<std::string> out;
    for (const auto& [name, times] : count)
        if (times == 1) out.emplace(name);
    return out;
}

bool is_named_there(const Told& told, const InterfaceState& interface) {
    const auto known = told.find(interface.index);
    return known != told.end() && known->second.name.value_or(interface.index) == interface.name;
}

// The first of ours that says nothing of another. `next` is where the one before ended: none is looked at
// twice.
std::string own_number(const Told& told, std::set<std::string>& taken, std::uint64_t& next) {
    for (;; ++next) {
        std::string text = std::to_string(next);
        const auto known = told.find(text);
        const bool is_free = known == told.end() || !known->second.name;
        if (is_free && taken.insert(text).second) return text;
    }
}

}  // namespace

bool are_where_they_were(const std::vector<InterfaceState>& now, const ToldStates& told) {
    return std::all_of(now.begin(), now.end(), [&](const InterfaceState& interface) {
        return is_named_there(told.interfaces(), interface);
    });
}

std::vector<InterfaceState> numbered(std::vector<InterfaceState> now, const ToldStates& told) {
    const auto single = single_names(now);
    const auto numbers = numbers_by_name(told.interfaces());
    std::set<std::string> taken;
    std::vector<InterfaceState*> others;
    for (InterfaceState& interface : now) {
        const auto known = numbers.find(interface.name);
        if (known != numbers.end() && !known->second.empty() && single.contains(interface.name)) {
            interface.index = known->second;
            taken.insert(interface.index);
        } else {
            others.push_back(&interface);
        }
    }
    std::uint64_t next = kFirstOwnNumber;
    for (InterfaceState* interface : others)
        if (!taken.insert(interface->index).second)
            interface->index = own_number(told.interfaces(), taken, next);
    return now;
}

}  // namespace outstation::polld
