// SPDX-License-Identifier: GPL-3.0-or-later
// The differences of discovery at the console.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/discover_commands.hpp"
#include "daemons/ctl/table.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/discovery_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

json side_json(const wire::Candidate& one) {
    if (one.addresses.empty()) return nullptr;
    return {{"addresses", one.addresses},
            {"sys_name", one.sys_name},
            {"model", one.model},
            {"version", one.version},
            {"serial", one.serial}};
}

json difference_json(const wire::Difference& one) {
    return {{"id", one.id},
            {"kind", one.kind},
            {"device", one.device},
            {"differs", one.differs},
            {"before", side_json(one.before)},
            {"now", side_json(one.now)},
            {"found_ns", one.found_ns},
            {"first_seen_ns", one.first_seen_ns},
            {"last_seen_ns", one.last_seen_ns},
            {"ignored", one.ignored}};
}

std::string text_of(const wire::Candidate& one, const std::string& field) {
    if (field == "serial") return one.serial;
    if (field == "model") return one.model;
    if (field == "version") return one.version;
    if (field == "address") return one.addresses.empty() ? std::string() : one.addresses.front();
    return one.sys_name;
}

std::string differs_text(const wire::Difference& one) {
    std::string out;
    for (const std::string& field : one.differs)
        out += (out.empty() ? "" : "; ") + field + " " + text_of(one.before, field) + " -> " +
               text_of(one.now, field);
    return out.empty() ? "-" : runtime::printable(out);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
}

Result<wire::DifferencesReply> ask_differences(const Target& target) {
    return ask<wire::DifferencesReply>(target.run_dir, "polld", wire::DifferencesRequest{});
}

}  // namespace

int list_differences(const Target& target) {
    const auto reply = ask_differences(target);
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        json rows = json::array();
        for (const auto& one : reply->differences) rows.push_back(difference_json(one));
        std::cout << json{{"differences", rows}}.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
        return kDone;
    }
    Table table({"NUMBER", "KIND", "DEVICE", "NAME", "ADDRESS", "DIFFERS", "IGNORED"});
    for (const wire::Difference& one : reply->differences) {
        const wire::Candidate& what = one.kind == "vanished" ? one.before : one.now;
        table.add({std::to_string(one.id), one.kind, one.device.empty() ? "-" : one.device,
                   what.sys_name.empty() ? "-" : runtime::printable(what.sys_name), joined(what.addresses),
                   differs_text(one), one.ignored ? "yes" : "-"});
    }
    std::cout << table.text();
    return kDone;
}

int settle_difference(const Target& target, std::uint64_t id, const std::string& action) {
    const auto reply = ask_differences(target);
    if (!reply) return failed(target, reply.error());
    const auto& all = reply->differences;
    const auto one = std::find_if(all.begin(), all.end(), [id](const auto& each) { return each.id == id; });
    if (one != all.end() && action == "accept" && wire::has_moved(*one)) {
        const wire::MoveDevice move{one->device, one->now.addresses.front(), ""};
        if (const auto moved = ask<wire::Done>(target.run_dir, "confd", move); !moved)
            return failed(target, moved.error());
    }
    const auto settled = ask<wire::Done>(target.run_dir, "polld", wire::SettleDifference{id, action, ""});
    return settled ? done(target, std::to_string(id) + ": " + action) : failed(target, settled.error());
}

}  // namespace outstation::ctl
