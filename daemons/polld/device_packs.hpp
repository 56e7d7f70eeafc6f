// SPDX-License-Identifier: GPL-3.0-or-later
// Which packs one device gets, and what is asked for them: at first contact which of what packs probe for is
// there, then all that the matching packs can read, then at each poll of that what changes and is there, and
// now and then who its neighbours are: apart, for tables of what a bridge has learned have no bound. From the
// beginning again once an hour, when the device restarted or says to be another, and when the packs are
// others. A device that no pack matches costs the first look alone. Threads: the loop's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemons/polld/pack_plan.hpp"
#include "daemons/polld/pack_shelf.hpp"
#include "drivers/pack/findings.hpp"
#include "lib/event/loop.hpp"

namespace outstation::polld {

class DevicePacks {
  public:
    static constexpr Duration kLookAgain = std::chrono::hours(1);
    static constexpr Duration kLinksAgain = std::chrono::minutes(15);
    static constexpr unsigned kMaxTries = 3;  // of a look or survey of which a part failed

    // nullptr: without packs. The shelf outlives it.
    explicit DevicePacks(PackShelf* shelf) : shelf_(shelf) {}
    // Of the poll that begins now.
    [[nodiscard]] std::shared_ptr<const snmp::Plan> plan(MonoTime now);
    struct Found {
        pack::Findings findings;
        bool is_survey = false;                          // identity and inventory too
        bool is_whole = false;                           // nothing of it failed
        std::shared_ptr<const pack::Library> library{};  // that they are by
        bool has_links = false;                          // it was asked for its neighbours
    };
    // Nothing: the cycle was not for packs.
    [[nodiscard]] std::optional<Found> take(const snmp::Cycle& cycle, MonoTime now);
    // The next poll is better soon: it is known now what to ask for.
    [[nodiscard]] bool is_hurried() const { return is_hurried_; }
    // It is another target: an address, a credential.
    void forget();
    [[nodiscard]] const std::vector<pack::Choice>& choices() const { return choices_; }
    // What is asked for now; nullptr: what every device is, or it is not known yet.
    [[nodiscard]] const PackPlan* asked() const { return asked_.get(); }

  private:
    enum class Stage : unsigned char { look, survey, measure };
    void look_again();
    void take_look(const snmp::Cycle& cycle, MonoTime now);
    void take_survey(const snmp::Cycle& cycle, const pack::Values& values);
    void take_links(bool is_whole, MonoTime now);
    [[nodiscard]] bool has_changed(const snmp::Cycle& cycle);

    PackShelf* shelf_;
    Stage stage_ = Stage::look;
    bool is_hurried_ = false;  // from the end of a look to the next poll, whatever comes of that
    unsigned tries_ = 0;
    MonoTime looked_;
    std::shared_ptr<const pack::Library> cards_;  // of the shelf as it was looked for
    std::vector<pack::Choice> choices_;
    std::shared_ptr<const PackPlan> plan_;
    std::shared_ptr<const PackPlan> links_plan_;  // what is measured, and neighbours; nullptr: there are none
    std::shared_ptr<const PackPlan> asked_;       // one of the two
    MonoTime links_due_;
    std::string says_;          // sysDescr and sysObjectID
    std::uint64_t uptime_ = 0;  // hundredths of a second
};

}  // namespace outstation::polld
