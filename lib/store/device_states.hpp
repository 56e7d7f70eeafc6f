// SPDX-License-Identifier: GPL-3.0-or-later
// The current state of every device: the stream `state` folded. Threads: one.
#pragma once

#include <map>
#include <set>
#include <string>

#include "lib/wire/store_messages.hpp"

namespace outstation::store {

class DeviceStates {
  public:
    static constexpr std::size_t kMaxDevices = 65536;
    // Of one device; more are left out.
    static constexpr std::size_t kMaxAttributes = 64;
    static constexpr std::size_t kMaxInterfaces = 4096;
    static constexpr std::size_t kMaxComponents = 1024;
    static constexpr std::size_t kMaxNeighbours = 256;
    static constexpr std::size_t kMaxAnswerOctets = 2U << 20;  // then the answer says that there are more

    void add(const wire::StateRecord& record);
    // Other devices are not known any more: who watches one again must tell all of it. None: all stay.
    void keep_only(const std::set<std::string, std::less<>>& devices);
    // The device is down, and was at that moment.
    [[nodiscard]] bool is_down(const std::string& device, std::int64_t wall_ns) const;
    // The device was down at some moment since then, or is.
    [[nodiscard]] bool was_down(const std::string& device, std::int64_t from_ns) const;
    [[nodiscard]] wire::DeviceStatesReply answer(const wire::DeviceStatesRequest& request) const;

  private:
    static constexpr std::size_t kRowOctets = 24;  // about, of a row or a part of one, its texts apart
    struct Interface {
        std::string name;
        bool up = false;
        bool has_state = false;
        bool named = false;
        std::string descr;
        std::string alias;
    };
    struct Device {
        wire::DeviceState state = wire::DeviceState::unknown;
        std::int64_t since_ns = 0;
        bool was_down = false;  // before this state
        std::string reason;
        std::map<std::string, std::string> attributes;
        std::map<std::string, Interface> interfaces;                // by number
        std::map<std::string, wire::ComponentStateRow> components;  // by OID
        std::map<std::string, wire::NeighbourRow> neighbours;       // by key
    };
    static void add_component(Device& device, const wire::StateRecord& record);
    static void add_neighbour(Device& device, const wire::StateRecord& record);
    void add_interface(Device& device, const wire::StateRecord& record);
    [[nodiscard]] static wire::DeviceStateRow row_of(const std::string& name, const Device& device,
                                                     const wire::DeviceStatesRequest& request);

    [[nodiscard]] static std::size_t octets_of(const wire::DeviceStateRow& row);

    std::map<std::string, Device> devices_;
};

}  // namespace outstation::store
