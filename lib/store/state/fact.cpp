// SPDX-License-Identifier: GPL-3.0-or-later
// One rule a kind of record.
#include "lib/store/state/fact.hpp"

#include <string_view>
#include <utility>

namespace outstation::store {
namespace {

std::optional<Fact> attribute_of_device(Fact fact) {
    fact.attribute = std::exchange(fact.component, {});
    return fact.attribute.empty() ? std::nullopt : std::optional(std::move(fact));
}

// A state that a device pack knows, by its OID, which is told as the value; or a part, by its name.
std::optional<Fact> state_of_component(Fact fact, const wire::StateRecord& record) {
    if (record.value.empty()) return std::nullopt;
    fact.name = record.component;
    const bool is_part = record.value.starts_with("part:");
    if (is_part) fact.attribute = "part";
    fact.component = is_part ? record.value : "state:" + record.value;
    fact.value = record.kind == "component_gone" ? "" : record.text;
    return fact;
}

// By its key, which is told as the value.
std::optional<Fact> neighbour_of(Fact fact, const wire::StateRecord& record) {
    if (record.value.empty()) return std::nullopt;
    fact.name = record.component;
    fact.component = "neighbour:" + record.value;
    fact.attribute = "neighbour";
    fact.value = record.kind == "neighbour_gone" ? "" : record.text;
    return fact;
}

// By its index, where the record says which that is.
void name_component(Fact& fact, const std::string& index) {
    fact.name = fact.component;
    if (!fact.component.empty() && !index.empty()) fact.component = "interface:" + index;
}

}  // namespace

std::optional<Fact> fact_of(std::uint64_t sequence, const wire::StateRecord& record) {
    Fact fact{record.device, record.component,     "state", record.value,
              record.reason, record.stamp.wall_ns, 0,       sequence};
    const std::string_view kind = record.kind;
    if (kind == "attribute") return attribute_of_device(std::move(fact));
    if (kind.starts_with("component_")) return state_of_component(std::move(fact), record);
    if (kind.starts_with("neighbour_")) return neighbour_of(std::move(fact), record);
    if (kind.starts_with("device_")) fact.component.clear();
    name_component(fact, record.value);
    if (kind.ends_with("_up") || kind.ends_with("_down")) {
        fact.value = kind.ends_with("_up") ? "up" : "down";
    } else if (kind == "interface_name") {
        fact.attribute = "if_name";
        fact.value = record.component;
    } else if (kind == "interface_descr" || kind == "interface_alias") {
        fact.attribute = kind == "interface_descr" ? "if_descr" : "if_alias";
        fact.value = record.text;
    } else if (kind == "interface_gone" && !fact.component.empty()) {
        fact.attribute.clear();
        fact.value.clear();
    } else {
        return std::nullopt;
    }
    return fact;
}

}  // namespace outstation::store
