// SPDX-License-Identifier: GPL-3.0-or-later
// Three indexes.
#include "lib/model/node_finder.hpp"

#include <algorithm>

namespace outstation::topology {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
    });
    return out;
}

// Loopback and "none" are of everybody.
bool tells(const std::string& address) {
    return !address.empty() && address != "127.0.0.1" && address != "0.0.0.0" && address != "::1" &&
           address != "::";
}

// "core-01" of "core-01.example.net".
std::string host_part(const std::string& name) {
    return name.substr(0, name.find('.'));
}

}  // namespace

std::string plain_name(std::string_view name) {
    return lower(name.substr(0, name.find('(')));
}

NodeFinder::NodeFinder(const std::vector<Device>& devices) {
    for (const Device& device : devices) {
        if (tells(device.address)) add(addresses_, device.address, &device);
        add(names_, plain_name(device.sys_name), &device);
        add(names_, host_part(plain_name(device.sys_name)), &device);
        for (const Evidence& evidence : device.evidence) {
            if (evidence.neighbour.protocol != kOwn) continue;
            add(ids_, lower(evidence.neighbour.remote_id), &device);
            if (tells(evidence.neighbour.remote_address))
                add(addresses_, evidence.neighbour.remote_address, &device);
        }
    }
    add_learned(devices);
}

// The MAC of an address that is known: what ARP says of devices that do not say it themselves.
void NodeFinder::add_learned(const std::vector<Device>& devices) {
    Index learned;
    for (const Device& device : devices) {
        for (const Evidence& evidence : device.evidence) {
            const Neighbour& neighbour = evidence.neighbour;
            const Device* owner = look(addresses_, neighbour.remote_address);
            if (neighbour.protocol == "arp" && owner != nullptr)
                add(learned, lower(neighbour.remote_id), owner);
        }
    }
    for (const auto& [id, owner] : learned)
        if (!ids_.contains(id)) ids_.emplace(id, owner);
}

void NodeFinder::add(Index& index, const std::string& key, const Device* device) {
    if (key.empty()) return;
    const auto [known, is_new] = index.try_emplace(key, device);
    if (!is_new && known->second != device) known->second = nullptr;
}

const Device* NodeFinder::look(const Index& index, const std::string& key) {
    const auto found = key.empty() ? index.end() : index.find(key);
    return found == index.end() ? nullptr : found->second;
}

const Device* NodeFinder::find(const Neighbour& neighbour) const {
    if (const Device* device = look(ids_, lower(neighbour.remote_id))) return device;
    if (const Device* device = look(addresses_, neighbour.remote_address)) return device;
    const std::string name = plain_name(neighbour.remote_name);
    const Device* device = look(names_, name);
    return device != nullptr ? device : look(names_, host_part(name));
}

}  // namespace outstation::topology
