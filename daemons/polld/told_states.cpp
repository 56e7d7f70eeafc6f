// SPDX-License-Identifier: GPL-3.0-or-later
// One comparison a kind of record.
#include "daemons/polld/told_states.hpp"

#include <set>
#include <string_view>

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
    if (record.kind == "interface_gone") return offer_gone(record);
    if (record.kind.starts_with("component_")) return offer_component(record);
    if (record.kind.starts_with("neighbour_")) return offer_neighbour(record);
    if (!record.is_event()) return offer_text(record);
    return News::changed;
}

const std::string& ToldStates::attribute(std::string_view name) const {
    static const std::string kNothing;
    const auto known = known_.attributes.find(name);
    return known == known_.attributes.end() ? kNothing : known->second;
}

ToldStates::News ToldStates::offer_component(const wire::StateRecord& record) {
    if (record.kind == "component_gone")
        return known_.components.erase(record.value) == 0 ? News::none : News::changed;
    const Recalled::Component now{record.component, record.reason, record.text};
    const auto known = known_.components.find(record.value);
    if (known == known_.components.end()) {
        if (known_.components.size() >= kMaxComponents) return News::none;
        known_.components.emplace(record.value, now);
        return News::first;
    }
    if (known->second == now) return News::none;
    known->second = now;
    return News::changed;
}

Recalled::Interface* ToldStates::interface_of(const wire::StateRecord& record) {
    if (known_.interfaces.size() >= kMaxInterfaces && !known_.interfaces.contains(record.value))
        return nullptr;
    return &known_.interfaces[record.value];
}

ToldStates::News ToldStates::offer_interface(const wire::StateRecord& record) {
    Recalled::Interface* known = interface_of(record);
    const bool up = record.kind == "interface_up";
    if (known == nullptr || known->up == up) return News::none;
    known->told = known->up.has_value();
    known->up = up;
    return known->told ? News::changed : News::learnt;
}

std::optional<std::string>& ToldStates::text_of(Recalled::Interface& interface, const std::string& kind) {
    return kind == "interface_name"    ? interface.name
           : kind == "interface_descr" ? interface.descr
                                       : interface.alias;
}

// Where nothing was told, there is no text, and the name is the number.
ToldStates::News ToldStates::offer_text(const wire::StateRecord& record) {
    Recalled::Interface* interface = interface_of(record);
    if (interface == nullptr) return News::none;
    const bool is_name = record.kind == "interface_name";
    const std::string& text = is_name ? record.component : record.text;
    std::optional<std::string>& known = text_of(*interface, record.kind);
    if (known.value_or(is_name ? record.value : "") == text) return News::none;
    const bool first = !known.has_value();
    known = text;
    return first ? News::first : News::changed;
}

ToldStates::News ToldStates::offer_gone(const wire::StateRecord& record) {
    return known_.interfaces.erase(record.value) == 0 ? News::none : News::changed;
}

bool ToldStates::has_texts(const InterfaceState& interface) const {
    static const Recalled::Interface kNothing;
    const auto found = known_.interfaces.find(interface.index);
    const Recalled::Interface& known = found == known_.interfaces.end() ? kNothing : found->second;
    const auto is = [](const std::optional<std::string>& told, const std::string& text,
                       const std::string& untold) { return told ? *told == text : text == untold; };
    return is(known.name, interface.name, interface.index) && is(known.descr, interface.descr, {}) &&
           is(known.alias, interface.alias, {});
}

ToldStates::Gone ToldStates::see_missing(const std::vector<InterfaceState>& now, std::size_t most) {
    std::size_t seen = 0;
    for (const InterfaceState& interface : now) {
        const auto known = known_.interfaces.find(interface.index);
        if (known == known_.interfaces.end()) continue;
        known->second.missing = 0;
        ++seen;
    }
    Gone gone;
    if (seen == known_.interfaces.size()) return gone;
    std::set<std::string_view> there;
    for (const InterfaceState& interface : now) there.insert(interface.index);
    for (auto it = known_.interfaces.begin(); it != known_.interfaces.end();) {
        const auto here = it++;
        Recalled::Interface& interface = here->second;
        if (there.contains(here->first) || ++interface.missing < kMissingPolls) continue;
        if (!interface.anything_told()) {
            known_.interfaces.erase(here);
        } else if (gone.size() < most) {
            gone.emplace_back(interface.name.value_or(here->first), here->first);
        }
    }
    return gone;
}

// A state that has changed again since is told already.
void ToldStates::untell(const wire::StateRecord& record) {
    if (record.kind == "device_up" || record.kind == "device_down") {
        if (known_.up == (record.kind == "device_up")) known_.up.reset();
    } else if (record.kind == "attribute") {
        untell_attribute(record);
    } else if (record.kind.starts_with("interface_")) {
        untell_interface(record);
    } else if (record.kind.starts_with("component_")) {
        untell_component(record);
    } else if (record.kind.starts_with("neighbour_")) {
        untell_neighbour(record);
    }
}

// That it is empty is told again because it is known as a text that nothing has.
void ToldStates::untell_attribute(const wire::StateRecord& record) {
    const auto it = known_.attributes.find(record.component);
    if (it == known_.attributes.end() || it->second != record.value) return;
    if (record.value.empty()) {
        it->second = "\n";
    } else {
        known_.attributes.erase(it);
    }
}

// One that is gone is known again, so that the next survey misses it; a change stays a change.
void ToldStates::untell_component(const wire::StateRecord& record) {
    const auto it = known_.components.find(record.value);
    if (record.kind == "component_gone") {
        if (it == known_.components.end()) known_.components[record.value].name = record.component;
        return;
    }
    if (it == known_.components.end() ||
        it->second != Recalled::Component{record.component, record.reason, record.text})
        return;
    if (record.kind == "component_changed" || record.kind == "component_replaced") {
        it->second.text = it->second.severity = "\n";
    } else {
        known_.components.erase(it);
    }
}

// What is there at the next poll differs from what is known then, and is told.
void ToldStates::untell_interface(const wire::StateRecord& record) {
    const auto it = known_.interfaces.find(record.value);
    if (record.kind == "interface_gone") {
        if (it == known_.interfaces.end()) known_.interfaces[record.value].name = record.component;
        return;
    }
    if (it == known_.interfaces.end()) return;
    if (record.kind == "interface_up" || record.kind == "interface_down") {
        const bool up = record.kind == "interface_up";
        if (it->second.up != up) return;
        it->second.up = !up;
        it->second.told = true;
        return;
    }
    const std::string& text = record.kind == "interface_name" ? record.component : record.text;
    std::optional<std::string>& known = text_of(it->second, record.kind);
    if (known == text) known = text + '\n';  // nothing has such a text
}

void ToldStates::forget_untold() {
    for (auto& [index, interface] : known_.interfaces) {
        if (!interface.told) interface.up.reset();
    }
}

}  // namespace outstation::polld
