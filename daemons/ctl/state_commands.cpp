// SPDX-License-Identifier: GPL-3.0-or-later
// search and states.
#include "daemons/ctl/state_commands.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/state_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

json fact_json(const wire::FactRow& fact) {
    json out = {{"device", fact.device},       {"component", fact.component}, {"name", fact.name},
                {"attribute", fact.attribute}, {"value", fact.value},         {"reason", fact.reason},
                {"since_ns", fact.since_ns},   {"sequence", fact.sequence}};
    if (fact.until_ns != 0) out["until_ns"] = fact.until_ns;
    return out;
}

void print(const Target& target, const std::vector<wire::FactRow>& facts) {
    if (target.json) {
        json rows = json::array();
        for (const auto& fact : facts) rows.push_back(fact_json(fact));
        std::cout << json{{"facts", rows}}.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
        return;
    }
    Table table({"DEVICE", "COMPONENT", "ATTRIBUTE", "VALUE", "WHY", "SINCE (UTC)"});
    for (const auto& fact : facts) {
        const auto text = [](const std::string& of) { return of.empty() ? "-" : runtime::printable(of); };
        table.add({text(fact.device), text(fact.name), text(fact.attribute), text(fact.value),
                   text(fact.reason), iso_time(fact.since_ns)});
    }
    std::cout << table.text();
}

void warn_if_behind(const wire::FactsReply& reply) {
    if (reply.behind) std::cerr << "outstation: the newest changes are not in it yet\n";
}

}  // namespace

int search_states(const Target& target, const std::string& words, std::uint32_t limit) {
    const auto reply = ask<wire::FactsReply>(target.run_dir, "stored", wire::SearchRequest{words, limit});
    if (!reply) return failed(target, reply.error());
    warn_if_behind(*reply);
    print(target, reply->facts);
    return kDone;
}

int show_states(const Target& target, const std::string& device, const std::string& at) {
    wire::StatesRequest request;
    request.device = device;
    if (!at.empty()) {
        const auto time = parse_time(at);
        if (!time) return failed(target, time.error());
        request.at_ns = *time;
    }
    auto asker = Asker::connect(target.run_dir, "stored");
    if (!asker) return failed(target, asker.error());
    std::vector<wire::FactRow> facts;
    for (bool more = true; more;) {
        const auto reply = asker->ask<wire::FactsReply>(request);
        if (!reply) return failed(target, reply.error());
        warn_if_behind(*reply);
        facts.insert(facts.end(), reply->facts.begin(), reply->facts.end());
        more = reply->more && !reply->facts.empty();
        if (!more) break;
        request.after_component = facts.back().component;
        request.after_attribute = facts.back().attribute;
    }
    print(target, facts);
    return kDone;
}

}  // namespace outstation::ctl
