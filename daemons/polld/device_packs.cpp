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
    const bool has_packs = shelf_ != nullptr && !shelf_->library()->packs.empty();
    if (!has_packs) {
        static const std::shared_ptr<const snmp::Plan> kStandard = standard_plan();
        choices_.clear();
        library_.reset();
        plan_.reset();
        return kStandard;
    }
    if (library_ != shelf_->library() || now - looked_ >= kLookAgain) look_again();
    if (stage_ == Stage::look) plan_ = PackPlan::to_look_for(shelf_->probes());
    return plan_->plan();
}

void DevicePacks::look_again() {
    library_ = shelf_->library();
    stage_ = Stage::look;
    tries_ = 0;
    choices_.clear();
}

void DevicePacks::forget() {
    stage_ = Stage::look;
    tries_ = 0;
    is_hurried_ = false;
    says_.clear();
}

std::optional<DevicePacks::Found> DevicePacks::take(const snmp::Cycle& cycle, MonoTime now) {
    if (!plan_ || !cycle.answered) return std::nullopt;
    const bool changed = has_changed(cycle);
    if (stage_ == Stage::look) {
        take_look(cycle, now);
        return std::nullopt;
    }
    const pack::ValueTable values = plan_->values_of(cycle);
    Found found{pack::evaluate(choices_, values), stage_ == Stage::survey, PackPlan::is_whole(cycle)};
    if (stage_ == Stage::survey) take_survey(cycle, values);
    if (changed) look_again();
    return found;
}

void DevicePacks::take_look(const snmp::Cycle& cycle, MonoTime now) {
    if (!PackPlan::is_whole(cycle) && ++tries_ < kMaxTries) return;
    choices_ = pack::choose_packs(*library_, plan_->values_of(cycle));
    plan_ = PackPlan::to_read(pack::needs_of(choices_, pack::Scope::everything));
    looked_ = now;
    tries_ = 0;
    stage_ = Stage::survey;
    is_hurried_ = true;
}

void DevicePacks::take_survey(const snmp::Cycle& cycle, const pack::Values& values) {
    if (!PackPlan::is_whole(cycle) && ++tries_ < kMaxTries) return;
    plan_ = PackPlan::to_read(found_of(pack::needs_of(choices_, pack::Scope::measured), values));
    tries_ = 0;
    stage_ = Stage::measure;
}

bool DevicePacks::has_changed(const snmp::Cycle& cycle) {
    std::string says = text_of(cycle, Scalar::sys_descr) + '\n' + text_of(cycle, Scalar::sys_object_id);
    const snmp::Cell& uptime = scalar_of(cycle, Scalar::sys_uptime);
    const std::uint64_t before = uptime_;
    if (uptime.is_number()) uptime_ = uptime.number;
    const bool was_known = !says_.empty();
    const bool is_other = std::exchange(says_, says) != says;
    return was_known && (is_other || uptime_ < before);
}

}  // namespace outstation::polld
