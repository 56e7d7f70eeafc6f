// SPDX-License-Identifier: GPL-3.0-or-later
// Of told_states: what was told of neighbours.
#include <set>
#include <tuple>

#include "daemons/polld/told_states.hpp"

namespace outstation::polld {
namespace {

// A port has one cable: who is announced or learned there now is there in place of who was.
bool is_of_a_port(const std::string& protocol) {
    return is_announced(protocol) || protocol == "fdb";
}

}  // namespace

ToldStates::News ToldStates::offer_neighbour(const wire::StateRecord& record) {
    if (record.kind == "neighbour_gone")
        return known_.neighbours.erase(record.value) == 0 ? News::none : News::changed;
    const auto known = known_.neighbours.find(record.value);
    if (known == known_.neighbours.end()) {
        if (known_.neighbours.size() >= kMaxNeighbours) return News::none;
        known_.neighbours.emplace(record.value,
                                  Recalled::Neighbour{record.component, record.reason, record.text, 0});
        return News::first;
    }
    Recalled::Neighbour& one = known->second;
    if (one.port == record.component && one.text == record.text) return News::none;
    one.port = record.component;
    one.text = record.text;
    return News::changed;
}

ToldStates::Gone ToldStates::see_missing(const Neighbours& now) {
    std::set<std::pair<std::string_view, std::string_view>> taken;
    for (const auto& [key, one] : now)
        if (is_of_a_port(one.protocol)) taken.emplace(one.protocol, one.local_port);
    Gone gone;
    for (auto& [key, one] : known_.neighbours) {
        if (now.contains(key)) {
            one.missing = 0;
        } else if (++one.missing >= kMissingLooks || taken.contains({one.protocol, one.port})) {
            gone.emplace_back(one.port, key);
        }
    }
    return gone;
}

// One that is gone is known again, so that the next survey misses it; a change stays a change.
void ToldStates::untell_neighbour(const wire::StateRecord& record) {
    const auto it = known_.neighbours.find(record.value);
    if (record.kind == "neighbour_gone") {
        if (it == known_.neighbours.end())
            known_.neighbours[record.value] = {record.component, record.reason, {}, kMissingLooks - 1};
        return;
    }
    if (it != known_.neighbours.end() && it->second.text == record.text) known_.neighbours.erase(it);
}

}  // namespace outstation::polld
