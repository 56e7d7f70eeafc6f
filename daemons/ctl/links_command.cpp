// SPDX-License-Identifier: GPL-3.0-or-later
// Devices from confd, what they tell from stored, drawn here.
#include "daemons/ctl/links_command.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/neighbour_rows.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

Result<std::vector<topology::Device>> read_devices(const Target& target, const wire::ConfigReply& config) {
    auto stored = Asker::connect(target.run_dir, "stored");
    if (!stored) return fail(stored.error());
    wire::DeviceStatesRequest request;
    request.neighbours = true;
    const auto states = ask_states(*stored, request);
    if (!states) return fail(states.error());
    std::map<std::string, const wire::DeviceStateRow*> rows;
    for (const auto& row : *states) rows[row.device] = &row;
    std::vector<topology::Device> out;
    for (const auto& device : config.devices) {
        const auto row = rows.find(device.id);
        out.push_back(wire::topology_device(device, row == rows.end() ? nullptr : row->second));
    }
    return out;
}

json link_json(const topology::Link& link) {
    json evidence = json::array();
    for (const topology::Proof& proof : link.proofs) {
        const Neighbour& said = proof.evidence.neighbour;
        evidence.push_back({{"device", proof.reporter},
                            {"protocol", said.protocol},
                            {"port", said.local_port},
                            {"remote_name", said.remote_name},
                            {"remote_port", said.remote_port},
                            {"remote_id", said.remote_id},
                            {"remote_address", said.remote_address},
                            {"since_ns", proof.evidence.since_ns}});
    }
    return {{"a", link.a},
            {"a_port", link.a_port},
            {"b", link.b},
            {"b_port", link.b_port},
            {"strength", topology::strength_name(link.strength)},
            {"since_ns", link.since_ns},
            {"evidence", evidence}};
}

// "lldp by core-01, acc-01; fdb by core-01"
std::string evidence_text(const topology::Link& link) {
    std::map<std::string, std::string> by_protocol;
    for (const topology::Proof& proof : link.proofs) {
        std::string& reporters = by_protocol[proof.evidence.neighbour.protocol];
        reporters += (reporters.empty() ? "" : ", ") + proof.reporter;
    }
    std::string out;
    for (const auto& [protocol, reporters] : by_protocol)
        out += (out.empty() ? "" : "; ") + protocol + " by " + reporters;
    return runtime::printable(out);
}

void print(const topology::Map& map, const std::vector<const topology::Link*>& links) {
    std::map<std::string, std::string> names;
    for (const topology::Node& node : map.nodes)
        names[node.id] = node.is_polled ? node.id : node.name + " (not polled)";
    Table table({"NODE", "PORT", "NODE", "PORT", "SURE", "EVIDENCE", "SINCE (UTC)"});
    const auto text = [](const std::string& of) { return of.empty() ? "-" : runtime::printable(of); };
    for (const topology::Link* link : links)
        table.add({text(names[link->a]), text(link->a_port), text(names[link->b]), text(link->b_port),
                   topology::strength_name(link->strength), evidence_text(*link), iso_time(link->since_ns)});
    std::cout << table.text();
}

}  // namespace

int show_links(const Target& target, const std::string& device) {
    const auto config = ask<wire::ConfigReply>(target.run_dir, "confd", wire::ConfigRequest{});
    if (!config) return failed(target, config.error());
    const auto& known = config->devices;
    if (!device.empty() &&
        std::none_of(known.begin(), known.end(), [&](const auto& one) { return one.id == device; }))
        return failed(target, Error{ErrorCode::not_found, "there is no device " + device});
    const auto devices = read_devices(target, *config);
    if (!devices) return failed(target, devices.error());
    const topology::Map map = topology::draw(*devices);
    std::vector<const topology::Link*> links;
    for (const topology::Link& link : map.links)
        if (device.empty() || link.a == device || link.b == device) links.push_back(&link);
    if (!target.json) {
        print(map, links);
        return kDone;
    }
    json rows = json::array();
    for (const topology::Link* link : links) rows.push_back(link_json(*link));
    std::cout << json{{"links", rows}}.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    return kDone;
}

}  // namespace outstation::ctl
