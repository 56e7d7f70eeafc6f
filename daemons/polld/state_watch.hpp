// SPDX-License-Identifier: GPL-3.0-or-later
// Sees what changed of a device from cycle to cycle, and says it as state records: what is now is compared
// with what stored was told. Until stored's own knowledge is recalled after a start, changes are held here;
// then those that are news are told. A device that changes too often is told less of (change_budget.hpp):
// after `changing_too_often` only the state that it has when there is room again. Whether it is reachable has
// a budget of its own, so that no storm of interfaces hides that the device died; so has what interfaces are
// called, which waits until stored's knowledge is recalled and is told in pieces. Threads: the loop's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemons/polld/change_budget.hpp"
#include "daemons/polld/device_packs.hpp"
#include "daemons/polld/strain.hpp"
#include "daemons/polld/told_states.hpp"
#include "daemons/polld/translator.hpp"
#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/usm_session.hpp"
#include "lib/wire/records.hpp"

namespace outstation::polld {

class StateWatch {
  public:
    explicit StateWatch(std::string device) : device_(std::move(device)) {}

    // Records of what changed, to be told; `stamp` is written into each.
    [[nodiscard]] std::vector<wire::StateRecord> update(const snmp::Cycle& cycle,
                                                        const std::vector<InterfaceState>& seen,
                                                        const wire::WireStamp& stamp, MonoTime now);
    // How a device that answered is asked: its engine (no id: not SNMPv3), and the fall-back in force, if
    // any. Nothing until recalled, so that it is compared with what was before this run.
    [[nodiscard]] std::vector<wire::StateRecord> see_agent(const snmp::EngineState& engine,
                                                           const std::string& fallback,
                                                           const wire::WireStamp& stamp, MonoTime now);
    // Another device has the same engine; empty: none any more. Each is told once.
    [[nodiscard]] std::vector<wire::StateRecord> see_shared_engine(const std::string& other,
                                                                   const wire::WireStamp& stamp);
    // Whether it keeps up. That it does not, and that it does again, is told once, also over a restart.
    [[nodiscard]] std::vector<wire::StateRecord> see_strain(const Strain& strain,
                                                            const wire::WireStamp& stamp);
    [[nodiscard]] const std::string& told_attribute(const char* name) const { return told_.attribute(name); }
    // What packs found in the cycle that update() was told of: states, once recall() was, and of a survey
    // what the device is.
    [[nodiscard]] std::vector<wire::StateRecord> update(const DevicePacks::Found& found,
                                                        const wire::WireStamp& stamp, MonoTime now);
    // What stored knew before this run: gives what was held and is news. Once.
    [[nodiscard]] std::vector<wire::StateRecord> recall(const Recalled& recalled);
    [[nodiscard]] bool is_recalled() const { return recalled_; }
    // stored will never have this record: a state is told again at the next look that sees it.
    void untell(const wire::StateRecord& record) { told_.untell(record); }
    // The device has another address: its uptime and the interfaces that no event told of say nothing any
    // more.
    void forget_details();
    [[nodiscard]] std::optional<bool> up() const { return up_; }

  private:
    static constexpr std::size_t kMaxHeld = 8192;
    static constexpr std::size_t kMaxParts = 256;  // of what a device is built of
    static constexpr std::size_t kMaxTexts = 256;  // records of a cycle that say what is called how, about
    static constexpr std::size_t kMaxIndexOctets = 10;  // InterfaceIndex has 32 bits (RFC 2863)
    [[nodiscard]] bool see_restart(const snmp::Cycle& cycle, MonoTime now);
    void see_reachability(const snmp::Cycle& cycle);
    void see_attributes(const snmp::Cycle& cycle);
    void see_texts(const snmp::Cycle& cycle, const std::vector<InterfaceState>& interfaces);
    void see_interfaces(const std::vector<InterfaceState>& interfaces);
    void see_identity(const DevicePacks::Found& found);
    void see_components(const DevicePacks::Found& found);
    void see_neighbours(const DevicePacks::Found& found);
    void see_parts(const DevicePacks::Found& found);
    void say(const char* kind, std::string component = {}, std::string value = {}, std::string reason = {},
             std::string text = {});
    void see_engine(const snmp::EngineState& engine, MonoTime now);
    void see_same_engine(MonoTime now);
    void see_boots(MonoTime now);
    void note_restart(MonoTime now);
    void see_other_engine(const std::string& before, const std::string& id);
    void settle(const char* attribute);
    void see_details(const snmp::Cycle& cycle, const std::vector<InterfaceState>& interfaces, bool restarted);
    // By the numbers that stored knows them by; held_ says ifIndexes.
    void number_held();
    // True when the changes since the last call used the budget up.
    [[nodiscard]] bool spend(ChangeBudget& budget);
    [[nodiscard]] std::vector<wire::StateRecord> news_of(std::vector<wire::StateRecord> held);

    std::string device_;
    std::optional<bool> up_;
    std::uint64_t uptime_ = 0;        // hundredths of a second; 0: not known
    std::uint64_t first_uptime_ = 0;  // of this run
    wire::WireStamp first_uptime_stamp_;
    ToldStates told_;
    std::string former_engine_;  // the id before the one that is told; of this run
    MonoTime engine_told_{};
    MonoTime engine_flipped_{};  // it was another than the one that is told
    MonoTime engine_went_back_{};
    MonoTime restart_known_{};  // by the uptime, since boots last grew
    MonoTime first_uptime_at_{};
    ChangeBudget budget_;        // of everything else
    ChangeBudget texts_budget_;  // of what interfaces are called, and how it is asked
    ChangeBudget packs_budget_;  // of what packs find
    ChangeBudget reachability_budget_{ChangeBudget::kMostReachability};
    bool recalled_ = false;
    std::vector<wire::StateRecord> held_;  // until recalled
    std::vector<InterfaceState> numbered_;
    wire::WireStamp stamp_;
    std::size_t changes_ = 0;  // of this cycle, not paid for yet
    std::vector<wire::StateRecord> out_;
};

// Why a device counts as down, in the words of the API.
[[nodiscard]] const char* down_reason(snmp::CycleError error);

}  // namespace outstation::polld
