// SPDX-License-Identifier: GPL-3.0-or-later
// One comparison a kind of change.
#include "daemons/polld/state_watch.hpp"

#include <utility>

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

constexpr std::uint64_t kOperUp = 1;  // ifOperStatus up(1), RFC 2863
// sysUpTime wraps after 2^32 hundredths of a second; a value that came from the last hour before that is no
// restart.
constexpr std::uint64_t kWrapMargin = 0xffffffffU - 360'000;

bool went_back(std::uint64_t before, std::uint64_t now) {
    return before != 0 && now < before && before < kWrapMargin;
}

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
        case snmp::CycleError::unknown_engine:
        case snmp::CycleError::time_window:
        case snmp::CycleError::unknown_user:
        case snmp::CycleError::authentication:
        case snmp::CycleError::privacy:
        case snmp::CycleError::security_level:
        case snmp::CycleError::unknown_context:
        case snmp::CycleError::unauthentic:
            return "auth";
        default:
            return "timeout";
    }
}

std::vector<wire::StateRecord> StateWatch::update(const snmp::Cycle& cycle,
                                                  const std::vector<InterfaceState>& interfaces,
                                                  const wire::WireStamp& stamp, MonoTime now) {
    stamp_ = stamp;
    up_ = cycle.answered;
    out_.clear();
    changes_ = 0;
    const bool restarted = cycle.answered && see_restart(cycle);
    if (restarted) told_.forget_untold();
    if (!reachability_budget_.may_tell(now) || held_.size() >= kMaxHeld) return {};
    see_reachability(cycle);
    bool too_often = spend(reachability_budget_);
    if (budget_.may_tell(now)) {
        see_details(cycle, interfaces, restarted);
        too_often = spend(budget_) || too_often;
    }
    if (cycle.answered && recalled_ && texts_budget_.may_tell(now)) {
        see_texts(cycle, interfaces);
        too_often = spend(texts_budget_) || too_often;
    }
    if (too_often) say("changing_too_often");
    return std::move(out_);
}

void StateWatch::see_details(const snmp::Cycle& cycle, const std::vector<InterfaceState>& interfaces,
                             bool restarted) {
    if (restarted) say("device_restarted");
    if (cycle.answered) see_attributes(cycle);
    const auto& table = cycle.tables[static_cast<std::size_t>(TableId::interface)];
    if (cycle.answered && table.error == snmp::CycleError::none) see_interfaces(interfaces);
}

bool StateWatch::spend(ChangeBudget& budget) {
    const std::size_t changes = std::exchange(changes_, 0);
    return changes != 0 && budget.spend(changes);
}

void StateWatch::say(const char* kind, std::string component, std::string value, std::string reason,
                     std::string text) {
    wire::StateRecord record{device_,           stamp_,         kind, std::move(component), std::move(value),
                             std::move(reason), std::move(text)};
    const auto news = told_.offer(record);
    if (news == ToldStates::News::none) return;
    if (news == ToldStates::News::changed) ++changes_;
    if (!recalled_) {
        held_.push_back(std::move(record));
    } else if (news != ToldStates::News::learnt) {
        out_.push_back(std::move(record));
    }
}

std::vector<wire::StateRecord> StateWatch::recall(const Recalled& recalled) {
    if (std::exchange(recalled_, true)) return {};
    told_ = ToldStates(recalled);
    std::vector<wire::StateRecord> held = std::exchange(held_, {});
    if (first_uptime_ != 0 && went_back(recalled.uptime, first_uptime_))
        held.insert(held.begin(),
                    wire::StateRecord{device_, first_uptime_stamp_, "device_restarted", {}, {}, {}});
    if (uptime_ == 0) uptime_ = recalled.uptime;
    return news_of(std::move(held));
}

std::vector<wire::StateRecord> StateWatch::news_of(std::vector<wire::StateRecord> held) {
    std::vector<wire::StateRecord> out;
    for (wire::StateRecord& record : held) {
        if (record.kind == "device_restarted") told_.forget_untold();
        if (told_.offer(record) == ToldStates::News::changed) out.push_back(std::move(record));
    }
    return out;
}

void StateWatch::forget_details() {
    uptime_ = first_uptime_ = 0;
    told_.forget_untold();
}

void StateWatch::see_reachability(const snmp::Cycle& cycle) {
    if (cycle.answered) {
        say("device_up");
    } else {
        say("device_down", {}, {}, down_reason(cycle.error));
    }
}

bool StateWatch::see_restart(const snmp::Cycle& cycle) {
    const snmp::Cell& cell = cycle.scalars[static_cast<std::size_t>(Scalar::sys_uptime)];
    if (!cell.is_number()) return false;
    if (first_uptime_ == 0) {
        first_uptime_ = cell.number;
        first_uptime_stamp_ = stamp_;
    }
    return went_back(std::exchange(uptime_, cell.number), cell.number);
}

void StateWatch::see_attributes(const snmp::Cycle& cycle) {
    for (const Attribute& attribute : kAttributes) {
        const snmp::Cell& cell = cycle.scalars[static_cast<std::size_t>(attribute.scalar)];
        if (!cell.present() || cell.is_number()) continue;
        std::string text = cell.tag == snmp::Tag::oid ? snmp::decode_oid(cycle.bytes(cell)).value_or("")
                                                      : clean_text(cycle.bytes(cell), kMaxAttributeBytes);
        say("attribute", attribute.name, std::move(text));
    }
}

// What each is called, so that it is found by that; the rest at the next poll. A table that could not be read
// says nothing.
void StateWatch::see_texts(const snmp::Cycle& cycle, const std::vector<InterfaceState>& interfaces) {
    for (const TableId id : {TableId::interface, TableId::interface_name}) {
        if (cycle.tables[static_cast<std::size_t>(id)].error != snmp::CycleError::none) return;
    }
    const std::size_t most = out_.size() + kMaxTexts;
    for (const auto& [name, index] : told_.see_missing(interfaces, kMaxTexts))
        say("interface_gone", name, index);
    for (const InterfaceState& interface : interfaces) {
        if (out_.size() >= most) return;
        if (interface.index.size() > kMaxIndexOctets || told_.has_texts(interface)) continue;
        say("interface_name", interface.name, interface.index);
        say("interface_descr", interface.name, interface.index, {}, interface.descr);
        say("interface_alias", interface.name, interface.index, {}, interface.alias);
    }
}

void StateWatch::see_interfaces(const std::vector<InterfaceState>& interfaces) {
    for (const InterfaceState& interface : interfaces) {
        if (interface.oper_status == 0) continue;
        const bool up = interface.oper_status == kOperUp;
        say(up ? "interface_up" : "interface_down", interface.name, interface.index);
    }
}

}  // namespace outstation::polld
