// SPDX-License-Identifier: GPL-3.0-or-later
// One comparison a kind of change.
#include "daemons/polld/state_watch.hpp"

#include <utility>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/engine_watch.hpp"
#include "daemons/polld/interface_numbers.hpp"

namespace outstation::polld {
namespace {

constexpr std::uint64_t kOperUp = 1;  // ifOperStatus up(1), RFC 2863
// sysUpTime wraps after 2^32 hundredths of a second; a value that came from the last hour before that is no
// restart.
constexpr std::uint64_t kWrapMargin = 0xffffffffU - 360'000;

constexpr Duration kEnginePause = std::chrono::hours(1);

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
        case snmp::CycleError::time_window:
            return "clock";
        case snmp::CycleError::unknown_engine:
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
                                                  const std::vector<InterfaceState>& seen,
                                                  const wire::WireStamp& stamp, MonoTime now) {
    const bool is_numbered = !cycle.answered || are_where_they_were(seen, told_);
    if (!is_numbered) numbered_ = numbered(seen, told_);
    const std::vector<InterfaceState>& interfaces = is_numbered ? seen : numbered_;
    stamp_ = stamp;
    up_ = cycle.answered;
    out_.clear();
    changes_ = 0;
    const bool restarted = cycle.answered && see_restart(cycle, now);
    if (restarted) note_restart(now);
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

std::vector<wire::StateRecord> StateWatch::see_agent(const snmp::EngineState& engine,
                                                     const std::string& fallback,
                                                     const wire::WireStamp& stamp, MonoTime now) {
    if (!recalled_ || !texts_budget_.may_tell(now)) return {};
    stamp_ = stamp;
    out_.clear();
    changes_ = 0;
    if (told_.attribute(kFallbackAttribute) != fallback) say("attribute", kFallbackAttribute, fallback);
    if (!engine.id.empty()) see_engine(engine, now);
    if (spend(texts_budget_)) say("changing_too_often");
    return std::move(out_);
}

// What its clock drifted is no news, and told now and then only: some engines have a clock that stands.
void StateWatch::see_engine(const snmp::EngineState& engine, MonoTime now) {
    const EngineFacts before = EngineFacts::parse(told_.attribute(kEngineAttribute));
    const EngineFacts facts = EngineFacts::of(engine, stamp_.wall_ns);
    const bool is_due = now - engine_told_ >= kEnginePause;
    if (facts.id != before.id) {
        engine_flipped_ = now;
        if (facts.id == told_.attribute(kPairAttribute) && !is_due) return;
        if (!before.id.empty()) see_other_engine(before.id, facts.id);
    } else {
        see_same_engine(now);
        if (facts.boots == before.boots && (facts.is_like(before) || !is_due)) return;
        if (facts.boots > before.boots) see_boots(now);
        if (facts.boots < before.boots) {
            say("engine_clock_back");
            engine_went_back_ = now;
        }
    }
    say("attribute", kEngineAttribute, facts.text());
    engine_told_ = now;
}

// RFC 3414 section 2.2.2: it started anew, though its uptime says nothing of that, because it was away for
// longer than it had run. Boots that also go back are those of two agents with one id.
void StateWatch::see_boots(MonoTime now) {
    const bool is_one = engine_went_back_ == MonoTime{} || now - engine_went_back_ >= kEnginePause;
    const bool is_known = restart_known_ != MonoTime{} && now - restart_known_ < kEnginePause;
    restart_known_ = {};
    if (is_known || !is_one) return;
    told_.forget_untold();
    say("device_restarted");
}

void StateWatch::note_restart(MonoTime now) {
    told_.forget_untold();
    restart_known_ = now;
}

// Two that answer in turn are told once, until there is one for a while.
void StateWatch::see_same_engine(MonoTime now) {
    if (told_.attribute(kPairAttribute).empty()) return;
    if (engine_flipped_ == MonoTime{}) engine_flipped_ = now;  // since this start
    if (now - engine_flipped_ >= kEnginePause) settle(kPairAttribute);
}

void StateWatch::see_other_engine(const std::string& before, const std::string& id) {
    settle(kSharedAttribute);
    if (id == told_.attribute(kPairAttribute)) {
        say("attribute", kPairAttribute, before);
    } else if (id == former_engine_) {
        say("attribute", kPairAttribute, before);
        say("engine_alternates", before);
    } else {
        settle(kPairAttribute);
        say("engine_changed", before);
    }
    former_engine_ = before;
}

void StateWatch::settle(const char* attribute) {
    if (told_.attribute(attribute).empty()) return;
    say("attribute", attribute);
    say("engine_settled");
}

std::vector<wire::StateRecord> StateWatch::see_shared_engine(const std::string& other,
                                                             const wire::WireStamp& stamp) {
    if (!recalled_) return {};
    stamp_ = stamp;
    out_.clear();
    if (other.empty()) {
        settle(kSharedAttribute);
    } else {
        if (told_.attribute(kSharedAttribute).empty()) say("engine_shared", other);
        say("attribute", kSharedAttribute, other);
    }
    return std::move(out_);
}

std::vector<wire::StateRecord> StateWatch::see_strain(const Strain& strain, const wire::WireStamp& stamp) {
    const unsigned before = Strain::parse(told_.attribute(kStrainAttribute)).stretch();
    const unsigned now = strain.stretch();
    if (!recalled_ || before == now) return {};
    stamp_ = stamp;
    out_.clear();
    say("attribute", kStrainAttribute, strain.text());
    if (before == 1) say("under_strain");
    if (now == 1) say("strain_over");
    return std::move(out_);
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
    number_held();
    std::vector<wire::StateRecord> held = std::exchange(held_, {});
    if (first_uptime_ != 0 && went_back(recalled.uptime, first_uptime_)) {
        restart_known_ = first_uptime_at_;
        held.insert(held.begin(),
                    wire::StateRecord{device_, first_uptime_stamp_, "device_restarted", {}, {}, {}});
    }
    if (uptime_ == 0) uptime_ = recalled.uptime;
    return news_of(std::move(held));
}

void StateWatch::number_held() {
    std::map<std::string, std::string> names;  // the newest, by ifIndex
    for (const wire::StateRecord& record : held_)
        if (record.kind.starts_with("interface_")) names[record.value] = record.component;
    std::vector<InterfaceState> seen;
    for (const auto& [index, name] : names) seen.push_back({index, name});
    const std::vector<InterfaceState> known = numbered(seen, told_);
    std::map<std::string, std::string> numbers;
    for (std::size_t at = 0; at < seen.size(); ++at) numbers[seen[at].index] = known[at].index;
    for (wire::StateRecord& record : held_)
        if (record.kind.starts_with("interface_")) record.value = numbers[record.value];
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

bool StateWatch::see_restart(const snmp::Cycle& cycle, MonoTime now) {
    const snmp::Cell& cell = cycle.scalars[static_cast<std::size_t>(Scalar::sys_uptime)];
    if (!cell.is_number()) return false;
    if (first_uptime_ == 0) {
        first_uptime_ = cell.number;
        first_uptime_stamp_ = stamp_;
        first_uptime_at_ = now;
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
// says nothing, and one whose end was not seen, not what is missing.
void StateWatch::see_texts(const snmp::Cycle& cycle, const std::vector<InterfaceState>& interfaces) {
    for (const TableId id : {TableId::interface, TableId::interface_name}) {
        if (cycle.tables[static_cast<std::size_t>(id)].error != snmp::CycleError::none) return;
    }
    const std::size_t most = out_.size() + kMaxTexts;
    if (cycle.tables[static_cast<std::size_t>(TableId::interface)].complete) {
        for (const auto& [name, index] : told_.see_missing(interfaces, kMaxTexts))
            say("interface_gone", name, index);
    }
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
