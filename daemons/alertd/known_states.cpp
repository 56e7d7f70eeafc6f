// SPDX-License-Identifier: GPL-3.0-or-later
// One entry a place; the number says which came last.
#include "daemons/alertd/known_states.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace outstation::alertd {
namespace {

constexpr std::string_view kDeviceUp = "device_up";
constexpr std::string_view kDeviceDown = "device_down";
constexpr std::string_view kInterfaceUp = "interface_up";
constexpr std::string_view kInterfaceDown = "interface_down";
constexpr std::string_view kInterfaceGone = "interface_gone";
constexpr std::string_view kInterfaceName = "interface_name";

bool is_of_device(const wire::StateRecord& record) {
    return record.kind == kDeviceUp || record.kind == kDeviceDown;
}

}  // namespace

bool KnownStates::is_of_interface(const wire::StateRecord& record) {
    return record.kind == kInterfaceUp || record.kind == kInterfaceDown || is_end_of_interface(record) ||
           is_name_of_interface(record);
}

bool KnownStates::is_name_of_interface(const wire::StateRecord& record) {
    return record.kind == kInterfaceName;
}

bool KnownStates::is_end_of_interface(const wire::StateRecord& record) {
    return record.kind == kInterfaceGone;
}

KnownStates::State* KnownStates::place_of(const wire::StateRecord& record) {
    Device& device = devices_[record.device];
    if (is_of_device(record)) return &(device.own ? *device.own : device.own.emplace());
    const auto known = device.interfaces.find(record.value);
    if (known != device.interfaces.end()) return &known->second;
    if (device.interfaces.size() >= most_of_device_ || interfaces_ >= most_) return nullptr;
    ++interfaces_;
    return &device.interfaces[record.value];
}

bool KnownStates::take(const wire::StateRecord& record) {
    if (is_end_of_interface(record)) {
        remove({record.device, record.value});
        return true;
    }
    if (is_name_of_interface(record)) {
        rename(record);
        return true;
    }
    if (!is_of_device(record) && !is_of_interface(record)) return true;
    if (is_of_interface(record)) gone_.erase({record.device, record.value});
    State* state = place_of(record);
    if (state == nullptr) return false;
    const bool up = record.kind == kDeviceUp || record.kind == kInterfaceUp;
    *state = {record.component, record.reason, record.stamp, ++last_number_, up};
    return true;
}

void KnownStates::remove(const Port& port) {
    gone_.insert(port);
    const auto device = devices_.find(port.first);
    if (device != devices_.end()) interfaces_ -= device->second.interfaces.erase(port.second);
}

// The device has numbered its interfaces anew: another one is at this place, in the state that was told of
// it.
void KnownStates::rename(const wire::StateRecord& record) {
    const auto device = devices_.find(record.device);
    if (device == devices_.end()) return;
    const auto state = device->second.interfaces.find(record.value);
    if (state == device->second.interfaces.end() || state->second.name == record.component) return;
    state->second.name = record.component;
    state->second.stamp = record.stamp;
    state->second.number = ++last_number_;
}

const KnownStates::State* KnownStates::find(const Port& port) const {
    const auto device = devices_.find(port.first);
    if (device == devices_.end()) return nullptr;
    const auto state = device->second.interfaces.find(port.second);
    return state == device->second.interfaces.end() ? nullptr : &state->second;
}

const std::string* KnownStates::name_of(const Port& port) const {
    const State* state = find(port);
    return state == nullptr ? nullptr : &state->name;
}

std::optional<wire::StateRecord> KnownStates::state_of(const Port& port) const {
    const State* state = find(port);
    if (state == nullptr) return std::nullopt;
    return wire::StateRecord{
        port.first,  state->stamp, std::string(state->up ? kInterfaceUp : kInterfaceDown),
        state->name, port.second,  state->reason};
}

void KnownStates::for_each(const std::function<void(const wire::StateRecord&)>& take) const {
    struct Place {
        const State* state;
        const std::string* device;
        const std::string* index;  // nullptr: the device itself
    };
    std::vector<Place> places;
    for (const auto& [name, device] : devices_) {
        if (device.own) places.push_back({&*device.own, &name, nullptr});
        for (const auto& [index, state] : device.interfaces) places.push_back({&state, &name, &index});
    }
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return a.state->number < b.state->number; });
    for (const Place& place : places) {
        const State& state = *place.state;
        const std::string_view kind = place.index == nullptr ? (state.up ? kDeviceUp : kDeviceDown)
                                                             : (state.up ? kInterfaceUp : kInterfaceDown);
        take({*place.device, state.stamp, std::string(kind), state.name,
              place.index == nullptr ? std::string() : *place.index, state.reason});
    }
}

void KnownStates::let_go_of_devices(const std::function<bool(const std::string&)>& is_configured) {
    std::erase_if(devices_, [&](const auto& entry) {
        if (is_configured(entry.first)) return false;
        interfaces_ -= entry.second.interfaces.size();
        return true;
    });
    std::erase_if(gone_, [&](const Port& port) { return !is_configured(port.first); });
}

void KnownStates::let_go_of_gone(const std::set<Port>& wanted) {
    std::erase_if(gone_, [&wanted](const Port& port) { return !wanted.contains(port); });
}

}  // namespace outstation::alertd
