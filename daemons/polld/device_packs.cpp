// SPDX-License-Identifier: GPL-3.0-or-later
// Three stages, and when to begin anew.
#include "daemons/polld/device_packs.hpp"

#include <utility>

#include "daemons/polld/metrics_table.hpp"
#include "drivers/pack/evaluate.hpp"

namespace outstation::polld {
namespace {

const snmp::Cell& scalar_of(const snmp::Cycle& cycle, Scalar scalar) {
    return cycle.scalars[static_cast<std::size_t>(scalar)];
}

std::string text_of(const snmp::Cycle& cycle, Scalar scalar) {
    const snmp::Cell& cell = scalar_of(cycle, scalar);
    return cell.present() && !cell.is_number() ? std::string(cycle.bytes(cell)) : std::string();
}

}  // namespace

std::shared_ptr<const snmp::Plan> DevicePacks::plan(MonoTime now) {
    is_hurried_ = false;
    const bool has_packs = shelf_ != nullptr && !shelf_->cards()->packs.empty();
    if (!has_packs) {
        static const std::shared_ptr<const snmp::Plan> kStandard = standard_plan();
        choices_.clear();
        cards_.reset();
        plan_.reset();
        asked_.reset();
        return kStandard;
    }
    const bool is_old = stage_ != Stage::look && now - looked_ >= kLookAgain;
    if (cards_ != shelf_->cards() || is_old) look_again();
    // One plan for all tries, and for all devices.
    if (!plan_) plan_ = shelf_->plan_to_look();
    const bool is_for_links = stage_ == Stage::measure && links_plan_ && now >= links_due_;
    asked_ = is_for_links ? links_plan_ : plan_;
    return asked_->plan();
}

void DevicePacks::look_again() {
    cards_ = shelf_->cards();
    stage_ = Stage::look;
    tries_ = 0;
    choices_.clear();
    plan_.reset();
    links_plan_.reset();
}

void DevicePacks::forget() {
    stage_ = Stage::look;
    tries_ = 0;
    plan_.reset();
    links_plan_.reset();
    asked_.reset();
    is_hurried_ = false;
    says_.clear();
}

std::optional<DevicePacks::Found> DevicePacks::take(const snmp::Cycle& cycle, MonoTime now) {
    if (!plan_ || !asked_ || !cycle.answered) return std::nullopt;
    const bool changed = has_changed(cycle);
    if (stage_ == Stage::look) {
        take_look(cycle, now);
        return std::nullopt;
    }
    const pack::ValueTable values = asked_->values_of(cycle);
    const bool is_survey = stage_ == Stage::survey;
    Found found{pack::evaluate(choices_, values, is_survey ? pack::Scope::everything : pack::Scope::measured),
                is_survey, asked_->is_whole(cycle), cards_, asked_ == links_plan_};
    if (is_survey) take_survey(cycle, values);
    if (found.has_links) take_links(found.is_whole, now);
    if (changed) look_again();
    return found;
}

void DevicePacks::take_look(const snmp::Cycle& cycle, MonoTime now) {
    if (!plan_->is_whole(cycle) && ++tries_ < kMaxTries) return;
    choices_ = shelf_->choose(plan_->values_of(cycle));
    plan_ = shelf_->plan_to_read(pack::needs_of(choices_, pack::Scope::all_but_links));
    looked_ = now;
    tries_ = 0;
    stage_ = Stage::survey;
    is_hurried_ = true;
}

void DevicePacks::take_survey(const snmp::Cycle& cycle, const pack::Values& values) {
    if (!plan_->is_whole(cycle) && ++tries_ < kMaxTries) return;
    const pack::Needs measured = found_of(pack::needs_of(choices_, pack::Scope::measured), values);
    const pack::Needs links = pack::needs_of(choices_, pack::Scope::links);
    plan_ = shelf_->plan_to_read(measured);
    if (!links.columns.empty()) links_plan_ = shelf_->plan_to_read(pack::both(measured, links));
    links_due_ = MonoTime{};
    is_hurried_ = links_plan_ != nullptr;
    tries_ = 0;
    stage_ = Stage::measure;
}

void DevicePacks::take_links(bool is_whole, MonoTime now) {
    if (!is_whole && ++tries_ < kMaxTries) return;
    links_due_ = now + kLinksAgain;
    tries_ = 0;
}

// What could not be read is what it was.
bool DevicePacks::has_changed(const snmp::Cycle& cycle) {
    if (cycle.scalars_error != snmp::CycleError::none) return false;
    std::string says = text_of(cycle, Scalar::sys_descr) + '\n' + text_of(cycle, Scalar::sys_object_id);
    const snmp::Cell& uptime = scalar_of(cycle, Scalar::sys_uptime);
    const std::uint64_t before = uptime_;
    if (uptime.is_number()) uptime_ = uptime.number;
    const bool was_known = !says_.empty();
    const bool is_other = std::exchange(says_, says) != says;
    return was_known && (is_other || uptime_ < before);
}

}  // namespace outstation::polld
