// SPDX-License-Identifier: GPL-3.0-or-later
// All devices of the station with what is known of each: configuration, state, last poll, counts. Threads:
// the loop's.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemons/webd/latest.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::webd {

struct DeviceView {
    const wire::DeviceConfig* config = nullptr;
    const wire::DeviceStateRow* stored = nullptr;  // null: no state was ever recorded
    const wire::PollStatus* poll = nullptr;        // null: polld does not say
    wire::DeviceState state = wire::DeviceState::unknown;
    std::int64_t since_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::string reason;
    std::int64_t interval_ns = 0;    // between two polls now
    std::int64_t configured_ns = 0;  // as configured
    std::optional<double> uptime_s;
    std::optional<int> interfaces_up;
    std::optional<int> interfaces_total;
    std::optional<int> sensors;

    [[nodiscard]] std::string_view attribute(std::string_view name) const;
};

struct Fleet {
    std::shared_ptr<const wire::ConfigReply> config;
    Pages<wire::DeviceStatesReply> states;
    Seen<wire::PollStatusReply> polls;
    Rows uptimes;
    Rows oper;
    Rows sensors;
    std::vector<DeviceView> devices;  // in the order of the configuration

    [[nodiscard]] const DeviceView* find(const std::string& id) const;
    [[nodiscard]] bool store_connected() const { return states.fresh; }
};

void ask_fleet(Site& site, std::function<void(std::shared_ptr<const Fleet>)> callback);

[[nodiscard]] std::string_view state_name(wire::DeviceState state);
// The contract's schema Device.
[[nodiscard]] nlohmann::ordered_json device_json(const DeviceView& device);
// The device's name for people.
[[nodiscard]] std::string name_of(const wire::DeviceConfig& device);
// Its id when it is not configured; null without an id.
[[nodiscard]] nlohmann::ordered_json device_name_json(const std::string& id, const wire::ConfigReply& config);
// The poll interval of a device, in ns.
[[nodiscard]] std::int64_t interval_of(const wire::ConfigReply& config, const wire::DeviceConfig* device);

}  // namespace outstation::webd
