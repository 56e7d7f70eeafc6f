// SPDX-License-Identifier: GPL-3.0-or-later
// The command `verify`.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "daemons/ctl/verify.hpp"
#include "lib/runtime/log.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

std::string line_of(const VerifyDamage& damage) {
    std::string out = runtime::printable(damage.file);
    if (damage.first_sequence != 0) {
        out += ", records " + std::to_string(damage.first_sequence);
        out += " to " + std::to_string(damage.last_sequence);
    }
    if (!damage.device.empty()) out += ", of " + runtime::printable(damage.device);
    if (damage.t0_ns != 0 || damage.t1_ns != 0)
        out += ", " + iso_time(damage.t0_ns) + " to " + iso_time(damage.t1_ns);
    return out + ": " + runtime::printable(damage.what);
}

json json_of(const VerifyDamage& damage) {
    json out = {{"file", damage.file}, {"what", damage.what}};
    if (damage.first_sequence != 0) {
        out["first_sequence"] = damage.first_sequence;
        out["last_sequence"] = damage.last_sequence;
    }
    if (!damage.device.empty()) out["device"] = damage.device;
    if (damage.t0_ns != 0 || damage.t1_ns != 0) {
        out["from_ns"] = damage.t0_ns;
        out["to_ns"] = damage.t1_ns;
    }
    return out;
}

void print_json(const VerifyReport& report) {
    json parts = json::array();
    for (const VerifyPart& part : report.parts())
        parts.push_back({{"part", part.name},
                         {"files", part.files},
                         {"records", part.records},
                         {"damaged", part.damaged}});
    json damage = json::array();
    for (const VerifyDamage& each : report.damage()) damage.push_back(json_of(each));
    const json out = {{"parts", parts}, {"damaged", report.damaged()}, {"damage", damage}};
    std::cout << out.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
}

void print_table(const VerifyReport& report) {
    Table table({"PART", "FILES", "RECORDS", "DAMAGED"});
    for (const VerifyPart& part : report.parts())
        table.add({part.name, std::to_string(part.files), std::to_string(part.records),
                   std::to_string(part.damaged)});
    std::cout << table.text();
    if (report.damaged() == 0) std::cout << "nothing is damaged\n";
    for (const VerifyDamage& damage : report.damage()) std::cout << line_of(damage) << "\n";
    if (report.damaged() > report.damage().size())
        std::cout << "and " << report.damaged() - report.damage().size() << " more\n";
}

Result<void> look(const std::string& stored, VerifyReport& report) {
    const auto epochs = verify_journal(stored + "/journal", report);
    if (!epochs) return fail(epochs.error());
    if (access((stored + "/history").c_str(), F_OK) == 0) {
        if (const auto ok = verify_history(stored + "/history", *epochs, report); !ok) return ok;
    }
    return verify_states(stored + "/state/state.db", report);
}

}  // namespace

VerifyPart& VerifyReport::part(const std::string& name) {
    const auto it =
        std::find_if(parts_.begin(), parts_.end(), [&](const VerifyPart& part) { return part.name == name; });
    if (it != parts_.end()) return *it;
    parts_.push_back({name, 0, 0, 0});
    return parts_.back();
}

void VerifyReport::add(const std::string& name, VerifyDamage damage) {
    ++part(name).damaged;
    ++damaged_;
    if (damage_.size() < kMostDamageLines) damage_.push_back(std::move(damage));
}

int verify(const Target& target) {
    VerifyReport report;
    const auto looked = look(target.state_dir + "/stored", report);
    if (!looked) return (void)failed(target, looked.error()), kUsage;
    if (target.json) {
        print_json(report);
    } else {
        print_table(report);
    }
    return report.damaged() == 0 ? kDone : kDamaged;
}

}  // namespace outstation::ctl
