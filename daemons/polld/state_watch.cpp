// SPDX-License-Identifier: GPL-3.0-or-later
// One comparison a kind of change.
#include "daemons/polld/state_watch.hpp"

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

constexpr std::uint64_t kOperUp = 1;  // ifOperStatus up(1), RFC 2863
// sysUpTime wraps after 2^32 hundredths of a second; a value that came from the last hour before that is no
// restart.
constexpr std::uint64_t kWrapMargin = 0xffffffffU - 360'000;

}  // namespace

const char* down_reason(snmp::CycleError error) {
    switch (error) {
        case snmp::CycleError::refused:
            return "refused";
        case snmp::CycleError::malformed:
        case snmp::CycleError::not_increasing:
        case snmp::CycleError::endless:
        case snmp::CycleError::agent:
            return "malformed";
        default:
            return "timeout";
    }
}

std::vector<wire::StateRecord> StateWatch::update(const snmp::Cycle& cycle,
                                                  const std::vector<InterfaceState>& interfaces,
                                                  const wire::WireStamp& stamp) {
    stamp_ = stamp;
    out_.clear();
    see_reachability(cycle);
    if (cycle.answered) {
        see_restart(cycle);
        see_attributes(cycle);
        if (cycle.error == snmp::CycleError::none) see_interfaces(interfaces);
    }
    return std::move(out_);
}

void StateWatch::tell(const char* kind, std::string component, std::string value, std::string reason) {
    out_.push_back({device_, stamp_, kind, std::move(component), std::move(value), std::move(reason)});
}

void StateWatch::see_reachability(const snmp::Cycle& cycle) {
    if (up_ == cycle.answered) return;
    up_ = cycle.answered;
    if (cycle.answered) {
        tell("device_up");
    } else {
        tell("device_down", {}, {}, down_reason(cycle.error));
    }
}

void StateWatch::see_restart(const snmp::Cycle& cycle) {
    const snmp::Cell& cell = cycle.scalars[static_cast<std::size_t>(Scalar::sys_uptime)];
    if (!cell.is_number()) return;
    const bool went_back = uptime_ != 0 && cell.number < uptime_ && uptime_ < kWrapMargin;
    uptime_ = cell.number;
    if (!went_back) return;
    oper_status_.clear();  // what they were before says nothing
    tell("device_restarted");
}

void StateWatch::see_attributes(const snmp::Cycle& cycle) {
    for (const Attribute& attribute : kAttributes) {
        const snmp::Cell& cell = cycle.scalars[static_cast<std::size_t>(attribute.scalar)];
        if (!cell.present() || cell.is_number()) continue;
        std::string text = cell.tag == snmp::Tag::oid ? snmp::decode_oid(cycle.bytes(cell)).value_or("")
                                                      : clean_text(cycle.bytes(cell), kMaxAttributeBytes);
        const auto [it, added] = attributes_.try_emplace(attribute.name);
        if (!added && it->second == text) continue;
        it->second = text;
        tell("attribute", attribute.name, std::move(text));
    }
}

void StateWatch::see_interfaces(const std::vector<InterfaceState>& interfaces) {
    std::map<std::string, std::uint64_t> now;
    for (const InterfaceState& interface : interfaces) {
        if (interface.oper_status == 0) continue;
        now[interface.index] = interface.oper_status;
        const auto before = oper_status_.find(interface.index);
        if (before == oper_status_.end()) continue;
        const bool was_up = before->second == kOperUp;
        const bool is_up = interface.oper_status == kOperUp;
        if (was_up != is_up) tell(is_up ? "interface_up" : "interface_down", interface.name);
    }
    oper_status_ = std::move(now);
}

}  // namespace outstation::polld
