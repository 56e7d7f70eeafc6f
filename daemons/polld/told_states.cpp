// SPDX-License-Identifier: GPL-3.0-or-later
// One comparison a kind of record.
#include "daemons/polld/told_states.hpp"

#include <utility>

namespace outstation::polld {

ToldStates::News ToldStates::offer(const wire::StateRecord& record) {
    if (record.kind == "device_up" || record.kind == "device_down") {
        const bool up = record.kind == "device_up";
        return std::exchange(known_.up, up) == up ? News::none : News::changed;
    }
    if (record.kind == "attribute") {
        const auto [it, added] = known_.attributes.try_emplace(record.component);
        if (!added && it->second == record.value) return News::none;
        it->second = record.value;
        return News::changed;
    }
    if (record.kind == "interface_up" || record.kind == "interface_down") return offer_interface(record);
    return News::changed;  // something that happened, not a state
}

ToldStates::News ToldStates::offer_interface(const wire::StateRecord& record) {
    const bool up = record.kind == "interface_up";
    const auto [it, added] = known_.interfaces.try_emplace(record.value);
    if (!added && it->second.up == up) return News::none;
    it->second = {up, !added};
    return added ? News::learnt : News::changed;
}

void ToldStates::forget_untold() {
    std::erase_if(known_.interfaces, [](const auto& entry) { return !entry.second.told; });
}

}  // namespace outstation::polld
