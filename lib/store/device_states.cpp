// SPDX-License-Identifier: GPL-3.0-or-later
// Folding of state records.
#include "lib/store/device_states.hpp"

namespace outstation::store {

void DeviceStates::add(const wire::StateRecord& record) {
    if (record.kind.starts_with("discovery_")) return;  // of what is not configured, too
    if (devices_.size() >= kMaxDevices && !devices_.contains(record.device)) return;
    Device& device = devices_[record.device];
    if (record.kind == "attribute") {
        if (device.attributes.size() < kMaxAttributes || device.attributes.contains(record.component))
            device.attributes[record.component] = record.value;
    } else if (record.kind == "device_up" || record.kind == "device_down") {
        device.was_down = device.state == wire::DeviceState::down;
        device.state = record.kind == "device_up" ? wire::DeviceState::up : wire::DeviceState::down;
        device.since_ns = record.stamp.wall_ns;
        device.reason = record.reason;
    } else if (record.kind.starts_with("interface_")) {
        add_interface(device, record);
    } else if (record.kind.starts_with("component_")) {
        add_component(device, record);
    } else if (record.kind.starts_with("neighbour_")) {
        add_neighbour(device, record);
    }
}

void DeviceStates::add_component(Device& device, const wire::StateRecord& record) {
    if (record.kind == "component_gone") {
        device.components.erase(record.value);
    } else if (device.components.size() < kMaxComponents || device.components.contains(record.value)) {
        device.components[record.value] = {record.value, record.component, record.reason, record.text};
    }
}

// What else is told of one that is known does not make it new.
void DeviceStates::add_neighbour(Device& device, const wire::StateRecord& record) {
    if (record.kind == "neighbour_gone") {
        device.neighbours.erase(record.value);
        return;
    }
    if (device.neighbours.size() >= kMaxNeighbours && !device.neighbours.contains(record.value)) return;
    const auto [known, is_new] = device.neighbours.try_emplace(record.value);
    const std::int64_t since = is_new ? record.stamp.wall_ns : known->second.since_ns;
    known->second = {record.value, record.component, record.reason, record.text, since};
}

void DeviceStates::keep_only(const std::set<std::string, std::less<>>& devices) {
    if (devices.empty()) return;
    std::erase_if(devices_, [&devices](const auto& entry) { return !devices.contains(entry.first); });
}

// Records of before the index was kept do not say which of two interfaces of the same name they mean.
void DeviceStates::add_interface(Device& device, const wire::StateRecord& record) {
    if (record.value.empty()) return;
    if (record.kind == "interface_gone") {
        device.interfaces.erase(record.value);
        return;
    }
    if (device.interfaces.size() >= kMaxInterfaces && !device.interfaces.contains(record.value)) return;
    Interface& interface = device.interfaces[record.value];
    interface.name = record.component;
    if (record.kind == "interface_name") {
        interface.named = true;
    } else if (record.kind == "interface_descr") {
        interface.descr = record.text;
    } else if (record.kind == "interface_alias") {
        interface.alias = record.text;
    } else {
        interface.has_state = true;
        interface.up = record.kind == "interface_up";
    }
}

wire::DeviceStateRow DeviceStates::row_of(const std::string& name, const Device& device,
                                          const wire::DeviceStatesRequest& request) {
    wire::DeviceStateRow row{name, device.state, device.since_ns, device.reason, {}, {}, {}};
    for (const auto& [attribute, value] : device.attributes) row.attributes.push_back({attribute, value});
    if (request.neighbours)
        for (const auto& [key, neighbour] : device.neighbours) row.neighbours.push_back(neighbour);
    if (!request.interfaces) return row;
    for (const auto& [index, interface] : device.interfaces)
        row.interfaces.push_back({index, interface.name, interface.up, interface.has_state, interface.named,
                                  interface.descr, interface.alias});
    for (const auto& [key, component] : device.components) row.components.push_back(component);
    return row;
}

bool DeviceStates::is_down(const std::string& name, std::int64_t wall_ns) const {
    const auto device = devices_.find(name);
    return device != devices_.end() && device->second.state == wire::DeviceState::down &&
           device->second.since_ns <= wall_ns;
}

bool DeviceStates::was_down(const std::string& name, std::int64_t from_ns) const {
    const auto device = devices_.find(name);
    if (device == devices_.end()) return false;
    return device->second.state == wire::DeviceState::down ||
           (device->second.was_down && device->second.since_ns >= from_ns);
}

std::size_t DeviceStates::octets_of(const wire::DeviceStateRow& row) {
    std::size_t octets = kRowOctets + row.device.size() + row.reason.size();
    for (const auto& attribute : row.attributes)
        octets += kRowOctets + attribute.name.size() + attribute.value.size();
    for (const auto& interface : row.interfaces)
        octets += kRowOctets + interface.index.size() + interface.name.size() + interface.descr.size() +
                  interface.alias.size();
    for (const auto& component : row.components)
        octets += kRowOctets + component.key.size() + component.name.size() + component.severity.size() +
                  component.text.size();
    for (const auto& neighbour : row.neighbours)
        octets += kRowOctets + neighbour.key.size() + neighbour.port.size() + neighbour.protocol.size() +
                  neighbour.text.size();
    return octets;
}

wire::DeviceStatesReply DeviceStates::answer(const wire::DeviceStatesRequest& request) const {
    wire::DeviceStatesReply reply;
    std::size_t octets = 0;
    for (auto it = devices_.upper_bound(request.after); it != devices_.end() && !reply.more; ++it) {
        if (!request.device.empty() && request.device != it->first) continue;
        auto row = row_of(it->first, it->second, request);
        octets += octets_of(row);
        reply.more = octets > kMaxAnswerOctets && !reply.devices.empty();
        if (!reply.more) reply.devices.push_back(std::move(row));
    }
    return reply;
}

}  // namespace outstation::store
