// SPDX-License-Identifier: GPL-3.0-or-later
// What packs find, as state records.
#include <algorithm>
#include <set>
#include <utility>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/pack_metrics.hpp"
#include "daemons/polld/state_watch.hpp"

namespace outstation::polld {
namespace {

const std::string kPart = "part:";  // before the name of a part, where a state has its OID

bool is_part(const std::string& key) {
    return key.compare(0, kPart.size(), kPart) == 0;
}

// "kind=module; model=X; serial=Y; version=Z": what it does not say is left out.
std::string part_text(const pack::Component& part) {
    const std::pair<const char*, const std::string*> words[] = {
        {"kind", &part.kind}, {"model", &part.model}, {"serial", &part.serial}, {"version", &part.version}};
    std::string out;
    for (const auto& [word, text] : words) {
        std::string clean = clean_text(*text, kMaxLabelBytes);
        std::replace(clean.begin(), clean.end(), ';', ',');
        if (!clean.empty()) out += (out.empty() ? "" : "; ") + std::string(word) + "=" + clean;
    }
    return out;
}

}  // namespace

std::vector<wire::StateRecord> StateWatch::update(const DevicePacks::Found& found,
                                                  const wire::WireStamp& stamp, MonoTime now) {
    stamp_ = stamp;
    out_.clear();
    changes_ = 0;
    if (held_.size() >= kMaxHeld || !packs_budget_.may_tell(now)) return {};
    if (found.is_survey) see_identity(found);
    if (recalled_) see_components(found);
    if (recalled_ && found.has_links) see_neighbours(found);
    if (recalled_ && found.is_survey && found.is_whole) see_parts(found);
    if (spend(packs_budget_)) say("changing_too_often");
    return std::move(out_);
}

// What no pack says in a survey of which nothing failed is not so any more; else it is what it was.
void StateWatch::see_identity(const DevicePacks::Found& found) {
    const pack::Device& device = found.findings.device;
    const std::pair<const char*, const std::string*> words[] = {{"vendor", &device.vendor},
                                                                {"class", &device.kind},
                                                                {"model", &device.model},
                                                                {"version", &device.version},
                                                                {"serial", &device.serial}};
    for (const auto& [word, text] : words)
        if (!text->empty() || (found.is_whole && !told_.attribute(word).empty()))
            say("attribute", word, clean_text(*text, kMaxAttributeBytes));
}

// Of several bits of one OID, which stand side by side, the texts are told together with the worst severity.
void StateWatch::see_components(const DevicePacks::Found& found) {
    std::set<std::string> there;
    const auto& states = found.findings.states;
    for (std::size_t at = 0; at < states.size();) {
        const pack::State& first = states[at];
        std::string text = first.text;
        std::string severity = first.severity;
        for (++at; at < states.size() && states[at].oid == first.oid; ++at) {
            text += ", " + states[at].text;
            if (severity_number(states[at].severity) > severity_number(severity))
                severity = states[at].severity;
        }
        const std::string key = pack::format_oid(first.oid);
        const bool is_known = told_.components().contains(key);
        say(is_known ? "component_changed" : "component_state", clean_text(first.label, kMaxLabelBytes), key,
            severity, clean_text(text, kMaxAttributeBytes));
        there.insert(key);
    }
    if (!found.is_survey || !found.is_whole) return;
    const auto known = told_.components();
    for (const auto& [key, component] : known)
        if (!is_part(key) && !there.contains(key)) say("component_gone", component.name, key);
}

// Those that have a serial number, a model or a version, each by its name, which stays where a part is
// changed.
void StateWatch::see_parts(const DevicePacks::Found& found) {
    std::set<std::string> there;
    for (const pack::Component& part : found.findings.inventory) {
        if (there.size() >= kMaxParts) break;
        if (part.kind == "port" || (part.serial.empty() && part.model.empty() && part.version.empty()))
            continue;
        const std::string name = clean_text(part.name.empty() ? part.label : part.name, kMaxLabelBytes);
        std::string key = kPart + name;
        if (name.empty() || there.contains(key)) key = kPart + name + " " + pack::format_oid(part.oid);
        const bool is_known = told_.components().contains(key);
        say(is_known ? "component_replaced" : "component_part", name, key, {}, part_text(part));
        there.insert(std::move(key));
    }
    const auto known = told_.components();
    for (const auto& [key, component] : known)
        if (is_part(key) && !there.contains(key)) say("component_gone", component.name, key);
}

// One that cannot be told for want of room is left out; what failed to be read says nothing of who is
// missing.
void StateWatch::see_neighbours(const DevicePacks::Found& found) {
    const Neighbours neighbours = neighbours_of(found.findings.links, found.is_whole);
    if (found.is_whole)
        for (const auto& [port, key] : told_.see_missing(neighbours)) say("neighbour_gone", port, key);
    for (const auto& [key, one] : neighbours)
        say("neighbour_seen", one.local_port, key, one.protocol, neighbour_text(one));
}

}  // namespace outstation::polld
