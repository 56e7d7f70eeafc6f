// SPDX-License-Identifier: GPL-3.0-or-later
// Rules, engine and alarms together: what the journal's records do to alarms, without any connection. At
// first, and whenever the tail was lost or the rules changed, the past is read again: begin(), old records,
// settle(); then records come live. Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemons/alertd/alarm_life.hpp"
#include "daemons/alertd/engine.hpp"
#include "daemons/alertd/known_states.hpp"

namespace outstation::alertd {

class Keeper {
  public:
    // A series that the device does not give any more ends its alarms after that long.
    static constexpr Duration kGoneAfter = std::chrono::hours(1);

    // As much as fits into the memory that the unit gives alertd: about 1.5 kB an alarm, 0.3 kB a state.
    struct Room {
        std::size_t alarms = AlarmBook::kMostAlarms;
        std::size_t states = KnownStates::kMost;
        std::size_t states_of_device = KnownStates::kMostOfDevice;
    };
    explicit Keeper(AlarmLife::Write write) : Keeper(std::move(write), Room{}) {}
    Keeper(AlarmLife::Write write, const Room& room)
        : life_(std::move(write), room.alarms), states_(room.states, room.states_of_device) {}

    // Takes effect with the next begin(). Rules that stand in for those that are not known yet end no alarm
    // of another rule.
    void set_rules(std::shared_ptr<const RuleSet> rules, bool known = true) {
        rules_ = std::move(rules);
        rules_known_ = known;
    }
    void rules_are_known() { rules_known_ = true; }
    // How far back samples are to be read.
    [[nodiscard]] Duration look_back() const;

    void begin();
    // `given_ns`: wall clock of its last value; 0: not known.
    void define(const wire::SeriesDef& def, std::int64_t given_ns = 0) { engine_->define(def, given_ns); }
    // From the journal, in order; what was seen before may come again.
    void on_old_state(const wire::StateRecord& record);
    void on_old_sample(const wire::SampleRecord& record) { engine_->on_sample(record); }
    // Evaluates from now on.
    void settle(const wire::WireStamp& now);

    void on_state(const wire::StateRecord& record);
    void on_sample(const wire::SampleRecord& record) { engine_->on_sample(record); }
    // Once a second.
    void tick(const wire::WireStamp& now);
    // The devices that are configured; alarms of others end. Not called: all are.
    void keep_only(std::set<std::string> devices);

    [[nodiscard]] Result<wire::StateRecord> act(const wire::AlarmAct& act, const wire::WireStamp& now);
    void on_recorded(const wire::StateRecord& record) { life_.book().on_recorded(record); }
    [[nodiscard]] const AlarmBook& book() const { return life_.book(); }
    [[nodiscard]] const RuleSet& rule_set() const { return *rules_; }  // there are some
    [[nodiscard]] std::size_t rules() const { return rules_ ? rules_->rules.size() : 0; }
    [[nodiscard]] std::size_t cells() const { return engine_ ? engine_->cells() : 0; }
    // States of interfaces that there was no room for.
    [[nodiscard]] std::uint64_t states_left_out() const { return states_left_out_; }

  private:
    void keep(const wire::StateRecord& record);
    // What is gone is kept until its alarms have ended.
    void let_go_of_gone();
    // The interface that the alarm is about is gone, or is called otherwise.
    [[nodiscard]] bool is_replaced(const AlarmKey& key) const;
    [[nodiscard]] const char* void_because(const AlarmKey& key, const Rule* rule) const;
    void end_what_is_void(const wire::WireStamp& now);
    [[nodiscard]] bool is_configured(const std::string& device) const;

    AlarmLife life_;
    std::shared_ptr<const RuleSet> rules_;
    bool rules_known_ = false;
    std::unique_ptr<Engine> engine_;
    bool settled_ = false;
    KnownStates states_;
    std::uint64_t states_left_out_ = 0;
    static constexpr std::size_t kManyGone = 1000;
    std::size_t most_gone_ = kManyGone;
    std::set<std::string> devices_;
    bool knows_devices_ = false;
    bool may_let_go_ = false;  // the devices have changed since states were let go of
    std::int64_t swept_mono_ns_ = 0;
};

}  // namespace outstation::alertd
