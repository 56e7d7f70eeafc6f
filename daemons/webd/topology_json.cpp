// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes and links, field by field.
#include "daemons/webd/topology_json.hpp"

#include <algorithm>
#include <set>

namespace outstation::webd {
namespace {

using topology::Link;
using topology::Node;

Json severity_json(const WorstAlarms& alarms, const std::string& device) {
    const auto found = alarms.find(device);
    return found == alarms.end() ? Json(nullptr) : Json(wire::word_of(found->second));
}

Json node_json(const Node& node, const Fleet& fleet, const WorstAlarms& alarms) {
    const DeviceView* device = node.is_polled ? fleet.find(node.id) : nullptr;
    return Json{{"id", clean_text(node.id)},
                {"name", clean_text(node.name)},
                {"class", json_text(node.device_class)},
                {"address", json_text(node.address)},
                {"polled", node.is_polled},
                {"state", device == nullptr ? Json(nullptr) : Json(state_name(device->state))},
                {"since", device == nullptr ? Json(nullptr) : json_time(device->since_ns)},
                {"alarm", severity_json(alarms, node.id)},
                {"layer", topology::layer_name(node.layer)},
                {"parent", json_text(node.parent)},
                {"other_ends", node.other_ends}};
}

Json link_json(const Link& link) {
    Json evidence = Json::array();
    for (const topology::Proof& proof : link.proofs) {
        if (evidence.size() == kMostEvidence) break;
        const Neighbour& said = proof.evidence.neighbour;
        evidence.push_back({{"device", clean_text(proof.reporter)},
                            {"protocol", clean_text(said.protocol)},
                            {"port", json_text(said.local_port)},
                            {"remote_name", json_text(said.remote_name)},
                            {"remote_port", json_text(said.remote_port)},
                            {"remote_id", json_text(said.remote_id)},
                            {"remote_address", json_text(said.remote_address)},
                            {"since", json_time(proof.evidence.since_ns)}});
    }
    return Json{{"a", clean_text(link.a)},
                {"a_port", json_text(link.a_port)},
                {"b", clean_text(link.b)},
                {"b_port", json_text(link.b_port)},
                {"strength", topology::strength_name(link.strength)},
                {"since", json_time(link.since_ns)},
                {"evidence", std::move(evidence)}};
}

}  // namespace

Json topology_json(const topology::Map& map, const Fleet& fleet, const WorstAlarms& alarms,
                   const std::string& device) {
    std::set<std::string> shown;
    Json links = Json::array();
    bool more = false;
    for (const Link& link : map.links) {
        if (!device.empty() && link.a != device && link.b != device) continue;
        more = links.size() == kMostLinks;
        if (more) break;
        links.push_back(link_json(link));
        shown.insert({link.a, link.b});
    }
    Json nodes = Json::array();
    for (const Node& node : map.nodes)
        if (device.empty() || node.id == device || shown.contains(node.id))
            nodes.push_back(node_json(node, fleet, alarms));
    return Json{{"nodes", std::move(nodes)}, {"links", std::move(links)}, {"more", more}};
}

}  // namespace outstation::webd
