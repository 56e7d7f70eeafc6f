// SPDX-License-Identifier: GPL-3.0-or-later
// The command `verify`.
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

json json_of(const std::vector<VerifyDamage>& lines) {
    json out = json::array();
    for (const VerifyDamage& each : lines) out.push_back(json_of(each));
    return out;
}

void print_json(const VerifyReport& report) {
    json parts = json::array();
    for (const VerifyPart& part : report.parts())
        parts.push_back({{"part", part.name},
                         {"files", part.files},
                         {"records", part.records},
                         {"damaged", part.damaged},
                         {"unknown", part.unknown}});
    const json out = {{"parts", parts},
                      {"damaged", report.damaged()},
                      {"damage", json_of(report.damage())},
                      {"unknown", report.unknown()},
                      {"passed_over", json_of(report.passed_over())}};
    std::cout << out.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
}

void print_lines(const std::vector<VerifyDamage>& lines, std::uint64_t all) {
    for (const VerifyDamage& line : lines) std::cout << line_of(line) << "\n";
    if (all > lines.size()) std::cout << "and " << all - lines.size() << " more\n";
}

void print_table(const VerifyReport& report, bool all) {
    Table table({"PART", "FILES", "RECORDS", "DAMAGED", "UNKNOWN"});
    for (const VerifyPart& part : report.parts())
        table.add({part.name, std::to_string(part.files), std::to_string(part.records),
                   std::to_string(part.damaged), std::to_string(part.unknown)});
    std::cout << table.text();
    if (report.damaged() == 0 && report.unknown() == 0 && all) std::cout << "nothing is damaged\n";
    print_lines(report.damage(), report.damaged());
    print_lines(report.passed_over(), report.unknown());
}

// What fails keeps nothing else from being looked at.
Result<void> look(const std::string& stored, VerifyReport& report) {
    const auto journal = verify_journal(stored + "/journal", report);
    if (!journal) return fail(journal.error());
    const auto history = verify_history(stored + "/history", *journal, report);
    const auto states = verify_states(stored + "/state", report);
    return history ? states : history;
}

}  // namespace

VerifyPart& VerifyReport::part(const std::string& name) {
    const auto it =
        std::find_if(parts_.begin(), parts_.end(), [&](const VerifyPart& part) { return part.name == name; });
    if (it != parts_.end()) return *it;
    parts_.push_back({name, 0, 0, 0, 0});
    return parts_.back();
}

void VerifyReport::add(const std::string& name, VerifyDamage damage) {
    ++part(name).damaged;
    ++damaged_;
    if (damage_.size() < kMostDamageLines) damage_.push_back(std::move(damage));
}

void VerifyReport::pass_over(const std::string& name, const std::string& file, const std::string& why) {
    ++part(name).unknown;
    ++unknown_;
    std::string what = "not looked at: ";
    what += why;
    if (passed_over_.size() < kMostDamageLines)
        passed_over_.push_back({file, "", 0, 0, 0, 0, std::move(what)});
}

int verify(const Target& target) {
    VerifyReport report;
    const auto looked = look(target.state_dir + "/stored", report);
    if (looked || !report.parts().empty()) {
        target.json ? print_json(report) : print_table(report, looked.has_value());
    }
    if (!looked) (void)failed(target, looked.error());
    if (report.damaged() > 0) return kDamaged;
    return looked && report.unknown() == 0 ? kDone : kUsage;
}

}  // namespace outstation::ctl
