// SPDX-License-Identifier: GPL-3.0-or-later
// Folding of state records.
#include "lib/store/device_states.hpp"

namespace outstation::store {

void DeviceStates::add(const wire::StateRecord& record) {
    if (devices_.size() >= kMaxDevices && !devices_.contains(record.device)) return;
    Device& device = devices_[record.device];
    if (record.kind == "attribute") {
        if (device.attributes.size() < kMaxAttributes || device.attributes.contains(record.component))
            device.attributes[record.component] = record.value;
    } else if (record.kind == "device_up" || record.kind == "device_down") {
        device.state = record.kind == "device_up" ? wire::DeviceState::up : wire::DeviceState::down;
        device.since_ns = record.stamp.wall_ns;
        device.reason = record.reason;
    }
}

wire::DeviceStatesReply DeviceStates::answer() const {
    wire::DeviceStatesReply reply;
    for (const auto& [name, device] : devices_) {
        auto& row = reply.devices.emplace_back(
            wire::DeviceStateRow{name, device.state, device.since_ns, device.reason, {}});
        for (const auto& [attribute, value] : device.attributes) row.attributes.push_back({attribute, value});
    }
    return reply;
}

}  // namespace outstation::store
