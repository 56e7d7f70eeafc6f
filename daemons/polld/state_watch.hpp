// SPDX-License-Identifier: GPL-3.0-or-later
// Sees what changed of a device from cycle to cycle, and says it as state records. After a start the first
// cycle tells the state as it is, so that a restart of the station never leaves an old one standing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemons/polld/translator.hpp"
#include "drivers/snmp/plan.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

class StateWatch {
  public:
    explicit StateWatch(std::string device) : device_(std::move(device)) {}

    // Records of what changed; `stamp` is written into each.
    [[nodiscard]] std::vector<wire::StateRecord> update(const snmp::Cycle& cycle,
                                                        const std::vector<InterfaceState>& interfaces,
                                                        const wire::WireStamp& stamp);
    [[nodiscard]] std::optional<bool> up() const { return up_; }

  private:
    void see_reachability(const snmp::Cycle& cycle);
    void see_restart(const snmp::Cycle& cycle);
    void see_attributes(const snmp::Cycle& cycle);
    void see_interfaces(const std::vector<InterfaceState>& interfaces);
    void tell(const char* kind, std::string component = {}, std::string value = {}, std::string reason = {});

    std::string device_;
    std::optional<bool> up_;
    std::uint64_t uptime_ = 0;  // hundredths of a second; 0: not known
    std::map<std::string, std::string> attributes_;
    std::map<std::string, std::uint64_t> oper_status_;  // by ifIndex
    wire::WireStamp stamp_;
    std::vector<wire::StateRecord> out_;
};

// Why a device counts as down, in the words of the API.
[[nodiscard]] const char* down_reason(snmp::CycleError error);

}  // namespace outstation::polld
