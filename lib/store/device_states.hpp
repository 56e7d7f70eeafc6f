// SPDX-License-Identifier: GPL-3.0-or-later
// The current state of every device: the stream `state` folded. Threads: one.
#pragma once

#include <map>
#include <string>

#include "lib/wire/store_messages.hpp"

namespace outstation::store {

class DeviceStates {
  public:
    static constexpr std::size_t kMaxDevices = 65536;
    // Of one device; more are left out.
    static constexpr std::size_t kMaxAttributes = 64;
    static constexpr std::size_t kMaxInterfaces = 4096;

    void add(const wire::StateRecord& record);
    [[nodiscard]] wire::DeviceStatesReply answer(const wire::DeviceStatesRequest& request) const;

  private:
    struct Interface {
        std::string name;
        bool up = false;
    };
    struct Device {
        wire::DeviceState state = wire::DeviceState::unknown;
        std::int64_t since_ns = 0;
        std::string reason;
        std::map<std::string, std::string> attributes;
        std::map<std::string, Interface> interfaces;  // by ifIndex
    };
    void add_interface(Device& device, const wire::StateRecord& record);
    [[nodiscard]] static wire::DeviceStateRow row_of(const std::string& name, const Device& device,
                                                     bool interfaces);

    std::map<std::string, Device> devices_;
};

}  // namespace outstation::store
